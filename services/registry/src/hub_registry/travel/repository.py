"""All SQL about travel times that advisers set."""

from collections.abc import Mapping
from typing import Any

from hub_chassis.database import Conn
from hub_registry.travel.model import Override
from hub_schemas.ids import HubId, SchoolId

_STANDING = """
    SELECT DISTINCT ON (origin, destination, mode) origin, destination, mode, minutes, estimate
      FROM travel_override
     WHERE hub_id = $1
     ORDER BY origin, destination, mode, set_at DESC
"""
_SEEN = "SELECT origin, destination, mode, minutes, estimate FROM overridden_journeys() ORDER BY 1, 2, 3"
_OWN = """
    SELECT o.override_id, o.mode, o.minutes, o.estimate, o.reason, o.set_at
      FROM travel_override o
     WHERE o.school_id = $1 AND o.origin = $2 AND o.destination = $3
     ORDER BY o.mode
"""
_SET = """
    INSERT INTO travel_override (override_id, hub_id, school_id, origin, destination, mode, minutes, estimate, reason,
                                 set_by, set_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (hub_id, school_id, origin, destination, mode) DO UPDATE
       SET minutes = excluded.minutes, reason = excluded.reason, set_by = excluded.set_by, set_at = excluded.set_at
"""
_TAKE_BACK = "DELETE FROM travel_override WHERE school_id = $1 AND origin = $2 AND destination = $3"


async def load_standing(conn: Conn, hub_id: HubId) -> list[Override]:
    """Read a hub's overrides, the latest of each journey; for who sees the whole hub."""
    return [Override(**dict(row)) for row in await conn.fetch(_STANDING, hub_id)]


async def load_seen(conn: Conn) -> list[Override]:
    """Read the hub's overridden journeys as every school plans with them."""
    return [Override(**dict(row)) for row in await conn.fetch(_SEEN)]


async def load_own(conn: Conn, school_id: SchoolId, origin: str, destination: str) -> list[dict[str, Any]]:
    """Read what a school set for a journey, with the reason."""
    return [dict(row) for row in await conn.fetch(_OWN, school_id, origin, destination)]


async def put(conn: Conn, row: Mapping[str, Any]) -> None:
    """Write an override; a later one of the same school takes its place."""
    names = ("override_id", "hub_id", "school_id", "origin", "destination", "mode", "minutes", "estimate", "reason",
             "set_by", "set_at")  # fmt: skip
    await conn.execute(_SET, *(row[name] for name in names))


async def take_back(conn: Conn, school_id: SchoolId, origin: str, destination: str) -> None:
    """Drop what a school set for a journey; the record of changes keeps it."""
    await conn.execute(_TAKE_BACK, school_id, origin, destination)
