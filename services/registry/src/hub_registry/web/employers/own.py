"""An employer's own details: contact, place, insurance; its people."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from hub_registry.api.fields import Email, Name, Postcode, Sector
from hub_registry.employers.repository import load_employer
from hub_registry.employers.service import change_employer
from hub_registry.errors import Finding, Invalid, Stale
from hub_registry.staff.repository import load_colleagues
from hub_registry.web.attempt import attempt
from hub_registry.web.forms import Form
from hub_registry.web.moments import parts_of_day, read_day
from hub_registry.web.only import Host
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.stale import differences

router = APIRouter(route_class=PageRoute)
LABELS: Final = {
    "name": "Name",
    "sector": "Sector",
    "postcode": "Postcode",
    "contact_name": "Contact's name",
    "contact_email": "Contact's e-mail address",
    "insurance_valid_until": "Insurance valid until",
    "max_at_once": "Most students on one day",
}


class Details(BaseModel):
    """What an employer says of itself, but for the day of its insurance."""

    name: Name
    sector: Sector
    postcode: Postcode = Field(min_length=1)
    contact_name: Name
    contact_email: Email = Field(min_length=1)
    max_at_once: int | None = Field(default=None, ge=0, le=100_000)


def read_details(form: Form) -> dict[str, Any]:
    """Read an employer's details; raises Invalid."""
    found: list[Finding] = []
    values: dict[str, Any] = {}
    try:
        values = form.read(Details).model_dump()
    except Invalid as refused:
        found.extend(refused.findings)
    until = read_day(form, "insurance_valid_until", found=found)
    if found:
        raise Invalid("there is a problem", found)
    return {**values, "insurance_valid_until": until}


@router.get("/employer")
async def show_own(request: Request, tx: Tx, me: Host) -> Response:
    """Offer the employer's details as they are, and list its people."""
    row = await load_employer(tx.conn, me.employer_id or UUID(int=0))
    return await _form(request, tx, row, {**_filled(row), "version": row["version"]})


@router.post("/employer")
async def change_own(request: Request, tx: Tx, me: Host, form: Sent) -> Response:
    """Change the details; another day of the insurance takes the hub's word back until it has looked again."""
    row = await load_employer(tx.conn, me.employer_id or UUID(int=0))
    try:
        values = read_details(form)
        if values["insurance_valid_until"] != row["insurance_valid_until"]:
            _must_be_to_come(values)
        async with attempt(tx):
            await change_employer(tx, row["employer_id"], values, if_match=form.text("version"))
    except Invalid as refused:
        return await _form(request, tx, row, form.values(), refused=refused)
    except Stale:
        differing = differences(_plain(row), _plain(values), LABELS)
        again = {**form.values(), "version": row["version"]}
        return await _form(request, tx, row, again, status=409, differing=differing)
    anew = row["verified_at"] and values["insurance_valid_until"] != row["insurance_valid_until"]
    said = "Your details were changed."
    return redirect(request, "/employer", said=f"{said} The hub looks at your new insurance first." if anew else said)


def _must_be_to_come(values: Mapping[str, Any]) -> None:
    if values["insurance_valid_until"] < datetime.now(UTC).date():
        raise Invalid("there is a problem", [Finding("this day is over", field="insurance_valid_until")])


def _filled(row: Mapping[str, Any]) -> dict[str, str]:
    return {**_plain(row), **parts_of_day("insurance_valid_until", row["insurance_valid_until"])}


def _plain(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: "" if row[name] is None else str(row[name]) for name in LABELS}


async def _form(request: Request, tx: Tx, employer: dict[str, Any], values: dict[str, Any], **more: Any) -> Response:
    people = await load_colleagues(tx.conn, employer["employer_id"])
    return page(request, "employers/own.html", employer=employer, values=values, people=people, **more)
