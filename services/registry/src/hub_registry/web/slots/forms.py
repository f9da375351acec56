"""The three forms of a slot: what and where, when, how many and for whom."""

from collections.abc import Mapping
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from hub_registry.api.fields import Name, Postcode, Sector
from hub_registry.errors import Finding, Invalid
from hub_registry.imports import cells
from hub_registry.imports.sheet import BadCell
from hub_registry.slots.columns import check
from hub_registry.web.forms import Form
from hub_registry.web.slots.days import read_days, typed_days
from hub_registry.web.slots.words import ACCESS, KINDS, LABELS, MODES

STEPS: Final = ("what", "when", "many")
TITLES: Final = {"what": "What and where", "when": "When", "many": "How many and for whom"}
LISTS: Final = ("year_groups", "access_provided")
FIELDS: Final = {
    "what": ("programme_id", "title", "sector", "kind", "mode", "postcode"),
    "when": (
        *(f"{end}-{part}" for end in ("first_date", "last_date") for part in ("day", "month", "year")),
        "more_days",
    ),
    "many": (
        *("capacity", "min_group", "max_per_school", "single_school", "year_groups", "min_age"),
        *("access_provided", "access_other", "reserved"),
    ),
}
"""The fields of each form: what is kept of it, and nothing else that was sent."""


class _What(BaseModel):
    title: Name
    sector: Sector
    kind: Literal["placement", "visit", "talk", "tour"]
    mode: Literal["in_person", "virtual", "hybrid"]
    postcode: Postcode = ""


class _Many(BaseModel):
    capacity: int = Field(ge=1, le=1_000)
    min_group: int | None = Field(default=None, ge=0, le=1_000)
    max_per_school: int | None = Field(default=None, ge=1, le=1_000)
    single_school: bool = False
    year_groups: list[Literal["7", "8", "9", "10", "11", "12", "13"]] = []
    min_age: int | None = Field(default=None, ge=0, le=25)
    access_provided: list[str] = []
    reserved: int = Field(default=0, ge=0, le=1_000)


_NEEDED: Final = {
    "title": "enter a title, such as A week making games",
    "sector": "enter a sector, such as Digital and media",
    "kind": "choose what kind of slot it is",
    "mode": "choose where it takes place",
    "capacity": "enter how many students you can take",
}


def kept(form: Form, step: str) -> dict[str, Any]:
    """Give the fields of a step as they were typed, to keep in a draft."""
    return {name: form.many(name) if name in LISTS else form.text(name)[:5_000] for name in FIELDS[step]}


def of_typed(typed: Mapping[str, Any]) -> Form:
    """Give what a draft keeps as a form, to be read again."""
    return Form({name: value if isinstance(value, list) else [str(value)] for name, value in typed.items()})


def read_step(form: Form, step: str) -> dict[str, Any]:
    """Read one of the forms; raises Invalid."""
    found: list[Finding] = []
    values: dict[str, Any]
    if step == "what":
        values = _model(form, _What, found)
        if values and values["mode"] != "virtual" and not values["postcode"]:
            found.append(Finding("enter the postcode: only what is online has no place", field="postcode"))
    elif step == "when":
        values = {"dates": read_days(form, found)}
    else:
        values = _many(form, found)
    if found:
        raise Invalid("there is a problem", found)
    return values


def read_all(form: Form) -> dict[str, Any]:
    """Read the three forms together; raises Invalid with all that is wrong, also with what does not go together."""
    found: list[Finding] = []
    values: dict[str, Any] = {}
    for step in STEPS:
        try:
            values |= read_step(form, step)
        except Invalid as refused:
            found.extend(refused.findings)
    if not found:
        found = [Finding(one.message, code=one.code, field=one.column) for one in check(values)]
    if found:
        raise Invalid("there is a problem", found)
    return values


def programme_of(form: Form) -> UUID:
    """Read which programme was chosen; raises Invalid."""
    try:
        return UUID(form.text("programme_id"))
    except ValueError:
        raise Invalid("there is a problem", [Finding("choose a programme", field="programme_id")]) from None


def filled(slot: Mapping[str, Any]) -> dict[str, Any]:
    """Give the forms as a stored slot fills them."""
    numbers = ("capacity", "min_group", "max_per_school", "min_age", "reserved")
    tags = slot["access_provided"]
    return {
        **{name: slot[name] for name in ("title", "sector", "kind", "mode", "postcode")},
        **typed_days(slot["dates"]),
        **{name: "" if slot[name] is None else str(slot[name]) for name in numbers},
        "single_school": "yes" if slot["single_school"] else "",
        "year_groups": [str(year) for year in slot["year_groups"]],
        "access_provided": [tag for tag in tags if tag in ACCESS],
        "access_other": ", ".join(tag for tag in tags if tag not in ACCESS),
        "programme_id": str(slot["programme_id"]),
    }


def plain(row: Mapping[str, Any]) -> dict[str, str]:
    """Give each field as one text for people, to show it or to compare what two have written."""
    texts = {}
    for name in LABELS:
        value = row.get(name)
        if isinstance(value, bool):
            texts[name] = "yes" if value else "no"
        elif isinstance(value, list | tuple):
            texts[name] = ", ".join(str(one) for one in value)
        else:
            texts[name] = "" if value is None else str(value)
    texts["kind"] = KINDS[texts["kind"]][0] if texts["kind"] in KINDS else ""
    texts["mode"] = MODES.get(texts["mode"], "")
    return texts


def _many(form: Form, found: list[Finding]) -> dict[str, Any]:
    values = _model(form, _Many, found, lists=LISTS)
    try:
        others = [cells.tag(part.strip()) for part in form.text("access_other").split(",") if part.strip()]
    except BadCell as bad:
        found.append(Finding(bad.message, field="access_other", code=bad.code))
        return values
    if values:
        values["year_groups"] = [int(year) for year in values["year_groups"]]
        ticked = [tag for tag in values["access_provided"] if tag in ACCESS]
        values["access_provided"] = list(dict.fromkeys([*ticked, *others]))[:50]
        if values["reserved"] > values["capacity"]:
            message = f"{values['reserved']} reserved seats of {values['capacity']}: lower one"
            found.append(Finding(message, field="reserved", code="reserved_over_capacity"))
    return values


def _model(form: Form, model: type[BaseModel], found: list[Finding], *, lists: tuple[str, ...] = ()) -> dict[str, Any]:
    try:
        return form.read(model, lists=lists).model_dump()
    except Invalid as refused:
        for one in refused.findings:
            needed = _NEEDED.get(one.field or "") if one.code in {"missing", "literal_error"} else None
            found.append(Finding(needed or one.message, field=one.field, code=one.code))
        return {}
