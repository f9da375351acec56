"""A travel time that somebody doubts: the estimate, and the time that an adviser puts in its place."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal
from hub_registry.errors import Invalid, RoundNotOpen, SlotNotKnown
from hub_registry.rounds.model import Round
from hub_registry.slots.repository import load_slot
from hub_registry.travel import service
from hub_registry.web.only import Adviser
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.students.school import rounds_of, student_of

router = APIRouter(route_class=PageRoute, prefix="/students/{student_id}/slots/{slot_id}/travel")

FIELDS: Final = ("mode", "minutes", "reason")


@router.get("")
async def show_travel(request: Request, tx: Tx, me: Adviser, student_id: UUID, slot_id: UUID) -> Response:
    """Show how long the journey is estimated to take, and the form to say otherwise."""
    student, slot, round_ = await _about(tx, me, student_id, slot_id)
    trip = await service.trip_of(tx, round_, student, _destination(slot))
    return page(request, "travel/override.html", student=student, slot=slot, trip=trip, values={})


@router.post("")
async def change_travel(
    *, request: Request, tx: Tx, me: Adviser, student_id: UUID, slot_id: UUID, form: Sent
) -> Response:
    """Keep the time with its reason, or take the school's own back."""
    student, slot, round_ = await _about(tx, me, student_id, slot_id)
    round_.check_takes_preferences(at=datetime.now(UTC))
    trip = await service.trip_of(tx, round_, student, _destination(slot))
    back = f"/students/{student_id}/slots?show=all&q={slot['slot_ref']}"
    if form.text("do") == "back":
        await service.take_back(tx, student, trip)
        return redirect(request, back, said="The estimate stands again.")
    values = {name: form.text(name) for name in FIELDS}
    try:
        await service.override(tx, student, trip, values, by=me.staff_id, at=datetime.now(UTC))
    except Invalid as refused:
        context: dict[str, Any] = {"student": student, "slot": slot, "trip": trip, "values": values}
        return page(request, "travel/override.html", refused=refused, **context)
    return redirect(request, back, said="The travel time is kept, with your reason.")


async def _about(
    tx: Transaction, me: Principal, student_id: UUID, slot_id: UUID
) -> tuple[dict[str, Any], dict[str, Any], Round]:
    student = await student_of(tx, me, student_id, on="choices")
    slot = await load_slot(tx.conn, slot_id)
    round_ = (await rounds_of(tx)).current
    if round_ is None:
        raise RoundNotOpen("no round is open yet")
    if slot["programme_id"] != round_.programme_id:
        raise SlotNotKnown("there is no such slot in this round")
    return student, slot, round_


def _destination(slot: dict[str, Any]) -> str:
    return "" if slot["mode"] == "virtual" else str(slot["postcode"])
