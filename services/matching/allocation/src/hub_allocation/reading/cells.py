"""Text to value, one function for each kind of cell; what can't be read raises BadCell: what is wrong, and the cure."""

import calendar
import math
import re
from collections.abc import Callable
from datetime import date

from hub_schemas.tables import BLANKS, SLOT_MODES, TRAVEL_MODES

Days = tuple[tuple[int, int], ...]
"""Closed ranges of proleptic Gregorian ordinals, sorted and merged."""

LONGEST_SLOT_DAYS = 1000


class BadCell(ValueError):
    """A cell that can't be read."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend


def whole(low: int, high: int, *, blank: int | None = None) -> Callable[[str], int]:
    """A reader of whole numbers from ``low`` to ``high``; a blank cell gives ``blank`` or is refused."""
    mend = f"write a whole number from {low} to {high}"

    def read(text: str) -> int:
        if not text:
            if blank is None:
                raise BadCell("is blank", mend)
            return blank
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
            raise BadCell(f"{text!r} is not a whole number", mend)
        value = int(text)
        if not low <= value <= high:
            size = "negative" if value < 0 <= low else "too small" if value < low else "too large"
            raise BadCell(f"{value} is {size}", mend)
        return value

    return read


def text(value: str) -> str:
    """Free text that may not be blank."""
    if not value:
        raise BadCell("is blank", "fill it in")
    return value


def optional_text(value: str) -> str:
    """Free text."""
    return value


def month(value: str) -> int:
    """A month ``YYYY-MM`` as years * 12 + (month - 1)."""
    found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", value)
    if not found or int(found[1]) < 1900:
        raise BadCell(f"{value!r} is not a month" if value else "is blank", "write it as 2011-09")
    return int(found[1]) * 12 + int(found[2]) - 1


def days(value: str) -> Days:
    """Date ranges and single days, ``;``-separated, as merged ranges of ordinals; blank gives none."""
    ranges = []
    for part in _parts(value):
        first, slash, last = part.partition("/")
        start = _day(first.strip(BLANKS))
        end = _day(last.strip(BLANKS)) if slash else start
        if end < start:
            raise BadCell(f"the range {part} ends before it starts", "swap its two dates")
        ranges.append((start, end))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def slot_days(value: str) -> Days:
    """The days a slot takes: at least one."""
    found = days(value)
    if not found:
        raise BadCell("is blank", "write the days as 2027-06-07/2027-06-11 or 2027-06-07;2027-06-09")
    if sum(end - start + 1 for start, end in found) > LONGEST_SLOT_DAYS:
        raise BadCell(f"takes more than {LONGEST_SLOT_DAYS} days", "check the years")
    return found


def travel_modes(value: str) -> int:
    """Means of travel as bits, bit k for the k-th of TRAVEL_MODES."""
    bits = 0
    for part in _parts(value):
        if part not in TRAVEL_MODES:
            raise BadCell(f"{part!r} is not a means of travel", f"use {';'.join(TRAVEL_MODES)}")
        bits |= 1 << TRAVEL_MODES.index(part)
    return bits


def travel_mode(value: str) -> int:
    """One means of travel as its place in TRAVEL_MODES."""
    if value not in TRAVEL_MODES:
        raise BadCell(f"{value!r} is not a means of travel", f"use one of {', '.join(TRAVEL_MODES)}")
    return TRAVEL_MODES.index(value)


def slot_mode(value: str) -> str:
    """How a slot is held."""
    if value not in SLOT_MODES:
        raise BadCell(f"{value!r} is not a mode of a slot", f"use one of {', '.join(SLOT_MODES)}")
    return value


def tags(value: str) -> tuple[str, ...]:
    """``;``-separated words, in order, repeats kept."""
    return tuple(_parts(value))


def year_groups(value: str) -> int:
    """Year groups 7 to 13 as bits, bit 0 for year 7; blank gives all."""
    if not value:
        return 0b1111111
    read = whole(7, 13)
    bits = 0
    for part in _parts(value):
        bits |= 1 << (read(part) - 7)
    return bits


def flag(value: str) -> bool:
    """True or false; blank is false."""
    if value.lower() in ("", "false"):
        return False
    if value.lower() == "true":
        return True
    raise BadCell(f"{value!r} is neither true nor false", "write true or false, or leave it blank")


def degrees(limit: float) -> Callable[[str], float]:
    """A reader of decimal degrees between -limit and limit."""

    def read(value: str) -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not -limit <= number <= limit:
            raise BadCell(f"{value!r} is not in degrees" if value else "is blank", f"write -{limit:g} to {limit:g}")
        return number

    return read


def _parts(value: str) -> list[str]:
    if not value:
        return []
    parts = [part.strip(BLANKS) for part in value.split(";")]
    if not all(parts):
        raise BadCell(f"{value!r} has an empty entry between semicolons", "separate the entries with one ;")
    return parts


def _day(value: str) -> int:
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", value)
    if not found:
        raise BadCell(f"{value!r} is not a date", "write dates as 2027-06-07")
    year, mon, day = int(found[1]), int(found[2]), int(found[3])
    if year < 1900 or not 1 <= mon <= 12 or not 1 <= day <= calendar.monthrange(year, mon)[1]:
        raise BadCell(f"{value} is not a day of the calendar", "correct the date")
    return date(year, mon, day).toordinal()
