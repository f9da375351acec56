"""Drafts of slots: what an employer has typed so far, to go on with later; all SQL about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.access.principal import Principal
from hub_registry.errors import Conflict, SlotNotKnown
from hub_schemas.ids import new_id

MOST: Final = 100
"""Drafts an employer may keep; a wizard begun a hundred times was begun by a program."""

_COLUMNS = "draft_id, typed, created_at, changed_at"
_ONE = f"SELECT {_COLUMNS} FROM slot_draft WHERE draft_id = $1 FOR NO KEY UPDATE"
_ALL = f"SELECT {_COLUMNS} FROM slot_draft ORDER BY draft_id DESC"
_COUNT = "SELECT count(*)::int FROM slot_draft"
_INSERT = "INSERT INTO slot_draft (draft_id, hub_id, employer_id, made_by, typed) VALUES ($1, $2, $3, $4, $5)"
_SAVE = "UPDATE slot_draft SET typed = typed || $2, changed_at = now() WHERE draft_id = $1"
_DELETE = "DELETE FROM slot_draft WHERE draft_id = $1"


@dataclass(frozen=True, slots=True)
class Draft:
    """A slot that is not published yet; ``typed`` has the fields of the wizard's forms as they were typed."""

    draft_id: UUID
    typed: Mapping[str, Any]
    created_at: datetime
    changed_at: datetime


async def load_draft(conn: Conn, draft_id: UUID) -> Draft:
    """Read a draft of the caller's employer and keep others from changing it; raises SlotNotKnown."""
    row = await conn.fetchrow(_ONE, draft_id)
    if row is None:
        raise SlotNotKnown("there is no such draft any more: it was published or deleted. Your slots show which")
    return Draft(**row)


async def list_drafts(conn: Conn) -> list[Draft]:
    """Read the drafts of the caller's employer, newest first."""
    return [Draft(**row) for row in await conn.fetch(_ALL)]


async def begin_draft(conn: Conn, me: Principal, typed: Mapping[str, Any]) -> UUID:
    """Begin a draft; raises Conflict when the employer has too many."""
    if await conn.fetchval(_COUNT) >= MOST:
        raise Conflict(f"you have {MOST} slots in draft: publish or delete some of them first")
    draft_id = new_id()
    await conn.execute(_INSERT, draft_id, me.hub_id, me.employer_id, me.staff_id, dict(typed))
    return draft_id


async def save_draft(conn: Conn, draft_id: UUID, typed: Mapping[str, Any]) -> None:
    """Keep what a form of the wizard holds; the other forms' fields stay."""
    await conn.execute(_SAVE, draft_id, dict(typed))


async def delete_draft(conn: Conn, draft_id: UUID) -> None:
    """Forget a draft: it was published, or is not wanted."""
    await conn.execute(_DELETE, draft_id)
