"""All SQL about students."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.errors import StudentNotKnown
from hub_registry.imports.rows import write
from hub_schemas.ids import HubId, SchoolId, StudentId

_COLUMNS = """
    student_id, hub_id, school_id, upn, mis_id, first_name, last_name, date_of_birth, year_group, gender,
    home_postcode, email, free_school_meals, send_status, access_needs, travel_modes, max_travel_minutes, available,
    interests, past_sectors, excluded_employers, companion_mis_id, consent, left_at
"""
_ONE = f"SELECT {_COLUMNS}, xmin::text AS version FROM student WHERE student_id = $1"
_LOCK = f"{_ONE} FOR NO KEY UPDATE"
_OF_SCHOOL = f"""
    SELECT {_COLUMNS} FROM student WHERE hub_id = $1 AND school_id = $2 ORDER BY student_id FOR NO KEY UPDATE
"""
_OF_OTHERS = f"""
    SELECT {_COLUMNS}
      FROM student
     WHERE hub_id = $1 AND school_id <> $2 AND upn = ANY ($3)
     ORDER BY student_id
       FOR NO KEY UPDATE
"""
_PAGE = f"""
    SELECT {_COLUMNS}, xmin::text AS version
      FROM student
     WHERE student_id > $1
       AND ($2::text IS NULL OR school_id = $2)
       AND ($3::text IS NULL OR mis_id = $3)
       AND ($4::text IS NULL OR upn = $4)
       AND ($5::boolean OR left_at IS NULL)
     ORDER BY student_id
     LIMIT $6
"""
_SOME = f"SELECT {_COLUMNS}, xmin::text AS version FROM student WHERE student_id = ANY ($1) ORDER BY student_id"
_LOCK_SOME = f"""
    SELECT {_COLUMNS} FROM student WHERE student_id = ANY ($1) ORDER BY student_id FOR NO KEY UPDATE
"""
_ELSEWHERE = "SELECT upns_elsewhere($1, $2)"
_INSERT = f"""
    INSERT INTO student ({_COLUMNS})
    SELECT {_COLUMNS} FROM jsonb_populate_recordset(NULL::student, $1)
"""
_UPDATE = """
    UPDATE student s
       SET school_id = n.school_id, upn = n.upn, mis_id = n.mis_id, first_name = n.first_name,
           last_name = n.last_name, date_of_birth = n.date_of_birth, year_group = n.year_group, gender = n.gender,
           home_postcode = n.home_postcode, email = n.email, free_school_meals = n.free_school_meals,
           send_status = n.send_status, access_needs = n.access_needs, travel_modes = n.travel_modes,
           max_travel_minutes = n.max_travel_minutes, available = n.available, interests = n.interests,
           past_sectors = n.past_sectors, excluded_employers = n.excluded_employers,
           companion_mis_id = n.companion_mis_id, consent = n.consent, left_at = n.left_at
      FROM jsonb_populate_recordset(NULL::student, $1) n
     WHERE s.student_id = n.student_id
"""
_LEAVE = "UPDATE student SET left_at = $2 WHERE student_id = ANY ($1) AND left_at IS NULL"


async def load_student(conn: Conn, student_id: UUID, *, lock: bool = False) -> dict[str, Any]:
    """Read one student, and perhaps keep others from changing it; raises StudentNotKnown."""
    row = await conn.fetchrow(_LOCK if lock else _ONE, student_id)
    if row is None:
        raise StudentNotKnown(f"there is no student {student_id}")
    return dict(row)


async def load_students(
    conn: Conn,
    *,
    after: UUID,
    limit: int,
    school_id: str | None = None,
    mis_id: str | None = None,
    upn: str | None = None,
    left: bool = False,
) -> list[dict[str, Any]]:
    """Read students in the order they were entered; those who left only when asked for."""
    return [dict(row) for row in await conn.fetch(_PAGE, after, school_id, mis_id, upn, left, limit)]


async def load_some(conn: Conn, student_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Read these students, as far as the scope sees them."""
    return {row["student_id"]: dict(row) for row in await conn.fetch(_SOME, list(student_ids))}


async def lock_some(conn: Conn, student_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Read, and keep, these students as far as the scope sees them."""
    return [dict(row) for row in await conn.fetch(_LOCK_SOME, list(student_ids))]


async def lock_known(
    conn: Conn, hub_id: HubId | None, school_id: SchoolId, upns: Sequence[str]
) -> list[dict[str, Any]]:
    """Read, and keep, the school's students and those with one of these UPNs as far as the scope sees them."""
    here = await conn.fetch(_OF_SCHOOL, hub_id, school_id)
    others = await conn.fetch(_OF_OTHERS, hub_id, school_id, upns)
    return [dict(row) for row in (*here, *others)]


async def load_elsewhere(conn: Conn, school_id: SchoolId, upns: Sequence[str]) -> set[str]:
    """Say which of these UPNs belong to students of other schools of the hub, whether or not the scope sees them."""
    return {row[0] for row in await conn.fetch(_ELSEWHERE, school_id, upns)}


async def insert_students(conn: Conn, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add students; every row has all columns."""
    await write(conn, _INSERT, rows)


async def update_students(conn: Conn, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write students that changed; every row has all columns."""
    await write(conn, _UPDATE, rows)


async def mark_left(conn: Conn, student_ids: Sequence[StudentId], *, at: datetime) -> None:
    """Note that these students have left."""
    await conn.execute(_LEAVE, student_ids, at)
