"""Staff of the hub, its schools and its employers; for coordinators."""

from datetime import timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from hub_registry import metrics
from hub_registry.access.principal import Role
from hub_registry.api.fields import Email, Name
from hub_registry.errors import AlreadyExists, Finding, Invalid, Stale
from hub_registry.invitations import repository as invited
from hub_registry.invitations import service as invitations
from hub_registry.notices.repository import is_held
from hub_registry.providers.matching import part
from hub_registry.sessions.repository import end_sessions
from hub_registry.settings import Settings
from hub_registry.staff import repository, service
from hub_registry.web.attempt import attempt
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page, redirect
from hub_registry.web.paging import PAGE, Pages
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.signing_in.entering import door_of
from hub_registry.web.stale import differences

router = APIRouter(route_class=PageRoute)
ROLES: Final = {
    "adviser": "Careers adviser of a school",
    "employer": "Employer's contact",
    "hub": "Coordinator of the hub",
    "operator": "Operator of the installation",
}
MOST_PLACES: Final = 20
_LABELS: Final = {"name": "Name", "email": "E-mail address"}
Words = Annotated[str, Query(max_length=200)]


class NewPerson(BaseModel):
    """A member of staff to add."""

    role: Role
    name: Name
    email: Annotated[Email, Field(min_length=3)]
    school_id: str | None = None
    employer_id: UUID | None = None


class Changed(BaseModel):
    """What may change of a member of staff."""

    name: Name
    email: Annotated[Email, Field(min_length=3)]


@router.get("/staff")
async def list_staff(
    request: Request,
    tx: Tx,
    _: Coordinator,
    *,
    role: Words = "",
    q: Words = "",
    number: Annotated[int, Query(alias="page")] = 1,
) -> Response:
    """List staff, by role and words."""
    wanted = role if role in ROLES else None
    found = Pages(await repository.count(tx.conn, role=wanted, words=q.strip()), number)
    rows = await repository.search(tx.conn, role=wanted, words=q.strip(), limit=PAGE, offset=found.offset)
    links = found.links("/staff", {"role": role, "q": q})
    return page(request, "staff/list.html", rows=rows, found=found, links=links, roles=ROLES, role=role, q=q)


@router.get("/staff/new")
async def show_new(request: Request, tx: Tx, _: Coordinator, *, role: Words = "", q: Words = "") -> Response:
    """Offer the form of a new member of staff: first the role, then (for two roles) where they belong."""
    return await _new(request, tx, role=role, words=q, values={})


@router.post("/staff/new")
async def add(request: Request, tx: Tx, _: Coordinator, form: Sent) -> Response:
    """Add a member of staff."""
    try:
        person = form.read(NewPerson)
        async with attempt(tx):
            added = await service.add_staff(tx, **person.model_dump())
    except (Invalid, AlreadyExists) as refused:
        role, words = form.text("role"), form.text("q")
        return await _new(request, tx, role=role, words=words, values=form.values(), refused=_invalid(refused))
    return redirect(request, f"/staff/{added['staff_id']}", said=f"{added['name']} was added. Now send an invitation.")


async def _new(
    request: Request, tx: Tx, *, role: str, words: str, values: dict[str, Any], refused: Invalid | None = None
) -> Response:
    if role not in ROLES:
        return page(request, "staff/role.html", roles=ROLES)
    found = None
    if role == "adviser":
        found = await repository.schools_named(tx.conn, words.strip(), limit=MOST_PLACES + 1)
    elif role == "employer":
        found = await repository.employers_named(tx.conn, words.strip(), limit=MOST_PLACES + 1)
    field = {"adviser": "school_id", "employer": "employer_id"}.get(role)
    return page(
        request,
        "staff/new.html",
        role=role,
        role_words=ROLES[role],
        q=words,
        choices=found[:MOST_PLACES] if found is not None else None,
        more=found is not None and len(found) > MOST_PLACES,
        field=field,
        values=values,
        refused=refused,
    )


@router.get("/staff/{staff_id}")
async def show(request: Request, tx: Tx, _: Coordinator, staff_id: UUID) -> Response:
    """Show one member of staff and how they sign in."""
    return await _show(request, tx, staff_id)


async def _show(
    request: Request, tx: Tx, staff_id: UUID, *, link: str = "", refused: Invalid | None = None
) -> Response:
    settings: Settings = request.app.state.settings
    person = await repository.load_staff(tx.conn, staff_id)
    return page(
        request,
        "staff/show.html",
        person=person,
        signs_in=await repository.signs_in(tx.conn, staff_id),
        invitations=await invited.invitations_of(tx.conn, staff_id),
        roles=ROLES,
        link=link,
        days=settings.invitation_days,
        held=await is_held(tx.conn, person["hub_id"]),
        refused=refused,
    )


