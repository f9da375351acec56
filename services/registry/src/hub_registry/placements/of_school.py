"""SQL about a school's results in the run that stands, a student a row; row-level security hides all others."""

from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_schemas.ids import RunId, SchoolId

PER_PAGE = 50

# Placed is who has a place that stands: one that the employer has withdrawn since is none.
_FROM = """
      FROM (SELECT p.student_id, NULL::text AS reason, bool_or(l.state = 'published') AS placed
              FROM placement p
              JOIN slot l ON l.slot_id = p.slot_id
             WHERE p.run_id = $1 AND p.school_id = $2
             GROUP BY p.student_id
             UNION ALL
            SELECT student_id, reason, false FROM unplaced WHERE run_id = $1 AND school_id = $2) r
      JOIN student s ON s.student_id = r.student_id
     WHERE ($3::boolean IS NULL OR r.placed = $3)
       AND ($4::uuid IS NULL OR r.student_id = $4)
       AND ($5::text = '' OR position(lower($5) IN lower(s.first_name || ' ' || s.last_name)) > 0
            OR lower(s.mis_id) = lower($5))
"""
# The school stands in the last join because the index on explanations begins with it.
_PAGE = f"""
    WITH shown AS (
         SELECT r.student_id, s.mis_id, s.first_name, s.last_name, s.year_group, s.home_postcode, r.reason,
                row_number() OVER (ORDER BY lower(s.last_name), lower(s.first_name), r.student_id) AS place
         {_FROM}
          ORDER BY place
         OFFSET $6
          LIMIT $7)
    SELECT n.student_id, n.mis_id, n.first_name, n.last_name, n.year_group, n.home_postcode, n.reason, x.body
      FROM shown n
      LEFT JOIN explanation x ON x.run_id = $1 AND x.school_id = $2 AND x.student_id = n.student_id
     ORDER BY n.place
"""
_COUNT = f"SELECT count(*)::int AS students, count(*) FILTER (WHERE r.placed)::int AS placed {_FROM}"
_PLACES = """
    SELECT p.student_id, p.rank, p.minutes, p.mode_used, l.slot_id, l.slot_ref, l.title, l.dates, l.postcode, l.mode,
           l.state = 'withdrawn' AS withdrawn,
           e.name AS employer
      FROM placement p
      JOIN slot l ON l.slot_id = p.slot_id
      JOIN employer e ON e.employer_id = p.employer_id
     WHERE p.run_id = $1 AND p.student_id = ANY ($2)
     ORDER BY p.student_id, l.first_date, l.slot_ref
"""


async def load_page(
    conn: Conn,
    run_id: RunId,
    school_id: SchoolId,
    *,
    page: int = 1,
    placed: bool | None = None,
    text: str = "",
    student_id: UUID | None = None,
) -> list[dict[str, Any]]:
    """Read a page of results by name, each with ``places`` (withdrawn ones too) and the explanation's text.

    ``placed`` asks for those with a place that stands, or for all others: unplaced, or withdrawn since.
    """
    first = (page - 1) * PER_PAGE
    rows = await conn.fetch(_PAGE, run_id, school_id, placed, student_id, text, first, PER_PAGE)
    places: dict[UUID, list[dict[str, Any]]] = {}
    for row in await conn.fetch(_PLACES, run_id, [row["student_id"] for row in rows]):
        places.setdefault(row["student_id"], []).append(dict(row))
    return [{**dict(row), "places": places.get(row["student_id"], [])} for row in rows]


async def count(
    conn: Conn, run_id: RunId, school_id: SchoolId, *, placed: bool | None = None, text: str = ""
) -> dict[str, int]:
    """Count the school's students in the result that match, and those among them with a place that stands."""
    row = await conn.fetchrow(_COUNT, run_id, school_id, placed, None, text)
    return dict(row or {})
