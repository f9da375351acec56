"""SQL of the figures that pictures show; row-level security decides whose placements are counted."""

from collections.abc import Sequence

from hub_chassis.database import Conn
from hub_schemas.ids import EmployerId, RoundId, RunId

_BY_MINUTE = """
    SELECT mode_used, minutes, count(*)::int AS placements
      FROM placement
     WHERE run_id = $1
     GROUP BY mode_used, minutes
     ORDER BY mode_used, minutes
"""
_FLOW = """
      WITH best AS (
           SELECT DISTINCT ON (student_id) student_id, slot_id, rank
             FROM placement
            WHERE run_id = $1
            ORDER BY student_id, rank NULLS LAST, slot_id),
           first_choice AS (
           SELECT DISTINCT ON (student_id) student_id, slot_id
             FROM preference
            WHERE round_id = (SELECT round_id FROM run WHERE run_id = $1) AND rank = 1
            ORDER BY student_id, slot_id)
    SELECT l.sector, p.rank, p.slot_id IS NOT NULL AS placed, count(*)::int AS students
      FROM (SELECT student_id, slot_id, rank FROM best
             UNION ALL
            SELECT student_id, NULL, NULL FROM unplaced
             WHERE run_id = $1 AND NOT EXISTS (SELECT FROM best b WHERE b.student_id = unplaced.student_id)) p
      LEFT JOIN first_choice f ON f.student_id = p.student_id
      LEFT JOIN slot l ON l.slot_id = f.slot_id
     GROUP BY l.sector, p.rank, p.slot_id IS NOT NULL
     ORDER BY l.sector, p.rank, p.slot_id IS NOT NULL
"""

_SEATS = """
    SELECT l.sector, l.dates, sum(l.capacity)::int AS seats, sum(coalesce(u.used, 0))::int AS used
      FROM slot l
      JOIN round r ON r.programme_id = l.programme_id
      JOIN run n ON n.run_id = $1 AND n.round_id = r.round_id
      LEFT JOIN (SELECT slot_id, count(*) AS used FROM placement WHERE run_id = $1 GROUP BY slot_id) u
        ON u.slot_id = l.slot_id
     WHERE l.state = 'published' OR u.used > 0
     GROUP BY l.sector, l.dates
     ORDER BY l.sector, l.dates
"""
# Employers of one name are told apart by the hub's reference, which the name of each line ends with.
_EMPLOYER_SEATS = """
    SELECT concat(e.name, ' (', e.employer_ref, ')') AS employer, l.dates, sum(l.capacity)::int AS seats,
           sum(coalesce(u.used, 0))::int AS used
      FROM slot l
      JOIN employer e ON e.employer_id = l.employer_id
      JOIN round r ON r.programme_id = l.programme_id
      JOIN run n ON n.run_id = $1 AND n.round_id = r.round_id
      LEFT JOIN (SELECT slot_id, count(*) AS used FROM placement WHERE run_id = $1 GROUP BY slot_id) u
        ON u.slot_id = l.slot_id
     WHERE l.employer_id = ANY ($2) AND (l.state = 'published' OR u.used > 0)
     GROUP BY e.employer_id, l.dates
     ORDER BY 1, l.dates
"""
_EMPLOYERS = """
    SELECT e.employer_id, count(*) OVER ()::int AS total
      FROM employer e
      JOIN (SELECT l.employer_id, sum(coalesce(u.used, 0)) AS used
              FROM slot l
              JOIN round r ON r.programme_id = l.programme_id
              JOIN run n ON n.run_id = $1 AND n.round_id = r.round_id
              LEFT JOIN (SELECT slot_id, count(*) AS used FROM placement WHERE run_id = $1 GROUP BY slot_id) u
                ON u.slot_id = l.slot_id
             WHERE l.state = 'published' OR u.used > 0
             GROUP BY l.employer_id) s ON s.employer_id = e.employer_id
     WHERE $2 = '' OR e.name ILIKE $2 OR e.employer_ref ILIKE $2
     ORDER BY s.used DESC, e.name, e.employer_id
     LIMIT $3 OFFSET $4
"""
_AREAS = """
    SELECT split_part(l.postcode, ' ', 1) AS area, avg(p.lat) AS lat, avg(p.lon) AS lon,
           sum(l.capacity)::int AS seats, sum(coalesce(u.used, 0))::int AS used
      FROM slot l
      JOIN round r ON r.programme_id = l.programme_id
      JOIN run n ON n.run_id = $1 AND n.round_id = r.round_id
      JOIN postcode p ON p.postcode = l.postcode
      LEFT JOIN (SELECT slot_id, count(*) AS used FROM placement WHERE run_id = $1 GROUP BY slot_id) u
        ON u.slot_id = l.slot_id
     WHERE l.state = 'published' OR u.used > 0
     GROUP BY 1
     ORDER BY 1
"""
_SCHOOLS = """
    SELECT c.name, p.lat, p.lon, w.students, w.unplaced
      FROM (SELECT school_id, count(*)::int AS students, (count(*) FILTER (WHERE without))::int AS unplaced
              FROM (SELECT school_id, student_id, false AS without FROM placement WHERE run_id = $1
                     UNION
                    SELECT school_id, student_id, true FROM unplaced WHERE run_id = $1) s
             GROUP BY school_id) w
      JOIN school c ON c.school_id = w.school_id
      JOIN postcode p ON p.postcode = c.postcode
     ORDER BY c.name, c.school_id
"""
_DEMAND = """
    SELECT l.sector, sum(coalesce(w.choices, 0))::int AS choices, sum(l.capacity)::int AS seats
      FROM slot l
      JOIN round r ON r.programme_id = l.programme_id
      LEFT JOIN (SELECT slot_id, count(*) AS choices
                   FROM preference
                  WHERE round_id = $1 AND rank = 1
                  GROUP BY slot_id) w ON w.slot_id = l.slot_id
     WHERE r.round_id = $1 AND l.state = 'published'
     GROUP BY l.sector
     ORDER BY l.sector
"""


