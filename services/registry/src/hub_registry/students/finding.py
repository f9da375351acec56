"""SQL about which students of a school need what: the list with its filters, and what still needs doing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.rounds.model import Round
from hub_schemas.ids import SchoolId

PER_PAGE = 50
EVERYBODY = 5_000
"""More students than a school has."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of students is limited to; None: no limit."""

    year: int | None = None
    text: str = ""
    preferences: bool | None = None
    consent: str | None = None
    """yes, no, or '' for not known yet."""
    placed: bool | None = None
    travel_modes: Sequence[str] | None = None
    """Just these, in any order."""
    among: Sequence[UUID] | None = None
    """Only these, whatever else is asked."""


# $1 school, $2 round (or none), $3 its standing run (or none)
_FROM = """
      FROM student s
      LEFT JOIN (
           SELECT student_id, count(*)::int AS ranked
             FROM preference WHERE round_id = $2 AND school_id = $1 GROUP BY student_id) p USING (student_id)
      LEFT JOIN (
           SELECT DISTINCT student_id FROM placement WHERE run_id = $3 AND school_id = $1) l USING (student_id)
     WHERE s.school_id = $1
       AND s.left_at IS NULL
       AND ($4::int IS NULL OR s.year_group = $4)
       AND ($5::text = '' OR position(lower($5) IN lower(s.first_name || ' ' || s.last_name)) > 0
            OR position(lower($5) IN lower(s.last_name || ', ' || s.first_name)) > 0
            OR lower(s.mis_id) = lower($5) OR s.upn = upper($5))
       AND ($6::boolean IS NULL OR (p.ranked IS NOT NULL) = $6)
       AND ($7::text IS NULL OR s.consent = $7)
       AND ($8::boolean IS NULL OR (l.student_id IS NOT NULL) = $8)
       AND ($9::uuid[] IS NULL OR s.student_id = ANY ($9))
       AND ($10::text[] IS NULL OR (s.travel_modes @> $10 AND s.travel_modes <@ $10))
"""
_PAGE = f"""
    SELECT s.student_id, s.mis_id, s.first_name, s.last_name, s.year_group, s.consent, s.max_travel_minutes,
           s.travel_modes, coalesce(p.ranked, 0) AS ranked, l.student_id IS NOT NULL AS placed
    {_FROM}
     ORDER BY lower(s.last_name), lower(s.first_name), s.student_id
    OFFSET $11
     LIMIT $12
"""
_BY_MIS_ID = """
    SELECT s.student_id, s.mis_id, s.first_name, s.last_name, s.year_group, s.consent, s.max_travel_minutes,
           s.travel_modes, coalesce(p.ranked, 0) AS ranked
      FROM student s
      JOIN unnest($3::text[]) WITH ORDINALITY AS asked (mis_id, place) ON asked.mis_id = s.mis_id
      LEFT JOIN (
           SELECT student_id, count(*)::int AS ranked
             FROM preference WHERE round_id = $2 AND school_id = $1 GROUP BY student_id) p USING (student_id)
     WHERE s.school_id = $1
     ORDER BY asked.place
"""
_COUNT = f"SELECT count(*)::int {_FROM}"
_IDS = f"SELECT s.student_id {_FROM} ORDER BY lower(s.last_name), lower(s.first_name), s.student_id"
_YEARS = "SELECT DISTINCT year_group FROM student WHERE school_id = $1 AND left_at IS NULL ORDER BY year_group"
_TO_DO = """
    SELECT count(*)::int AS students,
           count(*) FILTER (WHERE s.consent = '')::int AS without_consent,
           count(*) FILTER (WHERE s.consent = 'no')::int AS refused,
           count(*) FILTER (WHERE s.consent <> 'no' AND p.student_id IS NULL)::int AS without_preferences
      FROM student s
      JOIN programme g ON g.programme_id = $3 AND s.year_group = ANY (g.year_groups)
      LEFT JOIN (SELECT DISTINCT student_id FROM preference WHERE round_id = $2 AND school_id = $1) p
        ON p.student_id = s.student_id
     WHERE s.school_id = $1 AND s.left_at IS NULL
"""
_WHO_RANKED = """
    SELECT s.student_id, s.school_id, s.mis_id, s.year_group, s.date_of_birth, s.home_postcode, s.travel_modes,
           s.max_travel_minutes, s.available, s.access_needs, s.past_sectors, s.interests, s.excluded_employers
      FROM student s
     WHERE s.school_id = $1 AND s.left_at IS NULL AND s.consent <> 'no'
       AND s.student_id IN (SELECT student_id FROM preference WHERE round_id = $2 AND school_id = $1)
     ORDER BY s.student_id
"""
_RANKED = """
    SELECT student_id::text, slot_id::text, rank FROM preference WHERE round_id = $2 AND school_id = $1
     ORDER BY student_id, rank, slot_id
"""


async def load_page(
    conn: Conn, school_id: SchoolId, round_: Round | None, wanted: Wanted, *, page: int, per_page: int = PER_PAGE
) -> list[dict[str, Any]]:
    """Read one page (from 1) of the students that are wanted, by name."""
    values = _values(school_id, round_, wanted)
    return [dict(row) for row in await conn.fetch(_PAGE, *values, (page - 1) * per_page, per_page)]


async def load_by_mis_id(
    conn: Conn, school_id: SchoolId, round_: Round, mis_ids: Sequence[str]
) -> list[dict[str, Any]]:
    """Read these students in this order, also one who has left meanwhile."""
    return [dict(row) for row in await conn.fetch(_BY_MIS_ID, school_id, round_.round_id, list(mis_ids))]


async def count(conn: Conn, school_id: SchoolId, round_: Round | None, wanted: Wanted) -> int:
    """Count the students that are wanted."""
    return int(await conn.fetchval(_COUNT, *_values(school_id, round_, wanted)))


async def load_ids(conn: Conn, school_id: SchoolId, round_: Round | None, wanted: Wanted) -> list[UUID]:
    """Read who is wanted, by name."""
    return [row["student_id"] for row in await conn.fetch(_IDS, *_values(school_id, round_, wanted))]


async def load_years(conn: Conn, school_id: SchoolId) -> list[int]:
    """Read the year groups that a school has students in."""
    return [row["year_group"] for row in await conn.fetch(_YEARS, school_id)]


async def load_to_do(conn: Conn, school_id: SchoolId, round_: Round) -> dict[str, int]:
    """Count who may take part in a round, and what they still lack."""
    row = await conn.fetchrow(_TO_DO, school_id, round_.round_id, round_.programme_id)
    return dict(row or {})


async def load_ranked(
    conn: Conn, school_id: SchoolId, round_: Round
) -> tuple[list[dict[str, Any]], list[tuple[str, str, int]]]:
    """Read a school's students who ranked something in a round, and what: (student id, slot id, rank)."""
    students = await conn.fetch(_WHO_RANKED, school_id, round_.round_id)
    there = {str(row["student_id"]) for row in students}
    ranked = await conn.fetch(_RANKED, school_id, round_.round_id)
    return [dict(row) for row in students], [(row[0], row[1], row[2]) for row in ranked if row[0] in there]


def _values(school_id: SchoolId, round_: Round | None, wanted: Wanted) -> tuple[Any, ...]:
    return (
        school_id,
        round_.round_id if round_ else None,
        round_.published_run_id if round_ else None,
        wanted.year,
        wanted.text,
        wanted.preferences,
        wanted.consent,
        wanted.placed,
        list(wanted.among) if wanted.among is not None else None,
        list(wanted.travel_modes) if wanted.travel_modes is not None else None,
    )
