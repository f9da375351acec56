"""All SQL about doubles."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.doubles.model import Known
from hub_registry.errors import MergeNotKnown
from hub_schemas.ids import HubId, StaffId

_KNOWN = """
    SELECT employer_id, name, postcode, contact_email AS email
      FROM employer
     WHERE merged_into IS NULL
     ORDER BY employer_id
"""
_NOT_DOUBLES = "SELECT one_id, other_id FROM not_doubles ORDER BY one_id, other_id"
_SAY_NOT = """
    INSERT INTO not_doubles (one_id, other_id, hub_id, said_at, said_by) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (one_id, other_id) DO NOTHING
"""
_LOCK = "SELECT employer_id FROM employer WHERE employer_id = ANY ($1) ORDER BY employer_id FOR NO KEY UPDATE"
_COUNTS = """
    SELECT (SELECT count(*)::int FROM slot WHERE employer_id = $1) AS slots,
           (SELECT count(*)::int FROM staff WHERE employer_id = $1 AND active) AS people,
           (SELECT count(*)::int FROM student WHERE $2 = ANY (excluded_employers)) AS excluding
"""
_FROZEN = """
    SELECT DISTINCT r.name
      FROM round r
      JOIN frozen_table t ON t.input_id = r.input_id AND t.name = 'slots'
      JOIN slot s ON s.programme_id = r.programme_id AND s.slot_id = ANY ($1) AND s.last_date >= current_date
     WHERE r.state IN ('closed', 'published')
       AND position(convert_to(s.slot_id::text, 'UTF8') IN t.content) > 0
     ORDER BY r.name
"""
_SLOT_IDS = "SELECT slot_id FROM slot WHERE employer_id = $1 ORDER BY slot_id"
_MOVE_SLOTS = """
    UPDATE slot SET employer_id = $3
     WHERE slot_id = ANY ($1) AND employer_id = $2
    RETURNING slot_id, programme_id, employer_id, capacity, state
"""
_STAND_BACK = """
    UPDATE staff s SET active = false
     WHERE s.employer_id = $1 AND s.active
       AND EXISTS (SELECT FROM staff k WHERE k.employer_id = $2 AND k.role = s.role AND lower(k.email) = lower(s.email))
    RETURNING staff_id
"""
_MOVE_PEOPLE = """
    UPDATE staff s SET employer_id = $2
     WHERE s.employer_id = $1
       AND NOT EXISTS (SELECT FROM staff k
                        WHERE k.employer_id = $2 AND k.role = s.role AND lower(k.email) = lower(s.email))
    RETURNING staff_id
"""
_PEOPLE_BACK = "UPDATE staff SET employer_id = $3 WHERE staff_id = ANY ($1) AND employer_id = $2"
_ACTIVE_AGAIN = "UPDATE staff SET active = true WHERE staff_id = ANY ($1) AND employer_id = $2"
_MOVE_DRAFTS = "SELECT * FROM move_drafts($1, $2, NULL)"
_DRAFTS_BACK = "SELECT * FROM move_drafts($1, $2, $3)"
_EXCLUDE_BOTH = """
    UPDATE student SET excluded_employers = array_remove(excluded_employers, $1)
     WHERE $1 = ANY (excluded_employers) AND $2 = ANY (excluded_employers)
    RETURNING student_id
"""
_EXCLUDE_ONE = """
    UPDATE student SET excluded_employers = array_replace(excluded_employers, $1, $2)
     WHERE $1 = ANY (excluded_employers)
    RETURNING student_id
"""
_EXCLUDE_AGAIN = """
    UPDATE student SET excluded_employers = array_append(excluded_employers, $2)
     WHERE student_id = ANY ($1) AND NOT $2 = ANY (excluded_employers)
"""
_EXCLUDE_BACK = """
    UPDATE student SET excluded_employers = array_replace(excluded_employers, $2, $3)
     WHERE student_id = ANY ($1) AND $2 = ANY (excluded_employers) AND NOT $3 = ANY (excluded_employers)
