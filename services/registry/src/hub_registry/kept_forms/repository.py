"""All SQL about kept forms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hub_chassis.database import Conn
from hub_schemas.ids import HubId, StaffId

_KEPT = "created_at > now() - interval '1 hour'"
_COUNT = "SELECT count(*) FROM kept_form WHERE staff_id = $1"
_ADD = """
    INSERT INTO kept_form (kept_id, hub_id, staff_id, address, came_from, fields, had_files)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_FIND = f"SELECT kept_id, address, came_from, fields, had_files FROM kept_form WHERE kept_id = $1 AND {_KEPT}"
_WHOSE = f"SELECT staff_id FROM kept_form WHERE kept_id = $1 AND {_KEPT}"
_OLD = f"DELETE FROM kept_form WHERE NOT {_KEPT}"


@dataclass(frozen=True, slots=True)
class KeptForm:
    """What somebody typed, and where it was to go."""

    kept_id: UUID
    address: str
    came_from: str
    fields: Mapping[str, Sequence[str]]
    had_files: bool


async def count_kept(conn: Conn, staff_id: UUID) -> int:
    """Count what is kept for a person."""
    kept: int = await conn.fetchval(_COUNT, staff_id)
    return kept


async def add_kept(conn: Conn, form: KeptForm, *, hub_id: HubId, staff_id: StaffId) -> None:
    """Keep a form."""
    await conn.execute(
        _ADD, form.kept_id, hub_id, staff_id, form.address, form.came_from, dict(form.fields), form.had_files
    )


async def find_kept(conn: Conn, kept_id: UUID) -> KeptForm | None:
    """Read a kept form that the scope sees; None when there is none, or it is too old."""
    row = await conn.fetchrow(_FIND, kept_id)
    return KeptForm(*row.values()) if row else None


async def whose(conn: Conn, kept_id: UUID) -> UUID | None:
    """Say whom a form is kept for; for the role of the door."""
    staff_id: UUID | None = await conn.fetchval(_WHOSE, kept_id)
    return staff_id


async def forget_old(conn: Conn) -> None:
    """Drop what was kept long enough."""
    await conn.execute(_OLD)
