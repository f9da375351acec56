"""All SQL about the audit; changes are written by the triggers of revision 0001, views by ``views``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.patterns import containing

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PAGE = """
    SELECT audit_id, at, staff_id, action, subject_kind, subject_id, before, after
      FROM audit
     WHERE ($1::bigint IS NULL OR audit_id < $1)
       AND ($2::text IS NULL OR subject_kind = $2)
       AND ($3::text IS NULL OR subject_id = $3)
     ORDER BY audit_id DESC
     LIMIT $4
"""
_RECORD = """
    WITH record AS (
        (SELECT at, 'c' AS kind, audit_id AS number, staff_id, action, subject_kind, subject_id, before, after
           FROM audit
          WHERE ($1::timestamptz IS NULL OR (at, 'c', audit_id) < ($1, $2, $3))
            AND ($4::text IS NULL OR action = $4)
            AND ($5::text IS NULL OR subject_kind = $5)
            AND ($6::text[] IS NULL OR subject_id = ANY ($6))
            AND ($7::uuid[] IS NULL OR staff_id = ANY ($7))
            AND ($8::timestamptz IS NULL OR at >= $8)
            AND ($9::timestamptz IS NULL OR at < $9)
          ORDER BY at DESC, audit_id DESC
          LIMIT $10)
        UNION ALL
        (SELECT at, 'v', view_id, staff_id, 'seen', 'student', student_id::text, NULL, jsonb_build_object('page', page)
           FROM student_view
          WHERE ($1::timestamptz IS NULL OR (at, 'v', view_id) < ($1, $2, $3))
            AND ($4::text IS NULL OR $4 = 'seen')
            AND ($5::text IS NULL OR $5 = 'student')
            AND ($11::uuid[] IS NULL OR student_id = ANY ($11))
            AND ($7::uuid[] IS NULL OR staff_id = ANY ($7))
            AND ($8::timestamptz IS NULL OR at >= $8)
            AND ($9::timestamptz IS NULL OR at < $9)
          ORDER BY at DESC, view_id DESC
          LIMIT $10)
    )
    SELECT r.*, coalesce(s.name, '') AS who, coalesce(s.role, '') AS role
      FROM record r
      LEFT JOIN staff s ON s.staff_id = r.staff_id
     ORDER BY r.at DESC, r.kind DESC, r.number DESC
     LIMIT $10
"""
_STAFF = "SELECT staff_id FROM staff WHERE name ILIKE $1 OR email ILIKE $1 ORDER BY staff_id LIMIT 200"
_NAMED = """
    SELECT student_id::text AS id FROM student
     WHERE mis_id = $1 OR upn = $1 OR first_name || ' ' || last_name ILIKE $2
    UNION ALL SELECT slot_id::text FROM slot WHERE slot_ref = $1 OR title ILIKE $2
    UNION ALL SELECT employer_id::text FROM employer WHERE employer_ref = $1 OR name ILIKE $2
    UNION ALL SELECT school_id FROM school WHERE school_id = $1 OR name ILIKE $2
    UNION ALL SELECT $1
     ORDER BY 1
     LIMIT 500
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the record is asked for; None asks for all."""

    action: str | None = None
    subject_kind: str | None = None
    subject_ids: Sequence[str] | None = None
    staff_ids: Sequence[UUID] | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def uuids(self) -> list[UUID] | None:
        """Give those of the subjects' ids that a student may have."""
        if self.subject_ids is None:
            return None
        return [UUID(one) for one in self.subject_ids if _UUID.fullmatch(one)]


@dataclass(frozen=True, slots=True)
class Place:
    """A line's place in the record, for the page after it."""

    at: datetime
    kind: str
    number: int


async def load_entries(
    conn: Conn, *, before: int | None, limit: int, subject_kind: str | None = None, subject_id: str | None = None
) -> list[dict[str, Any]]:
    """Read changes, newest first."""
    return [dict(row) for row in await conn.fetch(_PAGE, before, subject_kind, subject_id, limit)]


async def load_record(conn: Conn, wanted: Wanted, *, after: Place | None, limit: int) -> list[dict[str, Any]]:
    """Read changes and views together, newest first, with the name of who it was."""
    place = (after.at, after.kind, after.number) if after else (None, None, None)
    rows = await conn.fetch(
        _RECORD,
        *place,
        wanted.action,
        wanted.subject_kind,
        wanted.subject_ids,
        wanted.staff_ids,
        wanted.since,
        wanted.until,
        limit,
        wanted.uuids,
    )
    return [dict(row) for row in rows]


async def find_staff(conn: Conn, words: str) -> list[UUID]:
    """Find people by a part of their name or address."""
    return [row["staff_id"] for row in await conn.fetch(_STAFF, containing(words))]


async def find_subjects(conn: Conn, words: str) -> list[str]:
    """Find what may be meant: students, slots, employers and schools by reference or a part of the name, or an id."""
    return [row["id"] for row in await conn.fetch(_NAMED, words, containing(words))]
