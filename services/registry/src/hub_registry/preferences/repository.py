"""All SQL about preferences and submissions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hub_chassis.database import Conn
from hub_registry.preferences.model import Preference
from hub_registry.rounds.model import Round
from hub_schemas.ids import HubId, RoundId, SchoolId, SlotId, StaffId, StudentId

_SCHOOL_STUDENTS = """
    SELECT s.mis_id, s.student_id
      FROM student s
      JOIN programme p ON p.programme_id = $3 AND s.year_group = ANY (p.year_groups)
     WHERE s.hub_id = $1 AND s.school_id = $2 AND s.mis_id = ANY ($4::text[]) AND s.left_at IS NULL
     ORDER BY s.mis_id
"""
_SCHOOL = "SELECT EXISTS (SELECT FROM school WHERE hub_id = $1 AND school_id = $2)"
_SLOTS = """
    SELECT slot_ref, slot_id
      FROM slot
     WHERE programme_id = $1 AND state = 'published' AND slot_ref = ANY ($2::text[])
     ORDER BY slot_ref
"""
_SLOT_IDS = """
    SELECT slot_id
      FROM slot
     WHERE programme_id = $1 AND state = 'published' AND slot_id = ANY ($2::uuid[])
     ORDER BY slot_id
"""
_STUDENT_SCHOOL = """
    SELECT s.school_id
      FROM student s
      JOIN programme p ON p.programme_id = $2 AND s.year_group = ANY (p.year_groups)
     WHERE s.student_id = $1 AND s.left_at IS NULL
"""
_OF_STUDENT = """
    SELECT student_id, rank, slot_id
      FROM preference
     WHERE round_id = $1 AND student_id = $2
     ORDER BY rank, slot_id
"""
_OF_SCHOOL = """
    SELECT s.mis_id, l.slot_ref, p.rank
      FROM preference p
      JOIN student s ON s.student_id = p.student_id
      JOIN slot l ON l.slot_id = p.slot_id
     WHERE p.round_id = $1 AND p.school_id = $2
     ORDER BY s.mis_id, p.rank, l.slot_ref
"""
_DROP_SCHOOL = "DELETE FROM preference WHERE round_id = $1 AND school_id = $2"
_DROP_STUDENT = "DELETE FROM preference WHERE round_id = $1 AND student_id = $2"
_ADD = """
    INSERT INTO preference (round_id, hub_id, school_id, student_id, rank, slot_id)
    SELECT $1, $2, $3, * FROM unnest($4::uuid[], $5::int[], $6::uuid[])
"""
_COUNT = """
    SELECT count(DISTINCT student_id)::int AS students, count(*)::int AS preferences
      FROM preference
     WHERE round_id = $1 AND school_id = $2
"""
_SUBMIT = """
    INSERT INTO submission (round_id, hub_id, school_id, submitted_at, submitted_by, students, preferences)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (round_id, school_id) DO UPDATE
       SET submitted_at = excluded.submitted_at, submitted_by = excluded.submitted_by, students = excluded.students,
           preferences = excluded.preferences
"""
_LOCK_SCHOOL = "SELECT pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0))"


async def lock_school(conn: Conn, round_id: RoundId, school_id: SchoolId) -> None:
    """Let one submission of a school in a round follow another."""
    await conn.execute(_LOCK_SCHOOL, str(round_id), school_id)


async def is_school(conn: Conn, hub_id: HubId, school_id: SchoolId) -> bool:
    """Say whether the caller may know of this school."""
    return bool(await conn.fetchval(_SCHOOL, hub_id, school_id))


async def load_students(conn: Conn, round_: Round, school_id: SchoolId, mis_ids: Sequence[str]) -> dict[str, StudentId]:
    """Find a school's students in the programme's year groups by MIS id."""
    rows = await conn.fetch(_SCHOOL_STUDENTS, round_.hub_id, school_id, round_.programme_id, mis_ids)
    return {row["mis_id"]: StudentId(row["student_id"]) for row in rows}


async def load_slots(conn: Conn, round_: Round, refs: Sequence[str]) -> dict[str, SlotId]:
    """Find published slots of the round's programme by reference."""
    return {row["slot_ref"]: SlotId(row["slot_id"]) for row in await conn.fetch(_SLOTS, round_.programme_id, refs)}


async def load_slot_ids(conn: Conn, round_: Round, slot_ids: Sequence[SlotId]) -> set[SlotId]:
    """Say which of these are published slots of the round's programme."""
    return {SlotId(row["slot_id"]) for row in await conn.fetch(_SLOT_IDS, round_.programme_id, slot_ids)}


async def load_school_of(conn: Conn, round_: Round, student_id: StudentId) -> SchoolId | None:
    """Read the school of a student who may take part; None when the caller knows of none."""
    found: str | None = await conn.fetchval(_STUDENT_SCHOOL, student_id, round_.programme_id)
    return SchoolId(found) if found else None


async def load_of_student(conn: Conn, round_id: RoundId, student_id: StudentId) -> list[Preference]:
    """Read a student's preferences, best first."""
    return [_preference(row) for row in await conn.fetch(_OF_STUDENT, round_id, student_id)]


async def load_of_school(conn: Conn, round_: Round, school_id: SchoolId) -> list[tuple[str, str, int]]:
    """Read a school's preferences as (MIS id, slot's reference, rank), by student, best first."""
    return [(row[0], row[1], row[2]) for row in await conn.fetch(_OF_SCHOOL, round_.round_id, school_id)]


async def replace_school(conn: Conn, round_: Round, school_id: SchoolId, preferences: Sequence[Preference]) -> None:
    """Let these stand instead of what the school submitted before."""
    await conn.execute(_DROP_SCHOOL, round_.round_id, school_id)
    await _add(conn, round_, school_id, preferences)


async def replace_student(
    conn: Conn, round_: Round, school_id: SchoolId, student_id: StudentId, preferences: Sequence[Preference]
) -> None:
    """Let these stand instead of what one student wished for before."""
    await conn.execute(_DROP_STUDENT, round_.round_id, student_id)
    await _add(conn, round_, school_id, preferences)


async def record_submission(
    conn: Conn, round_: Round, school_id: SchoolId, *, by: StaffId, at: datetime
) -> tuple[int, int]:
    """Note that a school has submitted; gives its students with a preference and its preferences."""
    row = await conn.fetchrow(_COUNT, round_.round_id, school_id)
    assert row is not None  # noqa: S101 -- an aggregate
    counts = (int(row["students"]), int(row["preferences"]))
    await conn.execute(_SUBMIT, round_.round_id, round_.hub_id, school_id, at, by, *counts)
    return counts


async def _add(conn: Conn, round_: Round, school_id: SchoolId, preferences: Sequence[Preference]) -> None:
    if preferences:
        await conn.execute(
            _ADD,
            round_.round_id,
            round_.hub_id,
            school_id,
            [one.student_id for one in preferences],
            [one.rank for one in preferences],
            [one.slot_id for one in preferences],
        )


def _preference(row: Any) -> Preference:
    return Preference(StudentId(row["student_id"]), row["rank"], SlotId(row["slot_id"]))
