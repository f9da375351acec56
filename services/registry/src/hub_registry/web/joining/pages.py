"""Register an employer, open to anybody: a form, a mail, a link that confirms the address. It says of nobody that they
are known.
"""

from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from hub_chassis.database import Database
from hub_registry import metrics
from hub_registry.api.fields import Email, Name, Postcode, Sector
from hub_registry.applications import service
from hub_registry.errors import Finding, Invalid, TooManyTries
from hub_registry.postcodes.repository import count_unknown
from hub_registry.web.forms import Form
from hub_registry.web.page import page, redirect
from hub_registry.web.route import OpenPage, Sent, address_of
from hub_registry.web.signing_in.entering import door_of

router = APIRouter(route_class=OpenPage)
TRAP: Final = "website"
"""A field that no person sees: a program that fills in all it finds fills it in too."""
_ASKED: Final = {
    "name": "enter the employer's name",
    "sector": "enter the sector",
    "postcode": "enter the postcode",
    "contact_name": "enter your name",
    "contact_email": "enter your e-mail address",
}


class Applied(BaseModel):
    """What a visitor says of an employer and themselves."""

    name: Name
    sector: Sector
    postcode: Postcode = Field(min_length=1)
    contact_name: Name
    contact_email: Email = Field(min_length=3)


@router.get("/join/{slug}")
async def show_form(request: Request, slug: str) -> Response:
    """Offer the form; 404: there is no such hub, or it takes no applications."""
    hub = await service.hub_of(door_of(request), slug)
    return page(request, "joining/form.html", hub=hub, values={}, trap=TRAP)


@router.post("/join/{slug}")
async def apply(request: Request, slug: str, form: Sent) -> Response:
    """Take the form and have the address written to."""
    door = door_of(request)
    hub = await service.hub_of(door, slug)
    shown: dict[str, Any] = {"hub": hub, "values": form.values(), "trap": TRAP}
    try:
        # Counted before it is read: forms that fail the checks cost us as much.
        await service.count_form(door, address=address_of(request))
        values = await _read(request, form)
        if not form.text(TRAP):
            await service.count_good_form(door, hub)
    except Invalid as refused:
        return page(request, "joining/form.html", refused=refused, **shown)
    except TooManyTries as slow:
        metrics.APPLICATIONS.labels("too_many").inc()
        return page(request, "joining/form.html", refused=Invalid(slow.detail), status=429, **shown)
    if form.text(TRAP):
        metrics.APPLICATIONS.labels("trapped").inc()
    else:
        await service.apply(door, hub, values, form=_known_by(request, form))
        metrics.APPLICATIONS.labels("made").inc()
    return redirect(request, f"/join/{quote(slug)}/sent")


@router.get("/join/{slug}/sent")
async def show_sent(request: Request, slug: str) -> Response:
    """Say that a mail is on its way, and nothing about the address."""
    return page(request, "joining/sent.html", hub=await service.hub_of(door_of(request), slug))


@router.get("/join/{slug}/confirm/{secret}")
async def show_confirm(request: Request, slug: str, secret: str) -> Response:
    """Ask for a click: programs that look at the links of a mail confirm nothing."""
    hub = await service.hub_of(door_of(request), slug)
    application = await service.find(door_of(request), hub, secret)
    return page(request, "joining/confirm.html", hub=hub, application=application)


@router.post("/join/{slug}/confirm/{secret}")
async def confirm(request: Request, slug: str, secret: str) -> Response:
    """Register the employer."""
    hub = await service.hub_of(door_of(request), slug)
    await service.confirm(door_of(request), hub, secret)
    metrics.APPLICATIONS.labels("confirmed").inc()
    return redirect(request, f"/join/{quote(slug)}/confirm/{quote(secret)}")


async def _read(request: Request, form: Form) -> dict[str, str]:
    found = [Finding(words, field=name) for name, words in _ASKED.items() if not form.text(name)]
    values: dict[str, str] = {}
    try:
        values = form.read(Applied).model_dump()
    except Invalid as refused:
        found += [one for one in refused.findings if form.text(one.field or "")]
    if values:
        databases: dict[str, Database] = request.app.state.databases
        async with databases["app"].connection() as conn:
            if await count_unknown(conn, [values["postcode"]]):
                message = "we know no such postcode in the region: check it, or ask the hub"
                found.append(Finding(message, field="postcode"))
    if found:
        raise Invalid("there is a problem", found)
    return values


def _known_by(request: Request, form: Form) -> str:
    """What a form is known by: who has it open, and which one it is."""
    session = getattr(request.state, "session", None)
    whose = session.secret if session else request.state.visit
    return f"{whose} {form.text('request_key')}"
