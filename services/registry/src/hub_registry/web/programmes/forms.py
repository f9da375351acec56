"""The form of a programme."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, Field

from hub_registry.api.fields import Name
from hub_registry.errors import Finding, Invalid
from hub_registry.priority.model import DEFAULT_SUPPORT_POINTS
from hub_registry.web.forms import Form
from hub_registry.web.moments import parts_of_day, read_day

NEEDS: Final = {
    "free_school_meals": "Free school meals",
    "sen_support": "SEN support",
    "ehc_plan": "Education, health and care plan",
}
"""Support needs that count in the priority formula, in the words of the form."""
LABELS: Final = {
    "name": "Name",
    "school_year": "School year",
    "first_date": "First day",
    "last_date": "Last day",
    "year_groups": "Year groups",
    "default_max_travel_minutes": "Travel limit in minutes",
    **{f"points_{need}": f"Points for: {words}" for need, words in NEEDS.items()},
}
_DAYS: Final = ("first_date", "last_date")

YEARS: Final = frozenset(str(year) for year in range(7, 14))
MOST_POINTS: Final = 1000


def _school_year(text: str) -> str:
    if not re.fullmatch("20[0-9]{2}/[0-9]{2}", text):
        raise ValueError("enter two years, such as 2026/27")
    return text


def blank() -> dict[str, Any]:
    """Give the form of a new programme."""
    points = {f"points_{need}": str(DEFAULT_SUPPORT_POINTS[need]) for need in NEEDS}
    return {"year_groups": ["10", "11"], "default_max_travel_minutes": "60", **points}


def filled(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give the form as a stored programme fills it."""
    days = {field: text for name in _DAYS for field, text in parts_of_day(name, row[name]).items()}
    return {**days, **plain(row), "year_groups": [str(year) for year in row["year_groups"]]}


def plain(row: Mapping[str, Any]) -> dict[str, str]:
    """Give each field as one text, to compare what two people wrote."""
    points = {f"points_{need}": str(row["support_points"].get(need, 0)) for need in NEEDS}
    years = ", ".join(map(str, row["year_groups"]))
    return {**{name: str(row[name]) for name in LABELS if name in row}, "year_groups": years, **points}


def read(form: Form, *, stored_points: Mapping[str, int]) -> dict[str, Any]:
    """Read a programme; points for needs that the form doesn't have stay as they are. Raises Invalid."""
    found: list[Finding] = []
    values: dict[str, Any] = {}
    try:
        values = form.read(_Fields).model_dump()
    except Invalid as refused:
        found.extend(refused.findings)
    days = {name: read_day(form, name, found=found) for name in _DAYS}
    years = [int(year) for year in form.many("year_groups") if year in YEARS]
    if not years:
        found.append(Finding("tick at least one year group", field="year_groups"))
    points = {need: _points(form, f"points_{need}", found) for need in NEEDS}
    if found:
        raise Invalid("there is a problem", found)
    return {**values, **days, "year_groups": years, "support_points": {**stored_points, **points}}


class _Fields(BaseModel):
    """The fields that are one text each."""

    name: Name
    school_year: Annotated[str, AfterValidator(_school_year)]
    default_max_travel_minutes: int = Field(ge=1, le=600)


def _points(form: Form, name: str, found: list[Finding]) -> int:
    typed = form.text(name) or "0"
    if typed.isdecimal() and int(typed) <= 1000:
        return int(typed)
    found.append(Finding("enter a whole number from 0 to 1000", field=name))
    return 0
