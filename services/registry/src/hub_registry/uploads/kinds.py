"""What files there are, what each holds and belongs to, and the use case that takes it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal
from hub_registry.employers.columns import EMPLOYERS
from hub_registry.employers.service import import_employers
from hub_registry.imports import Receipt, Received, Sheet
from hub_registry.postcodes.columns import POSTCODES
from hub_registry.postcodes.service import import_postcodes
from hub_registry.schools.columns import SCHOOLS
from hub_registry.schools.service import import_schools
from hub_registry.slots.columns import SLOTS
from hub_registry.slots.service import import_slots
from hub_registry.students.columns import STUDENTS
from hub_registry.students.service import Absent, import_students
from hub_schemas.ids import ProgrammeId, SchoolId

About = Mapping[str, Any]
Take = Callable[[Transaction, Principal, About, Received, bool], Awaitable[Receipt]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file; ``of`` says what it belongs to: "programme", "school" or nothing."""

    title: str
    sheet: Sheet
    take: Take
    of: str = ""


async def _schools(tx: Transaction, me: Principal, _: About, received: Received, preview: bool) -> Receipt:
    return await import_schools(tx, received, by=me.staff_id, preview=preview)


async def _employers(tx: Transaction, me: Principal, _: About, received: Received, preview: bool) -> Receipt:
    today = datetime.now(UTC).date()
    return await import_employers(tx, received, by=me.staff_id, preview=preview, today=today)


async def _slots(tx: Transaction, me: Principal, about: About, received: Received, preview: bool) -> Receipt:
    programme_id = ProgrammeId(UUID(about["programme_id"]))
    return await import_slots(tx, programme_id, received, by=me.staff_id, preview=preview)


async def _postcodes(tx: Transaction, me: Principal, _: About, received: Received, preview: bool) -> Receipt:
    return await import_postcodes(tx, received, by=me.staff_id, preview=preview)


async def _students(tx: Transaction, me: Principal, about: About, received: Received, preview: bool) -> Receipt:
    absent: Absent = "left" if about["absent"] == "left" else "keep"
    school_id, now = SchoolId(about["school_id"]), datetime.now(UTC)
    return await import_students(tx, school_id, received, by=me, preview=preview, absent=absent, at=now)


KINDS: Final[Mapping[str, Kind]] = {
    "schools": Kind("Schools", SCHOOLS, _schools),
    "employers": Kind("Employers", EMPLOYERS, _employers),
    "slots": Kind("Slots", SLOTS, _slots, of="programme"),
    "postcodes": Kind("Postcodes", POSTCODES, _postcodes),
    "students": Kind("Students of a school", STUDENTS, _students, of="school"),
}
