"""All SQL about placements, unplaced students and explanations; row-level security decides whose rows are seen."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_schemas.ids import RunId

Row = dict[str, Any]

# The school stands in the joins with explanations because their index begins with it.
_PLACED = """
    SELECT p.student_id, s.school_id, s.mis_id, s.first_name, s.last_name, p.slot_id, l.slot_ref, l.title, l.dates,
           p.employer_id, e.name AS employer, p.rank, p.minutes, p.mode_used, x.body AS explanation,
           p.student_id || '.' || p.slot_id AS cursor
      FROM placement p
      JOIN student s ON s.student_id = p.student_id
      JOIN slot l ON l.slot_id = p.slot_id
      JOIN employer e ON e.employer_id = p.employer_id
      LEFT JOIN explanation x ON x.run_id = p.run_id AND x.school_id = s.school_id AND x.student_id = p.student_id
     WHERE p.run_id = $1
       AND ($2::uuid IS NULL OR (p.student_id, p.slot_id) > ($2, $3))
     ORDER BY p.student_id, p.slot_id
     LIMIT $4
"""
_HOSTED = """
    SELECT h.student_id, h.first_name, h.year_group, h.access_needs, h.slot_id, l.slot_ref, l.title, l.dates,
           h.student_id || '.' || h.slot_id AS cursor
      FROM hosted_student h
      JOIN slot l ON l.slot_id = h.slot_id AND l.state = 'published'
     WHERE h.run_id = $1
       AND ($2::uuid IS NULL OR (h.student_id, h.slot_id) > ($2, $3))
     ORDER BY h.student_id, h.slot_id
     LIMIT $4
"""
_UNPLACED = """
    SELECT u.student_id, s.school_id, s.mis_id, s.first_name, s.last_name, u.reason, x.body AS explanation,
           u.student_id::text AS cursor
      FROM unplaced u
      JOIN student s ON s.student_id = u.student_id
      LEFT JOIN explanation x ON x.run_id = u.run_id AND x.school_id = s.school_id AND x.student_id = u.student_id
     WHERE u.run_id = $1 AND ($2::uuid IS NULL OR u.student_id > $2)
     ORDER BY u.student_id
     LIMIT $3
"""
_EXPLANATIONS = """
    SELECT place, student_id, body
      FROM explanation
     WHERE run_id = $1 AND place > $2
     ORDER BY place
     LIMIT $3
"""
_MOVES = """
    SELECT m.place, m.student_id, s.school_id, s.mis_id, s.first_name, s.last_name, m.from_slot_id,
           f.slot_ref AS from_slot_ref, f.title AS from_title, m.to_slot_id, t.slot_ref AS to_slot_ref,
           t.title AS to_title, m.reason
      FROM move m
      JOIN student s ON s.student_id = m.student_id
      LEFT JOIN slot f ON f.slot_id = m.from_slot_id
      LEFT JOIN slot t ON t.slot_id = m.to_slot_id
     WHERE m.run_id = $1 AND m.place > $2
     ORDER BY m.place
     LIMIT $3
"""
_SLOTS = "SELECT slot_id::text, slot_ref, title, postcode FROM slot WHERE slot_id = ANY ($1::uuid[]) ORDER BY slot_id"
_COUNTS = """
    SELECT (SELECT count(*) FROM placement WHERE run_id = $1)::int AS placements,
           (SELECT count(DISTINCT student_id) FROM placement WHERE run_id = $1)::int AS placed,
           (SELECT count(*) FROM unplaced WHERE run_id = $1)::int AS unplaced
"""
_RANKS = "SELECT rank, count(*)::int AS placements FROM placement WHERE run_id = $1 GROUP BY rank ORDER BY rank"
_MINUTES = """
    SELECT coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes), 0)::float8 AS median,
           coalesce(percentile_cont(0.95) WITHIN GROUP (ORDER BY minutes), 0)::float8 AS p95
      FROM placement
     WHERE run_id = $1 AND mode_used <> ''
