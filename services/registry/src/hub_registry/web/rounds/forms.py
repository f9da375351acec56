"""The form of a round's name and timetable."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel

from hub_registry.api.fields import Name
from hub_registry.errors import Finding, Invalid
from hub_registry.rounds.model import Round
from hub_registry.web.forms import Form
from hub_registry.web.moments import parts_of_moment, read_moment
from hub_registry.web.words import moment

LABELS: Final = {"name": "Name", "opens_at": "Opens by itself", "closes_at": "Deadline"}
CANCEL_REASONS: Final = {
    "too_few_slots": "There are too few slots",
    "dates_changed": "The days no longer suit",
    "made_by_mistake": "It was made by mistake",
    "replaced": "Another round takes its place",
    "other": "Another reason",
}
"""Coded reasons of a cancellation, in words."""


def filled(round_: Round) -> dict[str, Any]:
    """Give the form as a stored draft fills it."""
    times = {**parts_of_moment("opens_at", round_.opens_at), **parts_of_moment("closes_at", round_.closes_at)}
    return {"name": round_.name, "version": round_.version, **times}


def plain(values: Mapping[str, Any]) -> dict[str, str]:
    """Give each field as one text, to compare what two people wrote."""
    return {name: moment(one) if isinstance(one := values[name], datetime) else one or "" for name in LABELS}


def read(form: Form) -> dict[str, Any]:
    """Read name and timetable; raises Invalid."""
    found: list[Finding] = []
    try:
        name = form.read(_Named).name
    except Invalid as refused:
        found.extend(refused.findings)
    opens_at = read_moment(form, "opens_at", found=found, needed=False)
    closes_at = read_moment(form, "closes_at", found=found)
    if found:
        raise Invalid("there is a problem", found)
    return {"name": name, "opens_at": opens_at, "closes_at": closes_at}


class _Named(BaseModel):
    """The rules of a name."""

    name: Name
