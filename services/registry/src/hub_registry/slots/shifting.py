"""A slot's days at another time: repeated over weeks, or taken over from another school year; pure."""

from datetime import date, timedelta
from typing import Final

WEEK: Final = 7


def shifted(dates: str, *, weeks: int) -> str:
    """Move days and ranges by whole weeks, so that each stays the same day of the week.

    Args:
        dates: as ``imports.cells.spans`` writes them: ``2027-06-07/2027-06-11;2027-06-14``.
        weeks: how far; negative is earlier.
    """
    by = timedelta(days=weeks * WEEK)
    return ";".join("/".join(str(date.fromisoformat(end) + by) for end in span.split("/")) for span in dates.split(";"))


def weeks_between(old: date, new: date) -> int:
    """Give the whole weeks nearest to the time between the beginnings of two programmes: 52 or 53 from year to year."""
    return round((new - old).days / WEEK)


def single_days(dates: str) -> list[date]:
    """List every day of what ``imports.cells.spans`` wrote, in order."""
    found: list[date] = []
    for span in dates.split(";"):
        first, _, last = span.partition("/")
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        while day <= end:
            found.append(day)
            day += timedelta(days=1)
    return found
