"""What follows from what an employer says of a slot; pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from hub_registry.imports.cells import days_of

PLACEMENT_YEARS: Final = (10, 11)
"""Who may come to a placement that names no year group (Education Act 1996 s.560)."""


def completed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Add what is derived: first and last day, and the year groups of a placement that names none."""
    result = dict(values)
    if "dates" in values:
        result["first_date"], result["last_date"] = days_of(values["dates"])
    if values.get("kind") == "placement" and not values.get("year_groups"):
        result["year_groups"] = list(PLACEMENT_YEARS)
    return result


def outside(values: Mapping[str, Any], *, first: date, last: date) -> date | None:
    """Give a day of the slot that lies outside the programme, if there is one."""
    days: tuple[date, date] = values["first_date"], values["last_date"]
    return next((day for day in days if not first <= day <= last), None)
