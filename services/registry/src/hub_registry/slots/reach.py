"""How far along an employer's slots are: asked for in bands before publication, students coming after it; all SQL."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn

_ASKED = "SELECT slot_id, max(at_least) AS at_least FROM slots_asked() GROUP BY slot_id ORDER BY slot_id"
_COMING = """
    SELECT h.slot_id, count(DISTINCT h.student_id)::int AS students
      FROM hosted_student h
      JOIN slot l ON l.slot_id = h.slot_id AND l.state = 'published'
     GROUP BY h.slot_id
     ORDER BY h.slot_id
"""
_BY_SCHOOL = """
    SELECT h.school_id, c.name AS school, count(DISTINCT h.student_id)::int AS students
      FROM hosted_student h
      JOIN school c ON c.school_id = h.school_id
     WHERE h.slot_id = $1
     GROUP BY h.school_id, c.name
     ORDER BY c.name, h.school_id
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """By slot: the lower end of the band of those who ask for it (rounds in hand), and students coming (published).

    Nobody comes to a slot that was withdrawn.
    """

    asked: dict[UUID, int] = field(default_factory=dict)
    coming: dict[UUID, int] = field(default_factory=dict)


async def load_reach(conn: Conn) -> Reach:
    """Read how far along the slots of the caller's employer are."""
    asked = {row["slot_id"]: row["at_least"] for row in await conn.fetch(_ASKED)}
    coming = {row["slot_id"]: row["students"] for row in await conn.fetch(_COMING)}
    return Reach(asked, coming)


async def load_schools_coming(conn: Conn, slot_id: UUID) -> list[dict[str, Any]]:
    """Count a slot's students by school, in published rounds."""
    return [dict(row) for row in await conn.fetch(_BY_SCHOOL, slot_id)]
