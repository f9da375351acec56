"""All SQL about pins."""

from datetime import datetime
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.rounds.model import Round
from hub_schemas.ids import RoundId, SchoolId, SlotId, StaffId, StudentId

_SAVE = """
    INSERT INTO pin (round_id, hub_id, school_id, student_id, slot_id, pinned_by, pinned_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (round_id, student_id) DO UPDATE
       SET slot_id = excluded.slot_id, pinned_by = excluded.pinned_by, pinned_at = excluded.pinned_at
"""
_DROP = "DELETE FROM pin WHERE round_id = $1 AND student_id = $2 RETURNING student_id"
_LIST = """
    SELECT student_id, slot_id, pinned_at
      FROM pin
     WHERE round_id = $1 AND ($2::uuid IS NULL OR student_id > $2)
     ORDER BY student_id
     LIMIT $3
"""


async def save_pin(
    conn: Conn,
    round_: Round,
    student_id: StudentId,
    *,
    slot_id: SlotId,
    school_id: SchoolId,
    by: StaffId,
    at: datetime,
) -> None:
    """Write a pin, in the place of the student's earlier one."""
    await conn.execute(_SAVE, round_.round_id, round_.hub_id, school_id, student_id, slot_id, by, at)


async def drop_pin(conn: Conn, round_id: RoundId, student_id: StudentId) -> bool:
    """Delete a pin; False when there was none."""
    return await conn.fetchval(_DROP, round_id, student_id) is not None


async def load_pins(
    conn: Conn, round_id: RoundId, *, after: StudentId | None, limit: int
) -> list[tuple[UUID, UUID, datetime]]:
    """Read (student, slot, when), by student."""
    return [(row[0], row[1], row[2]) for row in await conn.fetch(_LIST, round_id, after, limit)]