@router.get("/staff/{staff_id}/edit")
async def show_change(request: Request, tx: Tx, _: Coordinator, staff_id: UUID) -> Response:
    """Offer name and address for change."""
    person = await repository.load_staff(tx.conn, staff_id)
    return page(request, "staff/edit.html", person=person, values=person, version=person["version"], differing=[])


@router.post("/staff/{staff_id}/edit")
async def change(request: Request, tx: Tx, _: Coordinator, *, staff_id: UUID, form: Sent) -> Response:
    """Change name and address; a new address ends the sessions of the old one."""
    person = await repository.load_staff(tx.conn, staff_id)
    shown: dict[str, Any] = {
        "person": person,
        "values": form.values(),
        "version": form.text("version"),
        "differing": [],
    }
    try:
        changed = form.read(Changed)
        async with attempt(tx):
            await service.change_staff(tx, staff_id, changed.model_dump(), if_match=form.text("version"))
    except Stale:
        shown |= {"version": person["version"], "differing": differences(person, form.values(), _LABELS)}
        return page(request, "staff/edit.html", status=412, **shown)
    except (Invalid, AlreadyExists) as refused:
        return page(request, "staff/edit.html", refused=_invalid(refused), **shown)
    return redirect(request, f"/staff/{staff_id}", said="Saved.")


@router.post("/staff/{staff_id}/active")
async def switch(request: Request, tx: Tx, me: Coordinator, *, staff_id: UUID, form: Sent) -> Response:
    """Let a person in again, or no longer: their sessions, tokens and invitation end with it."""
    await repository.load_staff(tx.conn, staff_id)
    active = form.text("active") == "yes"
    if staff_id == me.staff_id and not active:
        return redirect(request, f"/staff/{staff_id}", said="You can't shut yourself out: ask another coordinator.")
    person = await service.change_staff(tx, staff_id, {"active": active}, if_match=None)
    return redirect(request, f"/staff/{staff_id}", said=f"{person['name']} is {'' if active else 'no longer '}active.")


@router.post("/staff/{staff_id}/sessions/end")
async def end(request: Request, tx: Tx, _: Coordinator, staff_id: UUID) -> Response:
    """End every session of a person."""
    person = await repository.load_staff(tx.conn, staff_id)
    await end_sessions(tx.conn, staff_id)
    return redirect(request, f"/staff/{staff_id}", said=f"{person['name']} is signed out everywhere.")


@router.post("/staff/{staff_id}/provider/part")
async def part_from_provider(request: Request, tx: Tx, me: Coordinator, staff_id: UUID) -> Response:
    """Let the next one with this verified address be them at the provider; who it was until now is signed out."""
    person = await repository.load_staff(tx.conn, staff_id)
    await part(door_of(request), me, email=person["email"])
    said = f"The next time, {person['name']} is known by their address again."
    return redirect(request, f"/staff/{staff_id}", said=said)


@router.post("/staff/{staff_id}/invitation")
async def invite(request: Request, tx: Tx, me: Coordinator, *, staff_id: UUID, form: Sent) -> Response:
    """Send an invitation, or make one and show its link: then the answer is this page, the link being nowhere else."""
    settings: Settings = request.app.state.settings
    lasts, resets_codes = timedelta(days=settings.invitation_days), form.text("resets_codes") == "yes"
    if form.text("way") == "mail":
        if resets_codes:
            return await _show(request, tx, staff_id, refused=_not_by_mail())
        await invitations.invite_by_mail(tx, staff_id, by=me.staff_id, lasts=lasts)
        metrics.INVITATIONS.labels("mailed").inc()
        return redirect(request, f"/staff/{staff_id}", said="The invitation is on its way by e-mail.")
    made = await invitations.invite(tx, staff_id, by=me.staff_id, resets_codes=resets_codes, lasts=lasts)
    metrics.INVITATIONS.labels("made").inc()
    return await _show(request, tx, staff_id, link=made.link(settings.public_url))


@router.post("/staff/{staff_id}/invitation/revoke")
async def revoke(request: Request, tx: Tx, _: Coordinator, staff_id: UUID) -> Response:
    """Make the open invitation useless."""
    await repository.load_staff(tx.conn, staff_id)
    await invited.revoke_open(tx.conn, staff_id)
    metrics.INVITATIONS.labels("withdrawn").inc()
    return redirect(request, f"/staff/{staff_id}", said="The invitation is of no use any more.")


def _not_by_mail() -> Invalid:
    message = "a link that sets up new codes is not sent: make a link and pass it on yourself"
    return Invalid("there is a problem", [Finding(message, field="resets_codes")])


def _invalid(refused: Invalid | AlreadyExists) -> Invalid:
    if isinstance(refused, Invalid):
        return refused
    return Invalid(refused.detail, [Finding(refused.detail, field="email")])
