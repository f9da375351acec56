"""Parsers of cells: each takes stripped text that is not empty and gives a value, or says how to mend it."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from itertools import pairwise
from typing import Any, Final

from hub_chassis.saying import MONTHS
from hub_registry.imports.sheet import BadCell

_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?)\s*([0-9][A-Z]{2})")
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")
_UPN = re.compile(r"[A-Z][0-9]{11}[0-9A-Z]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Also what turns the direction of all that follows; names written from right to left need none of it."""
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_BRITISH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_NAMED = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3})[ -](\d{4})")
_MIDNIGHT = re.compile(r"[ T]00:00(:00)?$")
_MONTHS: Final = {name[:3].casefold(): number for number, name in enumerate(MONTHS, start=1)}
_YES: Final = frozenset({"yes", "y", "true", "t", "1"})
_NO: Final = frozenset({"no", "n", "false", "f", "0"})
_MOST_SPANS: Final = 100


def text(*, most: int = 200) -> Callable[[str], str]:
    """One line of text; runs of blanks become one."""

    def parse(cell: str) -> str:
        value = " ".join(cell.split())
        if len(value) > most:
            raise BadCell(f"has {len(value)} characters; at most {most} are kept: shorten it", "too_long")
        if _CONTROL.search(value):
            raise BadCell("has a control character: delete it", "control_character")
        return value

    return parse


def matching(pattern: str, hint: str) -> Callable[[str], str]:
    """Text that a regular expression describes; ``hint`` says what it should look like."""
    compiled = re.compile(pattern)

    def parse(cell: str) -> str:
        if not compiled.fullmatch(cell):
            raise BadCell(f"'{shown(cell)}' is not {hint}")
        return cell

    return parse


def choice(*allowed: str) -> Callable[[str], str]:
    """One of a few words; letter case does not matter."""
    by_folded = {word.casefold(): word for word in allowed}

    def parse(cell: str) -> str:
        found = by_folded.get(cell.casefold())
        if found is None:
            raise BadCell(f"'{shown(cell)}' is not one of {', '.join(allowed)}")
        return found

    return parse


def translated(words: Mapping[str, str], *allowed: str) -> Callable[[str], str]:
    """One of a few codes, or what other systems write for one (in small letters); letter case does not matter."""
    code = choice(*allowed)

    def parse(cell: str) -> str:
        return words.get(" ".join(cell.casefold().split())) or code(cell)

    return parse


