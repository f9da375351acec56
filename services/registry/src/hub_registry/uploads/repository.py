"""All SQL about files that wait."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.errors import UploadNotKnown
from hub_registry.imports.upload import Received
from hub_schemas.ids import HubId, StaffId, new_id

KEPT_HOURS = 24
_KEEP = """
    INSERT INTO upload (upload_id, hub_id, staff_id, kind, about, sha256, content) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_ONE = "SELECT kind, about, sha256, content FROM upload WHERE upload_id = $1"
_DROP = "DELETE FROM upload WHERE upload_id = $1"
_FORGET = "DELETE FROM upload WHERE created_at < now() - make_interval(hours => $1)"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that waits: what it is of, and the file itself as it was received."""

    kind: str
    about: Mapping[str, Any]
    received: Received


async def keep(
    conn: Conn, *, hub_id: HubId, by: StaffId, kind: str, about: Mapping[str, Any], received: Received
) -> UUID:
    """Keep a file until its sender confirms; gives its id."""
    upload_id = new_id()
    received.file.seek(0)
    content = received.file.read()
    await conn.execute(_KEEP, upload_id, hub_id, by, kind, dict(about), received.sha256, content)
    return upload_id


async def load(conn: Conn, upload_id: UUID) -> Waiting:
    """Read a file that the caller sent; raises UploadNotKnown."""
    row = await conn.fetchrow(_ONE, upload_id)
    if row is None:
        raise UploadNotKnown("this file is no longer waiting: choose it again")
    content: bytes = row["content"]
    return Waiting(row["kind"], row["about"], Received(io.BytesIO(content), row["sha256"], len(content)))


async def drop(conn: Conn, upload_id: UUID) -> None:
    """Forget a file that was taken."""
    await conn.execute(_DROP, upload_id)


async def forget_old(conn: Conn) -> None:
    """Forget files that nobody confirmed; for a worker's transaction."""
    await conn.execute(_FORGET, KEPT_HOURS)
