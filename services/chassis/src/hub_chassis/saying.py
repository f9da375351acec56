"""Days and moments in words, the same in pages, mails and answers; moments in Europe/London.

A moment without a time zone is refused with ValueError: it would be said in the zone of the machine.
Not strftime: its words depend on the machine's locale.
"""

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NOON: Final = time(12)
_FIRST_HALF: Final = ("January", "February", "March", "April", "May", "June")
MONTHS: Final = (*_FIRST_HALF, "July", "August", "September", "October", "November", "December")


def say_day(on: date | datetime) -> str:
    """Write a day, "11 June 2027"; a moment is taken to Europe/London first."""
    on = _day(on)
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def say_weekday(on: date | datetime) -> str:
    """Write a day with its name, "Friday 11 June 2027"; a moment is taken to Europe/London first."""
    on = _day(on)
    return f"{DAYS[on.weekday()]} {say_day(on)}"


def say_moment(at: datetime) -> str:
    """Write a moment as people in the region read it, "Friday 11 June 2027 at 5:00pm", "at midday", "at midnight"."""
    return f"{say_weekday(at)} at {_clock(at)}"


def say_second(at: datetime) -> str:
    """Write a moment to the second, where several may lie in one minute: "11 June 2027 at 5:00:07pm"."""
    return f"{say_day(at)} at {_clock(at, second=True)}"


def _day(on: date | datetime) -> date:
    return _london(on).date() if isinstance(on, datetime) else on


def _london(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError(f"{at.isoformat()} has no time zone")
    return at.astimezone(LONDON)


def _clock(at: datetime, *, second: bool = False) -> str:
    local = _london(at)
    # 12:00am and 12:00pm are read both ways. A day begins with its midnight.
    whole = local.time().replace(microsecond=0, second=local.second if second else 0)
    if whole in (time.min, _NOON):
        return "midday" if whole == _NOON else "midnight"
    seconds = f":{local.second:02}" if second else ""
    return f"{local.hour % 12 or 12}:{local.minute:02}{seconds}{'am' if local.hour < 12 else 'pm'}"
