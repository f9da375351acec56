"""The form of one student, and how a stored student stands in it."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, ConfigDict, Field

from hub_registry.api.fields import Ref, Sector, Tag
from hub_registry.api.students import Mode, StudentFields
from hub_registry.imports import cells
from hub_registry.imports.sheet import BadCell, Parser


def _parts(value: Any) -> Any:
    return (
        [part.strip() for part in value.replace("\n", ";").split(";") if part.strip()]
        if isinstance(value, str)
        else value
    )


def _by(parser: Parser) -> BeforeValidator:
    def check(value: Any) -> Any:
        try:
            return parser(value) if isinstance(value, str) else value
        except BadCell as bad:
            raise ValueError(bad.message) from None

    return BeforeValidator(check)


def _several(value: Any) -> Any:
    if not value:
        raise ValueError("choose at least one way to travel")
    return value


class StudentForm(StudentFields):
    """What a person fills in: lists are texts separated by semicolons or lines."""

    model_config = ConfigDict(extra="ignore")

    date_of_birth: Annotated[date, _by(cells.day)]
    year_group: Annotated[int, _by(cells.year_group)]
    max_travel_minutes: Annotated[int | None, _by(cells.whole(0, 600))] = None
    access_needs: Annotated[list[Tag], BeforeValidator(_parts)] = Field(default=[])
    interests: Annotated[list[Sector], BeforeValidator(_parts)] = Field(default=[])
    past_sectors: Annotated[list[Sector], BeforeValidator(_parts)] = Field(default=[])
    excluded_employers: Annotated[list[Ref], BeforeValidator(_parts)] = Field(default=[])
    travel_modes: Annotated[list[Mode], BeforeValidator(_several)]


LABELS: Final[Mapping[str, str]] = {
    "first_name": "First name",
    "last_name": "Last name",
    "mis_id": "Id in the school's information system",
    "upn": "Unique pupil number (UPN)",
    "date_of_birth": "Date of birth",
    "year_group": "Year group",
    "gender": "Gender",
    "home_postcode": "Home postcode",
    "email": "School e-mail address",
    "travel_modes": "Ways to travel",
    "max_travel_minutes": "Longest journey, one way",
    "available": "Days available",
    "access_needs": "Access needs",
    "interests": "Sectors of interest",
    "past_sectors": "Sectors experienced before",
    "excluded_employers": "Employers never to be matched with",
    "companion_mis_id": "Must have the same slot as",
    "free_school_meals": "Free school meals",
    "send_status": "SEND status",
    "consent": "Parent's consent",
}


def filled(student: Mapping[str, Any]) -> dict[str, Any]:
    """Give a stored student's fields as the form has them."""
    return {name: _text(student[name]) for name in LABELS}


def _text(value: Any) -> Any:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return "; ".join(map(str, value))
        case date():
            return f"{value.day}/{value.month}/{value.year}"
    return str(value)
