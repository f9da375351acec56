"""All SQL about programmes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from hub_chassis.database import Conn
from hub_registry.errors import AlreadyExists, ProgrammeNotKnown

_COLUMNS = """
    programme_id, hub_id, name, school_year, first_date, last_date, year_groups, default_max_travel_minutes,
    support_points
"""
_ONE = f"SELECT {_COLUMNS}, xmin::text AS version FROM programme WHERE programme_id = $1"
_LOCK = f"{_ONE} FOR NO KEY UPDATE"
_PAGE = f"""
    SELECT {_COLUMNS}, xmin::text AS version FROM programme WHERE programme_id > $1 ORDER BY programme_id LIMIT $2
"""
_INSERT = f"INSERT INTO programme ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
_UPDATE = """
    UPDATE programme
       SET name = $2, school_year = $3, first_date = $4, last_date = $5, year_groups = $6,
           default_max_travel_minutes = $7, support_points = $8
     WHERE programme_id = $1
"""
_SLOTS = """
    SELECT count(*) FILTER (WHERE state = 'published')::int AS published,
           count(*) FILTER (WHERE state = 'withdrawn')::int AS withdrawn,
           coalesce(sum(capacity) FILTER (WHERE state = 'published'), 0)::int AS seats
      FROM slot
     WHERE programme_id = $1
"""
_WRITTEN = (
    "name",
    "school_year",
    "first_date",
    "last_date",
    "year_groups",
    "default_max_travel_minutes",
    "support_points",
)


async def load_programme(conn: Conn, programme_id: UUID, *, lock: bool = False) -> dict[str, Any]:
    """Read one programme, and perhaps keep others from changing it; raises ProgrammeNotKnown."""
    row = await conn.fetchrow(_LOCK if lock else _ONE, programme_id)
    if row is None:
        raise ProgrammeNotKnown(f"there is no programme {programme_id}")
    return dict(row)


async def load_programmes(conn: Conn, *, after: UUID, limit: int) -> list[dict[str, Any]]:
    """Read programmes in the order they were made."""
    return [dict(row) for row in await conn.fetch(_PAGE, after, limit)]


async def count_slots(conn: Conn, programme_id: UUID) -> dict[str, int]:
    """Count a programme's slots that are offered (and their seats) and that are withdrawn."""
    row = await conn.fetchrow(_SLOTS, programme_id)
    return dict(row) if row else {}


async def insert_programme(conn: Conn, row: Mapping[str, Any]) -> None:
    """Add a programme; raises AlreadyExists when the hub has one of that name in that year."""
    try:
        await conn.execute(_INSERT, row["programme_id"], row["hub_id"], *(row[name] for name in _WRITTEN))
    except asyncpg.UniqueViolationError as there:
        raise AlreadyExists(f"there is a programme '{row['name']}' in {row['school_year']} already") from there


async def update_programme(conn: Conn, row: Mapping[str, Any]) -> None:
    """Write a programme; raises AlreadyExists when another has its name in that year."""
    try:
        await conn.execute(_UPDATE, row["programme_id"], *(row[name] for name in _WRITTEN))
    except asyncpg.UniqueViolationError as there:
        raise AlreadyExists(f"there is a programme '{row['name']}' in {row['school_year']} already") from there