async def load_by_minute(conn: Conn, run_id: RunId) -> list[tuple[str, int, int]]:
    """Count placements by way of travelling ('' for none, a virtual one) and minutes one way."""
    return [(row["mode_used"], row["minutes"], row["placements"]) for row in await conn.fetch(_BY_MINUTE, run_id)]


async def load_flow(conn: Conn, run_id: RunId) -> list[tuple[str | None, bool, int | None, int]]:
    """Count students by the sector of their first choice (None: no preference), whether placed, and the best rank."""
    rows = await conn.fetch(_FLOW, run_id)
    return [(row["sector"], row["placed"], row["rank"], row["students"]) for row in rows]


async def load_seats(conn: Conn, run_id: RunId) -> list[tuple[str, str, int, int]]:
    """Read (sector, dates, seats, seats used) of the programme's slots, those with the same dates together."""
    rows = await conn.fetch(_SEATS, run_id)
    return [(row["sector"], row["dates"], row["seats"], row["used"]) for row in rows]


async def load_employers(
    conn: Conn, run_id: RunId, *, pattern: str, limit: int, offset: int
) -> tuple[list[EmployerId], int]:
    """Read employers who offer something in a run, those with most seats used first, and how many there are.

    ``pattern`` is one of ILIKE, for the name or the reference; '' is everybody.
    """
    rows = await conn.fetch(_EMPLOYERS, run_id, pattern, limit, offset)
    return [EmployerId(row["employer_id"]) for row in rows], rows[0]["total"] if rows else 0


async def load_employer_seats(
    conn: Conn, run_id: RunId, employer_ids: Sequence[EmployerId]
) -> list[tuple[str, str, int, int]]:
    """Read (employer, dates, seats, seats used) of these employers' slots, those with the same dates together."""
    rows = await conn.fetch(_EMPLOYER_SEATS, run_id, list(employer_ids))
    return [(row["employer"], row["dates"], row["seats"], row["used"]) for row in rows]


async def load_areas(conn: Conn, run_id: RunId) -> list[dict[str, object]]:
    """Read seats and seats used by area (first half of the postcode), and the middle of its slots."""
    return [dict(row) for row in await conn.fetch(_AREAS, run_id)]


async def load_schools(conn: Conn, run_id: RunId) -> list[dict[str, object]]:
    """Read where each school of a run is, its students, and how many of them have no place."""
    return [dict(row) for row in await conn.fetch(_SCHOOLS, run_id)]


async def load_demand(conn: Conn, round_id: RoundId) -> list[tuple[str, int, int]]:
    """Read (sector, first choices, seats) of a round's published slots, as entered so far."""
    return [(row["sector"], row["choices"], row["seats"]) for row in await conn.fetch(_DEMAND, round_id)]
