"""All SQL about hubs."""

from typing import Any

import asyncpg

from hub_chassis.database import Conn
from hub_registry.errors import AlreadyExists, HubNotKnown
from hub_schemas.ids import HubId

_INSERT = "INSERT INTO hub (hub_id, slug, name) VALUES ($1, $2, $3)"
_BY_SLUG = "SELECT hub_id FROM hub WHERE slug = $1"
_ALL = "SELECT hub_id, slug, name, notices_held, created_at FROM hub ORDER BY slug"


async def insert_hub(conn: Conn, hub_id: HubId, *, slug: str, name: str) -> None:
    """Add a hub; raises AlreadyExists."""
    try:
        await conn.execute(_INSERT, hub_id, slug, name)
    except asyncpg.UniqueViolationError as there:
        raise AlreadyExists(f"there is a hub '{slug}' already", field="slug") from there


async def find_hub(conn: Conn, slug: str) -> HubId:
    """Find a hub by its short name; raises HubNotKnown."""
    hub_id = await conn.fetchval(_BY_SLUG, slug)
    if hub_id is None:
        raise HubNotKnown(f"there is no hub '{slug}'")
    return HubId(hub_id)


async def load_hubs(conn: Conn) -> list[dict[str, Any]]:
    """Read all hubs that the scope sees."""
    return [dict(row) for row in await conn.fetch(_ALL)]