"""
_REASONS = "SELECT reason, count(*)::int AS students FROM unplaced WHERE run_id = $1 GROUP BY reason ORDER BY reason"
_BY_SCHOOL = """
    SELECT c.school_id, c.name, coalesce(p.placed, 0)::int AS placed, coalesce(p.first_choice, 0)::int AS first_choice,
           coalesce(u.unplaced, 0)::int AS unplaced
      FROM school c
      LEFT JOIN (
           SELECT school_id, count(DISTINCT student_id) AS placed, count(*) FILTER (WHERE rank = 1) AS first_choice
             FROM placement WHERE run_id = $1 GROUP BY school_id) p ON p.school_id = c.school_id
      LEFT JOIN (
           SELECT school_id, count(*) AS unplaced FROM unplaced WHERE run_id = $1 GROUP BY school_id) u
        ON u.school_id = c.school_id
     WHERE p.placed IS NOT NULL OR u.unplaced IS NOT NULL
     ORDER BY c.school_id
"""


async def load_placed(conn: Conn, run_id: RunId, *, after: tuple[UUID, UUID] | None, limit: int) -> list[Row]:
    """Read placements with rank and reasons, for the students' school or the hub."""
    return _rows(await conn.fetch(_PLACED, run_id, *(after or (None, None)), limit))


async def load_hosted(conn: Conn, run_id: RunId, *, after: tuple[UUID, UUID] | None, limit: int) -> list[Row]:
    """Read who comes to the caller's own slots, and what they need on site; nothing else of them."""
    return _rows(await conn.fetch(_HOSTED, run_id, *(after or (None, None)), limit))


async def load_unplaced(conn: Conn, run_id: RunId, *, after: UUID | None, limit: int) -> list[Row]:
    """Read who has no place, with the reason."""
    return _rows(await conn.fetch(_UNPLACED, run_id, after, limit))


async def load_explanations(conn: Conn, run_id: RunId, *, after: int, limit: int) -> list[Row]:
    """Read explanations in the order of the file, students first, then slots with empty seats."""
    return _rows(await conn.fetch(_EXPLANATIONS, run_id, after, limit))


async def load_moves(conn: Conn, run_id: RunId, *, after: int, limit: int) -> list[Row]:
    """Read who moves, from where to where, for the students' school or the hub."""
    return _rows(await conn.fetch(_MOVES, run_id, after, limit))


async def load_slots(conn: Conn, slot_ids: Sequence[str]) -> dict[str, Row]:
    """Read reference, title and place of these slots, by id."""
    return {row["slot_id"]: dict(row) for row in await conn.fetch(_SLOTS, list(slot_ids))}


async def load_counts(conn: Conn, run_id: RunId) -> Row:
    """Count placements, placed students and unplaced ones."""
    row = await conn.fetchrow(_COUNTS, run_id)
    return dict(row or {})


async def load_ranks(conn: Conn, run_id: RunId) -> dict[int | None, int]:
    """Count placements by rank; None stands for an unranked pin."""
    return {row["rank"]: row["placements"] for row in await conn.fetch(_RANKS, run_id)}


async def load_minutes(conn: Conn, run_id: RunId) -> dict[str, float]:
    """Read median and 95th percentile of the minutes one way, over placements with a journey."""
    row = await conn.fetchrow(_MINUTES, run_id)
    return dict(row or {})


async def load_reasons(conn: Conn, run_id: RunId) -> dict[str, int]:
    """Count unplaced students by reason."""
    return {row["reason"]: row["students"] for row in await conn.fetch(_REASONS, run_id)}


async def load_by_school(conn: Conn, run_id: RunId) -> list[Row]:
    """Count by school: placed, first choices, unplaced."""
    return _rows(await conn.fetch(_BY_SCHOOL, run_id))


def _rows(records: list[Any]) -> list[Row]:
    return [dict(record) for record in records]
