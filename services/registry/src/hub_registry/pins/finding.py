"""SQL of pins as people name them: a school's MIS id, a programme's slot reference; and pins with those names."""

from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_schemas.ids import ProgrammeId, RoundId, SlotId, StudentId

_STUDENT = "SELECT student_id FROM student WHERE school_id = $1 AND mis_id = $2 AND left_at IS NULL"
_SLOT = "SELECT slot_id FROM slot WHERE programme_id = $1 AND slot_ref = $2 AND state = 'published'"
_PINS = """
    SELECT p.student_id, p.pinned_at, s.first_name, s.last_name, s.mis_id, c.name AS school, l.slot_ref, l.title,
           l.state, w.name AS pinned_by
      FROM pin p
      JOIN student s ON s.student_id = p.student_id
      JOIN school c ON c.hub_id = s.hub_id AND c.school_id = s.school_id
      JOIN slot l ON l.slot_id = p.slot_id
      LEFT JOIN staff w ON w.staff_id = p.pinned_by
     WHERE p.round_id = $1 AND ($2::uuid IS NULL OR p.student_id > $2)
     ORDER BY p.student_id
     LIMIT $3
"""


async def find_student(conn: Conn, *, school_id: str, mis_id: str) -> StudentId | None:
    """Find a student who is at a school; None when the caller knows of none."""
    found: UUID | None = await conn.fetchval(_STUDENT, school_id, mis_id)
    return StudentId(found) if found else None


async def find_slot(conn: Conn, programme_id: ProgrammeId, slot_ref: str) -> SlotId | None:
    """Find a slot that a programme offers."""
    found: UUID | None = await conn.fetchval(_SLOT, programme_id, slot_ref)
    return SlotId(found) if found else None


async def load_pins(conn: Conn, round_id: RoundId, *, after: UUID | None, limit: int) -> list[dict[str, Any]]:
    """Read a round's pins with who and what they are about, by student id."""
    return [dict(row) for row in await conn.fetch(_PINS, round_id, after, limit)]
