"""Receipts of imports, and the lock that keeps two imports of the same thing apart."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.errors import ImportNotKnown
from hub_schemas.ids import HubId, SchoolId, StaffId

_INSERT = """
    INSERT INTO import_receipt (import_id, hub_id, kind, school_id, staff_id, sha256, size_bytes, receipt)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_ONE = "SELECT receipt, at, staff_id, school_id FROM import_receipt WHERE import_id = $1"
_PAGE = """
    SELECT receipt, at, staff_id, school_id
      FROM import_receipt
     WHERE $1::uuid IS NULL OR import_id < $1
     ORDER BY import_id DESC
     LIMIT $2
"""
# An import fills tables that were empty when the connection's plans were made, and those search a list of thousands
# for every row (measured: 0.3 s instead of 5 ms a school), so the rest of the transaction plans anew.
_LOCK = """
    SELECT pg_advisory_xact_lock(hashtextextended($1, 0)), set_config('plan_cache_mode', 'force_custom_plan', true)
"""


async def lock(conn: Conn, what: str) -> None:
    """Wait until no other transaction imports the same thing, and keep others waiting until the end of this one.

    The first statement of an import: from here on the transaction plans for the tables as they are now.
    """
    await conn.execute(_LOCK, f"import {what}")


async def insert_receipt(
    conn: Conn, receipt: Mapping[str, Any], *, hub_id: HubId | None, by: StaffId | None, school_id: SchoolId | None
) -> None:
    """Keep a receipt."""
    await conn.execute(
        _INSERT,
        UUID(receipt["import_id"]),
        hub_id,
        receipt["kind"],
        school_id,
        by,
        receipt["sha256"],
        receipt["size_bytes"],
        receipt,
    )


async def load_receipt(conn: Conn, import_id: UUID) -> dict[str, Any]:
    """Read one receipt; raises ImportNotKnown."""
    row = await conn.fetchrow(_ONE, import_id)
    if row is None:
        raise ImportNotKnown(f"there is no import {import_id}")
    return dict(row)


async def load_receipts(conn: Conn, *, after: UUID | None, limit: int) -> list[dict[str, Any]]:
    """Read receipts, newest first."""
    return [dict(row) for row in await conn.fetch(_PAGE, after, limit)]
