"""How long there is until a deadline, in words; pure."""

from datetime import datetime, timedelta
from typing import Final

_HOUR: Final = timedelta(hours=1)
_TWO_DAYS: Final = timedelta(days=2)


def countdown(until: datetime, *, now: datetime) -> str:
    """Write "in 10 days", "in 5 hours", "in less than an hour", "has passed"; whole units, rounded down."""
    left = until - now
    if left <= timedelta():
        return "has passed"
    if left < _HOUR:
        return "in less than an hour"
    if left < _TWO_DAYS:
        hours = left // _HOUR
        return "in 1 hour" if hours == 1 else f"in {hours} hours"
    return f"in {left.days} days"