def yes_no(cell: str) -> bool:
    """Yes or no, in the usual spellings."""
    folded = cell.casefold()
    if folded in _YES:
        return True
    if folded in _NO:
        return False
    raise BadCell(f"'{shown(cell)}' is neither yes nor no")


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number, both bounds included."""

    def parse(cell: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,9}", cell):
            raise BadCell(f"'{shown(cell)}' is not a whole number")
        value = int(cell)
        if value < 0 <= low:
            raise BadCell(f"{value} is negative; the least is {low}", "negative")
        if not low <= value <= high:
            raise BadCell(f"{value} is not between {low} and {high}")
        return value

    return parse


def decimal(low: float, high: float) -> Callable[[str], float]:
    """A decimal number with a point, both bounds included."""

    def parse(cell: str) -> float:
        if not re.fullmatch(r"[+-]?[0-9]{1,9}(\.[0-9]{1,15})?", cell):
            raise BadCell(f"'{shown(cell)}' is not a number such as 53.40121")
        value = float(cell)
        if not low <= value <= high:
            raise BadCell(f"{cell} is not between {low} and {high}")
        return value

    return parse


def day(cell: str) -> date:
    """A day, as 2027-06-07 or, the British way, 07/06/2027 or 7 Jun 2027; midnight behind it says nothing more."""
    written = _MIDNIGHT.sub("", cell)
    british, named = _BRITISH.fullmatch(written), _NAMED.fullmatch(written)
    month = _MONTHS.get(named[2].casefold()) if named else None
    if not british and not month and not _ISO.fullmatch(written):
        raise BadCell(f"'{shown(cell)}' is not a date: write 2027-06-07 or 07/06/2027", "bad_date")
    try:
        if british:
            return date(int(british[3]), int(british[2]), int(british[1]))
        if named and month:
            return date(int(named[3]), month, int(named[1]))
        return date.fromisoformat(written)
    except ValueError:
        raise BadCell(f"there is no day {cell}", "impossible_date") from None


def spans(cell: str) -> str:
    """Days and ranges of days, ``2027-06-07/2027-06-11;2027-07-05``, in order; gives them written so."""
    found = sorted({_span(part) for part in _parts(cell)})
    if len(found) > _MOST_SPANS:
        raise BadCell(f"has {len(found)} ranges; at most {_MOST_SPANS} are taken")
    for (_, last), (first, _) in pairwise(found):
        if first <= last:
            raise BadCell(f"its ranges overlap at {first}: name each day once", "impossible_date")
    return ";".join(str(a) if a == b else f"{a}/{b}" for a, b in found)


def days_of(written: str) -> tuple[date, date]:
    """Give the first and the last day of what ``spans`` wrote."""
    days = [date.fromisoformat(part) for part in re.split("[;/]", written)]
    return days[0], days[-1]


def _span(part: str) -> tuple[date, date]:
    # A British date has slashes of its own, so a range of those is not taken apart.
    ends = [part] if _BRITISH.fullmatch(part) else part.split("/")
    if len(ends) > 2:
        raise BadCell(f"'{shown(part)}' is not a range such as 2027-06-07/2027-06-11", "bad_date")
    first, last = day(ends[0].strip()), day(ends[-1].strip())
    if last < first:
        raise BadCell(f"the range {part} ends before it begins", "impossible_date")
    if (last - first).days > 366:
        raise BadCell(f"the range {part} is longer than a year", "impossible_date")
    return first, last


def postcode(cell: str) -> str:
    """A British postcode, written as the Post Office does: ``L1 8JQ``."""
    found = _POSTCODE.fullmatch(cell.upper())
    if not found:
        raise BadCell(f"'{shown(cell)}' is not a postcode such as L1 8JQ", "bad_postcode")
    return f"{found[1]} {found[2]}"


def email(cell: str) -> str:
    """An e-mail address."""
    if len(cell) > 254 or not _EMAIL.fullmatch(cell):
        raise BadCell(f"'{shown(cell)}' is not an e-mail address", "bad_email")
    return cell


def upn(cell: str) -> str:
    """A unique pupil number: a letter, eleven digits, and a digit or (temporary) a letter."""
    value = cell.upper()
    if not _UPN.fullmatch(value):
        raise BadCell(f"'{shown(cell)}' is not a UPN: a letter and twelve digits (or eleven and a letter)", "bad_upn")
    return value


def several(one: Callable[[str], Any], *, most: int = 50) -> Callable[[str], list[Any]]:
    """A list separated by ``;``: each part once, in the given order."""

    def parse(cell: str) -> list[Any]:
        values = list(dict.fromkeys(one(part) for part in _parts(cell)))
        if len(values) > most:
            raise BadCell(f"has {len(values)} parts; at most {most} are taken")
        return values

    return parse


def tag(cell: str) -> str:
    """An access tag: small letters, digits, ``_`` and ``-``; blanks become ``_``."""
    value = re.sub(r"\s+", "_", cell.lower())
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", value):
        raise BadCell(f"'{shown(cell)}' is not a tag such as step_free")
    return value


def year_group(cell: str) -> int:
    """A year group, ``10`` or ``Year 10``."""
    return whole(7, 13)(re.sub(r"(?i)^(year|yr|y)\s*", "", cell))


def shown(cell: str) -> str:
    """Give a cell as an error shows it: short, without control characters."""
    clean = _CONTROL.sub("?", cell)
    return clean if len(clean) <= 40 else f"{clean[:37]}..."


def _parts(cell: str) -> Iterable[str]:
    return [part for raw in cell.split(";") if (part := raw.strip())]
