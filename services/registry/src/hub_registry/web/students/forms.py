"""The form of one student, and how a stored student stands in it."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, ConfigDict, Field

from hub_registry.api.fields import Ref, Sector, Tag
from hub_registry.api.students import Mode, StudentFields
from hub_registry.errors import Finding, Invalid
from hub_registry.imports import cells
from hub_registry.imports.sheet import BadCell, Parser
from hub_registry.students.columns import STUDENTS
from hub_registry.students.vocabulary import Vocabulary
from hub_registry.web.forms import Form
from hub_registry.web.slots.words import access_words
from hub_registry.web.students.fields import LISTS, TYPED, gathered, sent_stretches, typed_stretches
from hub_registry.web.words import days, plain


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
    """What a person fills in, its parts put together by ``fields.gathered``."""

    model_config = ConfigDict(extra="ignore")

    date_of_birth: Annotated[date, _by(cells.day)]
    year_group: Annotated[int, _by(cells.year_group)]
    max_travel_minutes: Annotated[int | None, _by(cells.whole(0, 600))] = None
    access_needs: list[Tag] = Field(default=[], max_length=50)
    interests: list[Sector] = Field(default=[], max_length=50)
    past_sectors: list[Sector] = Field(default=[], max_length=50)
    excluded_employers: list[Ref] = Field(default=[], max_length=50)
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


_NEEDED: Final[Mapping[str, str]] = {
    "first_name": "enter a first name",
    "last_name": "enter a last name",
    "mis_id": "enter the id in the school's information system",
    "date_of_birth": "enter a date of birth, such as 3/11/2011",
    "year_group": "enter a year group, 7 to 13",
    "travel_modes": "choose at least one way to travel",
}


def read(form: Form, known: Vocabulary, stored: Mapping[str, Any] | None) -> dict[str, Any]:
    """Read a student's fields; raises Invalid, with every finding naming its field."""
    found: list[Finding] = []
    values: dict[str, Any] = {}
    try:
        values = gathered(form, known, stored, found).read(StudentForm, lists=LISTS).model_dump()
    except Invalid as refused:
        found = [*(_named(one) for one in refused.findings), *found]
    if not found:
        found = [Finding(one.message, code=one.code, field=one.column) for one in STUDENTS.check(values)]
    if found:
        raise Invalid("there is a problem", found)
    return values


def typed(student: Mapping[str, Any], known: Vocabulary) -> dict[str, Any]:
    """Give what the form's fields show for a stored student."""
    return {
        **{name: student[name] if name in LISTS else _text(student[name]) for name in LABELS},
        "excluded_employers": [known.label(ref) for ref in student["excluded_employers"]],
        **typed_stretches(student["available"]),
    }


def sent(form: Form) -> dict[str, Any]:
    """Give what was filled in, to show it again."""
    simple = {name: form.text(name) for name in (*LABELS, *TYPED)}
    return {**simple, **{name: form.many(name) for name in LISTS}, **sent_stretches(form)}


def filled(student: Mapping[str, Any], known: Vocabulary) -> dict[str, Any]:
    """Give a student's fields as texts for people."""
    return {
        **{name: _text(student[name]) for name in LABELS},
        "available": days(student["available"]),
        "travel_modes": ", ".join(plain(mode) for mode in student["travel_modes"]),
        "access_needs": "; ".join(access_words(tag) for tag in student["access_needs"]),
        "excluded_employers": "; ".join(known.label(ref) for ref in student["excluded_employers"]),
    }


def _named(one: Finding) -> Finding:
    """Let a finding name its field: the list on top of a page must say which it is."""
    name = one.field or ""
    if name in _NEEDED and (one.code == "missing" or name == "travel_modes"):
        return Finding(_NEEDED[name], field=name, code=one.code)
    label = LABELS.get(name)
    return Finding(f"{label}: {one.message}" if label else one.message, field=one.field, code=one.code)


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
