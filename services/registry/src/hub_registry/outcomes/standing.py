"""The allocation that stands in a round, as the hub reads it: by school and employer, in pages or whole as a file."""

from typing import Any

from hub_chassis.database import Conn
from hub_schemas.ids import RunId

Row = dict[str, Any]

COLUMNS = (
    "school_id", "school", "mis_id", "first_name", "last_name", "slot_ref", "title", "employer", "dates", "rank",
    "minutes", "mode_used",
)  # fmt: skip
_ROWS = """
    SELECT p.student_id, p.school_id, c.name AS school, s.mis_id, s.first_name, s.last_name, l.slot_ref, l.title,
           e.name AS employer, l.dates, p.rank, p.minutes, p.mode_used, count(*) OVER ()::int AS total
      FROM placement p
      JOIN student s ON s.student_id = p.student_id
      JOIN school c ON c.hub_id = p.hub_id AND c.school_id = p.school_id
      JOIN slot l ON l.slot_id = p.slot_id
      JOIN employer e ON e.employer_id = p.employer_id
     WHERE p.run_id = $1 AND ($2 = '' OR p.school_id = $2) AND ($3 = '' OR position(lower($3) IN lower(e.name)) > 0)
     ORDER BY c.name, s.last_name, s.first_name, p.student_id, l.slot_ref
     LIMIT $4 OFFSET $5
"""
_SCHOOLS = """
    SELECT c.school_id, c.name, count(*)::int AS placements
      FROM placement p
      JOIN school c ON c.hub_id = p.hub_id AND c.school_id = p.school_id
     WHERE p.run_id = $1
     GROUP BY c.school_id, c.name
     ORDER BY c.name, c.school_id
"""


async def list_placements(
    conn: Conn, run_id: RunId, *, school_id: str, employer: str, limit: int | None = None, offset: int = 0
) -> list[Row]:
    """Read placements by school, then student; ``employer`` is part of a name, ``total`` how many there are."""
    return [dict(row) for row in await conn.fetch(_ROWS, run_id, school_id, employer, limit, offset)]


async def list_schools(conn: Conn, run_id: RunId) -> list[Row]:
    """Read the schools whose students are placed, with how many placements."""
    return [dict(row) for row in await conn.fetch(_SCHOOLS, run_id)]