"""
_MERGED_INTO = "UPDATE employer SET merged_into = $2 WHERE employer_id = $1"
_INSERT = """
    INSERT INTO employer_merge (merge_id, hub_id, kept_id, merged_id, moved, merged_at, merged_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_MERGE = "SELECT * FROM employer_merge WHERE merge_id = $1 FOR UPDATE"
_UNDONE = "UPDATE employer_merge SET undone_at = $2, undone_by = $3 WHERE merge_id = $1"
_MERGES = """
    SELECT m.merge_id, m.merged_at, m.undone_at, k.name AS kept, k.employer_ref AS kept_ref, g.name AS merged,
           g.employer_ref AS merged_ref, w.name AS merged_by, m.moved
      FROM employer_merge m
      JOIN employer k ON k.employer_id = m.kept_id
      JOIN employer g ON g.employer_id = m.merged_id
      LEFT JOIN staff w ON w.staff_id = m.merged_by
     ORDER BY m.merge_id DESC
     LIMIT $1
"""


async def load_known(conn: Conn) -> list[Known]:
    """Read what is compared of the hub's employers; those merged into another are left out."""
    return [Known(**dict(row)) for row in await conn.fetch(_KNOWN)]


async def load_not_doubles(conn: Conn) -> set[tuple[UUID, UUID]]:
    """Read the pairs that people said are two."""
    return {(row["one_id"], row["other_id"]) for row in await conn.fetch(_NOT_DOUBLES)}


async def say_not_doubles(
    conn: Conn, pair: tuple[UUID, UUID], *, hub_id: HubId | None, by: StaffId, at: datetime
) -> None:
    """Remember that a pair is two employers; saying it twice changes nothing."""
    await conn.execute(_SAY_NOT, min(pair), max(pair), hub_id, at, by)


async def lock(conn: Conn, employer_ids: Sequence[UUID]) -> None:
    """Keep others from changing these employers, always in the same order."""
    await conn.execute(_LOCK, list(employer_ids))


async def count_moving(conn: Conn, employer_id: UUID, ref: str) -> dict[str, int]:
    """Count what would move with an employer: slots, people, students who must not go there."""
    row = await conn.fetchrow(_COUNTS, employer_id, ref)
    return dict(row) if row else {}


async def load_slot_ids(conn: Conn, employer_id: UUID) -> list[UUID]:
    """Read an employer's slots, withdrawn ones too."""
    return [row["slot_id"] for row in await conn.fetch(_SLOT_IDS, employer_id)]


async def load_frozen(conn: Conn, slot_ids: Sequence[UUID]) -> list[str]:
    """Name the closed or published rounds in whose frozen input one of these slots, its days still to come, stands."""
    return [row["name"] for row in await conn.fetch(_FROZEN, slot_ids)]


async def move_slots(conn: Conn, slot_ids: Sequence[UUID], *, of: UUID, to: UUID) -> list[dict[str, Any]]:
    """Give slots to another employer; gives those that were moved."""
    return [dict(row) for row in await conn.fetch(_MOVE_SLOTS, slot_ids, of, to)]


async def move_people(conn: Conn, *, of: UUID, to: UUID) -> tuple[list[str], list[str]]:
    """Give an employer's people to another: (moved, set inactive because the other has them with that address)."""
    inactive = [str(row["staff_id"]) for row in await conn.fetch(_STAND_BACK, of, to)]
    moved = [str(row["staff_id"]) for row in await conn.fetch(_MOVE_PEOPLE, of, to)]
    return moved, inactive


async def move_drafts(conn: Conn, *, of: UUID, to: UUID) -> list[str]:
    """Give an employer's slots in draft to another, unread: what is in them is its own; gives their ids."""
    return [str(row[0]) for row in await conn.fetch(_MOVE_DRAFTS, of, to)]


async def move_exclusions(conn: Conn, *, of: str, to: str) -> tuple[list[str], list[str]]:
    """Let students exclude the other reference: (who had both before, who had the one)."""
    both = [str(row["student_id"]) for row in await conn.fetch(_EXCLUDE_BOTH, of, to)]
    one = [str(row["student_id"]) for row in await conn.fetch(_EXCLUDE_ONE, of, to)]
    return both, one


async def move_back(
    conn: Conn, moved: Mapping[str, Any], *, kept: Mapping[str, Any], merged: Mapping[str, Any]
) -> None:
    """Give people, drafts and exclusions back, as far as nobody has changed them since."""
    kept_id, merged_id = kept["employer_id"], merged["employer_id"]
    await conn.execute(_PEOPLE_BACK, [UUID(one) for one in moved["people"]], kept_id, merged_id)
    await conn.execute(_ACTIVE_AGAIN, [UUID(one) for one in moved["inactive"]], merged_id)
    await conn.fetch(_DRAFTS_BACK, kept_id, merged_id, [UUID(one) for one in moved.get("drafts", ())])
    await conn.execute(_EXCLUDE_AGAIN, [UUID(one) for one in moved["both"]], merged["employer_ref"])
    one = [UUID(one) for one in moved["one"]]
    await conn.execute(_EXCLUDE_BACK, one, kept["employer_ref"], merged["employer_ref"])


async def set_merged_into(conn: Conn, employer_id: UUID, into: UUID | None) -> None:
    """Note that an employer is another one, or is itself again."""
    await conn.execute(_MERGED_INTO, employer_id, into)


async def insert_merge(conn: Conn, row: Mapping[str, Any]) -> None:
    """Keep the record of a merge."""
    names = ("merge_id", "hub_id", "kept_id", "merged_id", "moved", "merged_at", "merged_by")
    await conn.execute(_INSERT, *(row[name] for name in names))


async def lock_merge(conn: Conn, merge_id: UUID) -> dict[str, Any]:
    """Read and keep the record of a merge; raises MergeNotKnown."""
    row = await conn.fetchrow(_MERGE, merge_id)
    if row is None:
        raise MergeNotKnown("there is no such merge")
    return dict(row)


async def mark_undone(conn: Conn, merge_id: UUID, *, by: StaffId, at: datetime) -> None:
    """Note that a merge was undone."""
    await conn.execute(_UNDONE, merge_id, at, by)


async def load_merges(conn: Conn, *, limit: int) -> list[dict[str, Any]]:
    """Read the records of merges, newest first."""
    return [dict(row) for row in await conn.fetch(_MERGES, limit)]
