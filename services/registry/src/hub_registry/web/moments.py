"""Days and moments as people type them: day, month and year, and a time of day in Europe/London."""

import re
from datetime import date, datetime, time
from typing import Final

from hub_chassis.saying import LONDON
from hub_registry.errors import Finding
from hub_registry.web.forms import Form

_TIME: Final = re.compile(r"(?P<hour>[0-9]{1,2})(?:[:.]?(?P<minute>[0-9]{2}))?\s*(?P<half>am|pm)?", re.IGNORECASE)
_PARTS: Final = ("day", "month", "year")
_NOON: Final = 12


def parts_of_day(name: str, on: date | None) -> dict[str, str]:
    """Give what the three fields of a day show."""
    return {f"{name}-{part}": str(getattr(on, part)) if on else "" for part in _PARTS}


def parts_of_moment(name: str, at: datetime | None) -> dict[str, str]:
    """Give what the four fields of a moment show."""
    local = at.astimezone(LONDON) if at else None
    return {**parts_of_day(name, local), f"{name}-time": f"{local:%H:%M}" if local else ""}


def read_day(form: Form, name: str, *, found: list[Finding], needed: bool = True) -> date | None:
    """Read a day from its three fields; what is wrong is added to ``found`` and None given."""
    typed = [form.text(f"{name}-{part}") for part in _PARTS]
    if not any(typed) and not needed:
        return None
    try:
        day, month, year = (int(part) for part in typed)
        return date(year, month, day)
    except ValueError:
        found.append(Finding("enter a day that exists, such as 11 6 2027", field=name, code="impossible_date"))
        return None


def read_moment(form: Form, name: str, *, found: list[Finding], needed: bool = True) -> datetime | None:
    """Read a moment in Europe/London from its four fields; what is wrong is added to ``found`` and None given."""
    if not needed and not any(form.text(f"{name}-{part}") for part in (*_PARTS, "time")):
        return None
    on = read_day(form, name, found=found)
    at = _time(form.text(f"{name}-time"))
    if at is None:
        found.append(Finding("enter a time of day, such as 5pm or 17:00", field=f"{name}-time", code="impossible_time"))
    return datetime.combine(on, at, LONDON) if on and at else None


def _time(typed: str) -> time | None:
    match = _TIME.fullmatch(typed.strip())
    if not match:
        return None
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if half := (match["half"] or "").lower():
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if half == "pm" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        return None
