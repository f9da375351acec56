"""An employer's slots: list, one, change, withdraw."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from hub_registry.employers.repository import load_employer
from hub_registry.errors import Conflict, Finding, Invalid, Stale
from hub_registry.programmes.repository import load_programme
from hub_registry.slots import repository, service
from hub_registry.slots.drafts import list_drafts
from hub_registry.slots.reach import load_reach, load_schools_coming
from hub_registry.web.attempt import attempt
from hub_registry.web.only import Host
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.slots import forms, words
from hub_registry.web.slots.listing import PER_PAGE, lines, lines_of
from hub_registry.web.stale import differences

router = APIRouter(route_class=PageRoute)
Number = Annotated[int, Query(alias="page", ge=1, le=10_000)]


@router.get("/slots")
async def show_slots(request: Request, tx: Tx, me: Host, number: Number = 1) -> Response:
    """List the employer's slots, with drafts first."""
    employer = await load_employer(tx.conn, me.employer_id or UUID(int=0))
    total = await repository.count_own_slots(tx.conn)
    found = await repository.load_own_slots(tx.conn, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    return page(
        request,
        "slots/list.html",
        lines=await lines_of(tx.conn, found, verified=employer["verified_at"] is not None),
        drafts=await list_drafts(tx.conn) if number == 1 else [],
        total=total,
        number=number,
        pages=max(1, -(-total // PER_PAGE)),
        employer=employer,
    )


@router.get("/slots/{slot_id}")
async def show_slot(request: Request, tx: Tx, me: Host, slot_id: UUID) -> Response:
    """Show one slot, how far along it is, and what can be done with it."""
    slot = await repository.load_slot(tx.conn, slot_id)
    employer = await load_employer(tx.conn, me.employer_id or UUID(int=0))
    reach = await load_reach(tx.conn)
    [line] = lines([slot], asked=reach.asked, coming=reach.coming, verified=employer["verified_at"] is not None)
    programme = await load_programme(tx.conn, slot["programme_id"])
    return page(request, "slots/show.html", slot=slot, line=line, programme=programme, words=words)


@router.get("/slots/{slot_id}/edit")
async def show_change(request: Request, tx: Tx, _: Host, slot_id: UUID) -> Response:
    """Offer the forms of a slot as it is, on one page."""
    slot = await _open_slot(tx, slot_id)
    return _form(request, {**forms.filled(slot), "version": slot["version"]}, slot)


@router.post("/slots/{slot_id}/edit")
async def change(request: Request, tx: Tx, _: Host, slot_id: UUID, form: Sent) -> Response:
    """Change a published slot; if somebody else did meanwhile, show both."""
    slot = await _open_slot(tx, slot_id)
    sent = _as_sent(form)
    try:
        values = forms.read_all(form)
        async with attempt(tx):
            await service.change_slot(tx, slot_id, values, if_match=form.text("version"))
    except Invalid as refused:
        return _form(request, sent, slot, refused=of_fields(refused))
    except Stale:
        differing = differences(forms.plain(slot), forms.plain(values), words.LABELS)
        return _form(request, {**sent, "version": slot["version"]}, slot, status=409, differing=differing)
    return redirect(request, f"/slots/{slot_id}", said="The slot was changed.")


@router.get("/slots/{slot_id}/withdraw")
async def show_withdraw(request: Request, tx: Tx, _: Host, slot_id: UUID) -> Response:
    """Show whom it affects before a slot is withdrawn."""
    return await _withdrawing(request, tx, slot_id)


@router.post("/slots/{slot_id}/withdraw")
async def withdraw(request: Request, tx: Tx, _: Host, slot_id: UUID, form: Sent) -> Response:
    """Withdraw a slot for a coded reason."""
    await repository.load_slot(tx.conn, slot_id)
    reason = form.text("reason")
    if reason not in words.WITHDRAWN:
        refused = Invalid("there is a problem", [Finding("choose why you withdraw it", field="reason")])
        return await _withdrawing(request, tx, slot_id, refused=refused)
    await service.withdraw_slot(tx, slot_id, reason=reason)
    return redirect(request, f"/slots/{slot_id}", said="The slot was withdrawn. The hub sees your reason.")


async def _withdrawing(request: Request, tx: Tx, slot_id: UUID, **more: Any) -> Response:
    slot = await _open_slot(tx, slot_id)
    reach = await load_reach(tx.conn)
    return page(
        request,
        "slots/withdraw.html",
        slot=slot,
        asked=words.asked_words(reach.asked.get(slot_id)),
        coming=reach.coming.get(slot_id, 0),
        schools=await load_schools_coming(tx.conn, slot_id),
        reasons=words.WITHDRAWN,
        **more,
    )


async def _open_slot(tx: Tx, slot_id: UUID) -> dict[str, Any]:
    slot = await repository.load_slot(tx.conn, slot_id)
    if slot["state"] == "withdrawn":
        raise Conflict("the slot is withdrawn: copy it to offer it anew")
    return slot


def of_fields(refused: Invalid) -> Invalid:
    """Give what is wrong with a slot's days at the field that the form has for them."""
    found = [
        Finding(one.message, code=one.code, field="first_date" if one.field == "dates" else one.field)
        for one in refused.findings
    ]
    return Invalid(refused.detail, found)


def _as_sent(form: Sent) -> dict[str, Any]:
    return {**form.values(), **{name: form.many(name) for name in forms.LISTS}}


def _form(request: Request, values: dict[str, Any], slot: dict[str, Any], **more: Any) -> Response:
    return page(request, "slots/edit.html", values=values, slot=slot, words=words, **more)
