"""Who is coming: students by slot with whom to write to, and a sheet for each day; all of it prints."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal
from hub_registry.audit.views import students_seen
from hub_registry.errors import NotKnown
from hub_registry.hosting import repository
from hub_registry.slots.repository import load_slot
from hub_registry.slots.shifting import single_days
from hub_registry.web.only import Host
from hub_registry.web.page import page
from hub_registry.web.route import PageRoute, Tx
from hub_registry.web.slots import words

router = APIRouter(route_class=PageRoute)


@router.get("/coming")
async def show_coming(request: Request, tx: Tx, _: Host) -> Response:
    """List the slots somebody comes to, and the days."""
    slots = await repository.load_slots_with_students(tx.conn)
    by_day: dict[date, int] = {}
    for slot in slots:
        for day in single_days(slot["dates"]):
            by_day[day] = by_day.get(day, 0) + slot["students"]
    return page(request, "hosting/coming.html", slots=slots, days=sorted(by_day.items()))


@router.get("/coming/days/{day}")
async def show_day(request: Request, tx: Tx, me: Host, day: str) -> Response:
    """Give the sheet of a day: everybody who comes, to be ticked off, and whom to call."""
    on = _day(day)
    slots = [one for one in await repository.load_slots_with_students(tx.conn) if on in single_days(one["dates"])]
    students = await _seen(tx, me, [one["slot_id"] for one in slots])
    by_slot: dict[UUID, list[dict[str, Any]]] = {}
    for one in students:
        by_slot.setdefault(one["slot_id"], []).append(one)
    contacts = await _contacts(tx, students)
    return page(request, "hosting/day.html", on=on, slots=slots, by_slot=by_slot, contacts=contacts, words=words)


@router.get("/coming/{slot_id}")
async def show_slot(request: Request, tx: Tx, me: Host, slot_id: UUID) -> Response:
    """Show who comes to one slot."""
    slot = await load_slot(tx.conn, slot_id)
    students = await _seen(tx, me, [slot_id])
    return page(
        request,
        "hosting/slot.html",
        slot=slot,
        students=students,
        contacts=await _contacts(tx, students),
        days=single_days(slot["dates"]),
        words=words,
    )


async def _seen(tx: Transaction, me: Principal, slot_ids: list[UUID]) -> list[dict[str, Any]]:
    students = await repository.load_students(tx.conn, slot_ids)
    await students_seen(tx, me, {one["student_id"] for one in students}, page="coming")
    return students


async def _contacts(tx: Transaction, students: list[dict[str, Any]]) -> list[tuple[str, list[repository.Contact]]]:
    """Give each school of these students with its advisers, by name."""
    found = await repository.load_contacts(tx.conn)
    schools = {one["school_id"]: one["school"] for one in students}
    return [(name, [one for one in found if one.school_id == urn]) for urn, name in schools.items()]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotKnown("there is no such day") from None
