"""A slot offered again: copied into another programme as a draft, or repeated over weeks."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.errors import Finding, Invalid, ProgrammeNotKnown
from hub_registry.programmes.repository import load_programme
from hub_registry.slots import repository
from hub_registry.slots.drafts import begin_draft
from hub_registry.slots.service import MOST_WEEKS, repeat_slot
from hub_registry.slots.shifting import shifted, weeks_between
from hub_registry.web.attempt import attempt
from hub_registry.web.only import Host
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.slots import forms
from hub_registry.web.slots.wizard import programmes_to_come
from hub_registry.web.words import plural

router = APIRouter(route_class=PageRoute)


@router.get("/slots/{slot_id}/copy")
async def show_copy(request: Request, tx: Tx, _: Host, slot_id: UUID) -> Response:
    """Ask which programme the copy is for."""
    return await _copying(request, tx, await repository.load_slot(tx.conn, slot_id))


@router.post("/slots/{slot_id}/copy")
async def copy(request: Request, tx: Tx, me: Host, slot_id: UUID, form: Sent) -> Response:
    """Make a draft of a slot; its days move with the programme and stay on their days of the week."""
    slot = await repository.load_slot(tx.conn, slot_id)
    try:
        new = await load_programme(tx.conn, forms.programme_of(form))
    except (Invalid, ProgrammeNotKnown):
        refused = Invalid("there is a problem", [Finding("choose a programme", field="programme_id")])
        return await _copying(request, tx, slot, refused=refused)
    old = await load_programme(tx.conn, slot["programme_id"])
    weeks = weeks_between(old["first_date"], new["first_date"])
    typed = forms.filled({**slot, "programme_id": new["programme_id"], "dates": shifted(slot["dates"], weeks=weeks)})
    draft_id = await begin_draft(tx.conn, me, typed)
    return redirect(request, f"/slots/drafts/{draft_id}/when", said="This is a copy in draft. Check its days first.")


@router.get("/slots/{slot_id}/repeat")
async def show_repeat(request: Request, tx: Tx, _: Host, slot_id: UUID) -> Response:
    """Ask over how many weeks a slot is to be repeated."""
    return await _repeating(request, tx, await repository.load_slot(tx.conn, slot_id), {"weeks": "1"})


@router.post("/slots/{slot_id}/repeat")
async def repeat(request: Request, tx: Tx, _: Host, slot_id: UUID, form: Sent) -> Response:
    """Publish a slot for each of the weeks that follow."""
    slot = await repository.load_slot(tx.conn, slot_id)
    typed = form.text("weeks")
    try:
        if not (typed.isascii() and typed.isdecimal() and 1 <= int(typed) <= MOST_WEEKS):
            raise Invalid("there is a problem", [Finding(f"enter a number from 1 to {MOST_WEEKS}", field="weeks")])
        async with attempt(tx):
            made = await repeat_slot(tx, slot_id, weeks=int(typed))
    except Invalid as refused:
        return await _repeating(request, tx, slot, {"weeks": typed}, refused=refused)
    return redirect(request, "/slots", said=f"{plural(made, 'more slot was', 'more slots were')} published.")


async def _copying(request: Request, tx: Tx, slot: dict[str, Any], **more: Any) -> Response:
    return page(request, "slots/copy.html", slot=slot, programmes=await programmes_to_come(tx), values={}, **more)


async def _repeating(request: Request, tx: Tx, slot: dict[str, Any], values: dict[str, str], **more: Any) -> Response:
    programme = await load_programme(tx.conn, slot["programme_id"])
    return page(
        request, "slots/repeat.html", slot=slot, programme=programme, values=values, most_weeks=MOST_WEEKS, **more
    )
