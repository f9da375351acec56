"""All SQL about approvals."""

from datetime import datetime
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.runs.model import Run
from hub_schemas.ids import RunId, StaffId

_ADD = """
    INSERT INTO approval (run_id, hub_id, staff_id, approved_at, comment)
    VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (run_id, staff_id) DO NOTHING
    RETURNING staff_id
"""
_LIST = """
    SELECT a.staff_id, s.name, a.approved_at, a.comment
      FROM approval a
      JOIN staff s ON s.staff_id = a.staff_id
     WHERE a.run_id = $1
     ORDER BY a.approved_at, a.staff_id
"""


async def add_approval(conn: Conn, run: Run, *, by: StaffId, at: datetime, comment: str) -> bool:
    """Write an approval; False when this person has approved the run before."""
    return await conn.fetchval(_ADD, run.run_id, run.hub_id, by, at, comment) is not None


async def load_approvals(conn: Conn, run_id: RunId) -> list[tuple[UUID, str, datetime, str]]:
    """Read (staff, name, when, comment), first one first."""
    return [(row[0], row[1], row[2], row[3]) for row in await conn.fetch(_LIST, run_id)]
