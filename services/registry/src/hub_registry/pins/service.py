"""Use cases of pins."""

from dataclasses import dataclass
from datetime import UTC, datetime

from hub_chassis.transaction import Transaction
from hub_registry.errors import PinNotKnown, SlotNotKnown, StudentNotKnown
from hub_registry.pins import repository
from hub_registry.preferences import repository as preferences
from hub_registry.rounds import repository as rounds
from hub_schemas.ids import RoundId, SlotId, StaffId, StudentId


@dataclass(frozen=True, slots=True)
class Pin:
    """A student who is to have this slot, ranked or not."""

    student_id: StudentId
    slot_id: SlotId
    pinned_at: datetime


async def pin(tx: Transaction, round_id: RoundId, student_id: StudentId, slot_id: SlotId, *, by: StaffId) -> Pin:
    """Fix a student to a slot; after closing, from the next frozen input on.

    Raises:
        RoundNotOpen: the round is a draft, settled or cancelled.
        StudentNotKnown, SlotNotKnown: the round has no such student, or no such slot.
    """
    round_ = await rounds.hold_round(tx.conn, round_id)
    school_id = await preferences.load_school_of(tx.conn, round_, student_id)
    if school_id is None:
        raise StudentNotKnown("there is no such student in the year groups of this round's programme")
    if not await preferences.load_slot_ids(tx.conn, round_, [slot_id]):
        raise SlotNotKnown("the programme has no such published slot")
    round_.check_takes_pins()
    pinned = Pin(student_id, slot_id, datetime.now(UTC))
    await repository.save_pin(
        tx.conn, round_, student_id, slot_id=slot_id, school_id=school_id, by=by, at=pinned.pinned_at
    )
    return pinned


async def unpin(tx: Transaction, round_id: RoundId, student_id: StudentId) -> None:
    """Take a pin off; after closing, from the next frozen input on. Raises RoundNotOpen, PinNotKnown."""
    round_ = await rounds.hold_round(tx.conn, round_id)
    round_.check_takes_pins()
    if not await repository.drop_pin(tx.conn, round_id, student_id):
        raise PinNotKnown("this student is not pinned in this round")


async def list_pins(tx: Transaction, round_id: RoundId, *, after: StudentId | None, limit: int) -> list[Pin]:
    """Read a round's pins by student; raises RoundNotKnown."""
    await rounds.load_round(tx.conn, round_id)
    rows = await repository.load_pins(tx.conn, round_id, after=after, limit=limit)
    return [Pin(StudentId(row[0]), SlotId(row[1]), row[2]) for row in rows]
