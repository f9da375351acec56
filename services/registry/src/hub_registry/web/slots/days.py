"""The days of a slot as people type them: a first and a last day, and more days below, one range a line."""

import re
from datetime import date
from typing import Final

from hub_registry.errors import Finding
from hub_registry.imports import cells
from hub_registry.imports.sheet import BadCell
from hub_registry.web.forms import Form
from hub_registry.web.moments import parts_of_day, read_day

_TO: Final = re.compile(r"\s+(?:to|until|-|–)\s+", re.IGNORECASE)


def read_days(form: Form, found: list[Finding]) -> str:
    """Read the days as ``imports.cells.spans`` writes them; what is wrong is added to ``found``."""
    before = len(found)
    first = read_day(form, "first_date", found=found)
    last = read_day(form, "last_date", found=found, needed=False) or first
    if first and last and last < first:
        found.append(Finding("the last day comes before the first", field="last_date", code="impossible_date"))
    lines = [line for line in form.text("more_days").split("\n") if line.strip()]
    more = [span for line in lines if (span := _line(line.strip(), found))]
    if first is None or last is None or len(found) > before:
        return ""
    try:
        return cells.spans(";".join([_span(first, last), *more]))
    except BadCell as bad:
        field = "more_days" if more else "last_date"
        found.append(Finding(bad.message, field=field, code=bad.code))
        return ""


def typed_days(dates: str) -> dict[str, str]:
    """Give what the fields show for a slot's days."""
    first, *more = dates.split(";")
    begin, _, end = first.partition("/")
    return {
        **parts_of_day("first_date", date.fromisoformat(begin)),
        **parts_of_day("last_date", date.fromisoformat(end or begin)),
        "more_days": "\n".join(" to ".join(_british(day) for day in span.split("/")) for span in more),
    }


def _line(line: str, found: list[Finding]) -> str:
    ends = _TO.split(line)
    try:
        if len(ends) > 2:
            raise BadCell("has more than two days", "bad_date")
        days = [cells.day(end.strip()) for end in ends]
    except BadCell as bad:
        message = f"'{cells.shown(line)}': {bad.message}; a range is 5/7/2027 to 9/7/2027"
        found.append(Finding(message, field="more_days", code=bad.code))
        return ""
    return _span(days[0], days[-1])


def _span(first: date, last: date) -> str:
    return str(first) if first == last else f"{first}/{last}"


def _british(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day}/{day.month}/{day.year}"
