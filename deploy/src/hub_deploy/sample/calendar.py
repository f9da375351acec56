"""The dates of the sample programme: six weeks of June and July 2027, Mondays to Fridays."""

from collections.abc import Iterable
from datetime import date, timedelta

from hub_deploy.sample.model import DateSpan

PROGRAMME = DateSpan(date(2027, 6, 7), date(2027, 7, 16))
WEEKS = 6
_YEAR_10_STARTS = 2011  # 1 September; Year 10 of school year 2026/27


def weekday(week: int, day: int) -> date:
    """Give a day of the programme: week 0 to 5, day 0 (Monday) to 4 (Friday)."""
    return PROGRAMME.first + timedelta(weeks=week, days=day)


def days(spans: Iterable[DateSpan]) -> int:
    """Write spans as bits, one a day from the programme's first; days outside the programme are left out."""
    bits = 0
    for span in spans:
        first = max((span.first - PROGRAMME.first).days, 0)
        last = min((span.last - PROGRAMME.first).days, (PROGRAMME.last - PROGRAMME.first).days)
        for day in range(first, last + 1):
            bits |= 1 << day
    return bits


WHOLE_PROGRAMME = days([PROGRAMME])


def birth_date(year_group: int, share: float) -> date:
    """Give the day that lies a share (0 to 1) into the birth year of a year group, which starts on 1 September."""
    first = date(_YEAR_10_STARTS + 10 - year_group, 9, 1)
    return first + timedelta(days=int(share * 365))
