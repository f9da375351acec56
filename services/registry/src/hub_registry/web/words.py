"""How pages write figures, times and names of states; filters of the templates."""

from datetime import date, datetime
from typing import Final

from hub_chassis.saying import MONTHS, say_day, say_moment, say_weekday

_TEENS: Final = range(11, 14)


def ordinal(number: int) -> str:
    """Write 1st, 2nd, 3rd, 11th."""
    ending = "th" if number % 100 in _TEENS else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def moment(at: datetime | None) -> str:
    """Write a moment as people in the region read it: "Friday 11 June 2027 at 5:00pm"; nothing of None."""
    return say_moment(at) if at else ""


def day(on: date | None) -> str:
    """Write a day: "11 June 2027"."""
    return say_day(on) if on else ""


def weekday(on: date | None) -> str:
    """Write a day with its name: "Friday 11 June 2027"."""
    return say_weekday(on) if on else ""


def days(dates: str) -> str:
    """Write a slot's dates ("2027-06-07/2027-06-11;2027-06-14") for people: "7 to 11 June 2027, 14 June 2027"."""
    return ", ".join(_span(part) for part in dates.split(";") if part)


def _span(part: str) -> str:
    first_text, _, last_text = part.partition("/")
    first = date.fromisoformat(first_text)
    last = date.fromisoformat(last_text) if last_text else first
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day(last)}"
    return f"{first.day} {MONTHS[first.month - 1]}{'' if first.year == last.year else f' {first.year}'} to {day(last)}"


def whole(number: int | float) -> str:
    """Write a whole number with thousands marked."""
    return f"{number:,.0f}"


def percent(share: float) -> str:
    """Write a share (0 to 1) as a percentage."""
    return f"{share * 100:.1f}%"


def plain(code: str) -> str:
    """Write a code as words: ``public_transport`` is "public transport"."""
    return code.replace("_", " ")


def plural(number: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun: "1 student", "2 students"."""
    return f"{whole(number)} {one if number == 1 else many or one + 's'}"


FILTERS: Final = {
    "ordinal": ordinal,
    "moment": moment,
    "day": day,
    "weekday": weekday,
    "days": days,
    "whole": whole,
    "percent": percent,
    "plain": plain,
    "plural": plural,
}
