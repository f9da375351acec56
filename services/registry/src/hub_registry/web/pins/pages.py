"""Pins of a round: shown with names, set by MIS id and slot reference, taken off."""

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.audit.views import students_seen
from hub_registry.errors import Conflict, Finding, Invalid, NotKnown
from hub_registry.pins import finding, service
from hub_registry.rounds import repository as rounds
from hub_registry.rounds.model import Round, RoundState
from hub_registry.schools import repository as schools
from hub_registry.web.attempt import attempt
from hub_registry.web.forms import Form
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_schemas.ids import RoundId, SlotId, StudentId

router = APIRouter(route_class=PageRoute)
AT_ONCE: Final = 50
TAKES_PINS: Final = (RoundState.OPEN, RoundState.CLOSED, RoundState.PUBLISHED)


@router.get("/rounds/{round_id}/pins")
async def show(request: Request, tx: Tx, me: Coordinator, round_id: UUID, after: UUID | None = None) -> Response:
    """List a round's pins, and ask for another."""
    return await _shown(request, tx, me, await _round(tx, round_id), {}, after=after)


@router.post("/rounds/{round_id}/pins")
async def pin(request: Request, tx: Tx, me: Coordinator, round_id: UUID, form: Sent) -> Response:
    """Fix a student to a slot."""
    round_ = await _round(tx, round_id)
    try:
        student_id, slot_id = await _named(tx, round_, form)
        async with attempt(tx):
            await service.pin(tx, round_.round_id, student_id, slot_id, by=me.staff_id)
    except Invalid as refused:
        return await _shown(request, tx, me, round_, form.values(), refused=refused)
    except (Conflict, NotKnown) as refused:
        said = Invalid(refused.detail, [Finding(refused.detail)])
        return await _shown(request, tx, me, round_, form.values(), refused=said)
    return redirect(request, f"/rounds/{round_id}/pins", said="The student was pinned.")


@router.post("/rounds/{round_id}/pins/{student_id}/remove")
async def unpin(request: Request, tx: Tx, _: Coordinator, round_id: UUID, student_id: UUID, form: Sent) -> Response:
    """Take a pin off."""
    await service.unpin(tx, RoundId(round_id), StudentId(student_id))
    return redirect(request, f"/rounds/{round_id}/pins", said="The pin was taken off.")


async def _round(tx: Tx, round_id: UUID) -> Round:
    return await rounds.load_round(tx.conn, RoundId(round_id))


async def _named(tx: Tx, round_: Round, form: Form) -> tuple[StudentId, SlotId]:
    """Find the student and the slot that the form names; raises Invalid."""
    student_id = await finding.find_student(tx.conn, school_id=form.text("school_id"), mis_id=form.text("mis_id"))
    slot_id = await finding.find_slot(tx.conn, round_.programme_id, form.text("slot_ref"))
    found = []
    if student_id is None:
        found.append(Finding("this school has no student with this MIS id", field="mis_id"))
    if slot_id is None:
        found.append(Finding("the programme offers no slot with this reference", field="slot_ref"))
    if student_id is None or slot_id is None:
        raise Invalid("there is a problem", found)
    return student_id, slot_id


async def _shown(
    request: Request,
    tx: Tx,
    me: Coordinator,
    round_: Round,
    values: dict[str, Any],
    *,
    after: UUID | None = None,
    refused: Invalid | None = None,
) -> Response:
    pins = await finding.load_pins(tx.conn, round_.round_id, after=after, limit=AT_ONCE + 1)
    shown = pins[:AT_ONCE]
    await students_seen(tx, me, [one["student_id"] for one in shown], page="pins")
    return page(
        request,
        "pins/list.html",
        round=round_,
        pins=shown,
        more=shown[-1]["student_id"] if len(pins) > AT_ONCE else None,
        takes_pins=round_.state in TAKES_PINS,
        schools=await schools.load_schools(tx.conn, after="", limit=10_000),
        values=values,
        refused=refused,
    )
