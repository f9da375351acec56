"""All SQL about slots."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from hub_chassis.database import Conn
from hub_registry.errors import AlreadyExists, SlotNotKnown
from hub_registry.imports.rows import write
from hub_schemas.ids import ProgrammeId

_COLUMNS = """
    slot_id, hub_id, programme_id, employer_id, slot_ref, title, sector, kind, mode, postcode, dates, first_date,
    last_date, capacity, min_group, max_per_school, single_school, min_age, year_groups, access_provided, reserved,
    state, withdrawn_reason
"""
_ONE = f"SELECT {_COLUMNS}, xmin::text AS version FROM slot WHERE slot_id = $1"
_LOCK = f"{_ONE} FOR NO KEY UPDATE"
_BY_REF = f"""
    SELECT {_COLUMNS}
      FROM slot
     WHERE programme_id = $1 AND slot_ref = ANY ($2)
     ORDER BY slot_id
       FOR NO KEY UPDATE
"""
_PAGE = f"""
    SELECT {_COLUMNS}, xmin::text AS version
      FROM slot
     WHERE slot_id > $1
       AND ($2::uuid IS NULL OR programme_id = $2)
       AND ($3::uuid IS NULL OR employer_id = $3)
       AND ($4::text IS NULL OR slot_ref = $4)
       AND ($5::text IS NULL OR state = $5)
     ORDER BY slot_id
     LIMIT $6
"""
_OWN = f"""
    SELECT {_COLUMNS}, xmin::text AS version
      FROM slot
     ORDER BY first_date DESC, title, slot_id
     LIMIT $1 OFFSET $2
"""
_INSERT = f"""
    INSERT INTO slot ({_COLUMNS})
    SELECT {_COLUMNS} FROM jsonb_populate_recordset(NULL::slot, $1)
"""
_UPDATE = """
    UPDATE slot s
       SET employer_id = n.employer_id, title = n.title, sector = n.sector, kind = n.kind, mode = n.mode,
           postcode = n.postcode, dates = n.dates, first_date = n.first_date, last_date = n.last_date,
           capacity = n.capacity, min_group = n.min_group, max_per_school = n.max_per_school,
           single_school = n.single_school, min_age = n.min_age, year_groups = n.year_groups,
           access_provided = n.access_provided, reserved = n.reserved, state = n.state,
           withdrawn_reason = n.withdrawn_reason
      FROM jsonb_populate_recordset(NULL::slot, $1) n
     WHERE s.slot_id = n.slot_id
"""


async def load_slot(conn: Conn, slot_id: UUID, *, lock: bool = False) -> dict[str, Any]:
    """Read one slot, and perhaps keep others from changing it; raises SlotNotKnown."""
    row = await conn.fetchrow(_LOCK if lock else _ONE, slot_id)
    if row is None:
        raise SlotNotKnown(f"there is no slot {slot_id}")
    return dict(row)


async def load_slots(
    conn: Conn,
    *,
    after: UUID,
    limit: int,
    programme_id: UUID | None = None,
    employer_id: UUID | None = None,
    slot_ref: str | None = None,
    state: str | None = None,
) -> list[dict[str, Any]]:
    """Read slots in the order they were entered."""
    rows = await conn.fetch(_PAGE, after, programme_id, employer_id, slot_ref, state, limit)
    return [dict(row) for row in rows]


async def lock_by_ref(conn: Conn, programme_id: ProgrammeId, refs: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Read, and keep, a programme's slots with these references that the scope sees."""
    return {row["slot_ref"]: dict(row) for row in await conn.fetch(_BY_REF, programme_id, refs)}


async def insert_slots(conn: Conn, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add slots; every row has all columns. Raises AlreadyExists for a reference of a slot that the scope can't see."""
    try:
        await write(conn, _INSERT, rows)
    except asyncpg.UniqueViolationError as there:
        message = "another employer has a slot of such a reference already: choose a reference of your own"
        raise AlreadyExists(message, field="slot_ref") from there


async def update_slots(conn: Conn, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write slots that changed; every row has all columns."""
    await write(conn, _UPDATE, rows)


async def count_own_slots(conn: Conn) -> int:
    """Count the slots of the caller's employer: those its scope sees."""
    count: int = await conn.fetchval("SELECT count(*)::int FROM slot")
    return count


async def load_own_slots(conn: Conn, *, limit: int, offset: int = 0) -> list[dict[str, Any]]:
    """Read the slots of the caller's employer, latest days first."""
    return [dict(row) for row in await conn.fetch(_OWN, limit, offset)]
