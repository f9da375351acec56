"""All SQL about files that were sent; row-level security shows each person their own."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.errors import UploadNotKnown
from hub_registry.imports.progress import Step
from hub_registry.uploads.model import BUSY, Upload

_INSERT = """
    INSERT INTO upload (upload_id, hub_id, staff_id, kind, about, name, sha256, size_bytes, content, state)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'checking')
"""
_ONE = """
    SELECT upload_id, kind, about, name, sha256, size_bytes, state, step, rows_done, rows_total, outcome,
           extract(epoch FROM now() - changed_at)::float8 AS silent_s
      FROM upload
     WHERE upload_id = $1
"""
_CONTENT = "SELECT content FROM upload WHERE upload_id = $1"
_CLAIM = "SELECT pg_try_advisory_xact_lock(hashtextextended('upload ' || $1::text, 0))"
_CONFIRM = """
    UPDATE upload
       SET state = 'taking', step = 'waiting', rows_done = 0, rows_total = 0, changed_at = now()
     WHERE upload_id = $1
       AND (state IN ('checked', 'failed') OR (state = ANY ($2) AND changed_at < now() - make_interval(secs => $3)))
    RETURNING upload_id
"""
_AGAIN = """
    UPDATE upload
       SET changed_at = now()
     WHERE upload_id = $1 AND state = ANY ($2) AND changed_at < now() - make_interval(secs => $3)
    RETURNING upload_id
"""
_BEAT = """
    UPDATE upload
       SET step = $2, rows_done = $3, rows_total = $4, changed_at = now()
     WHERE upload_id = $1 AND state = ANY ($5)
"""
_END = """
    UPDATE upload
       SET state = $2, outcome = $3, changed_at = now(),
           content = CASE WHEN $2 IN ('taken', 'refused') THEN NULL ELSE content END
     WHERE upload_id = $1 AND state = ANY ($4)
"""
_FORGET = "DELETE FROM upload WHERE changed_at < now() - interval '1 day'"


async def insert(conn: Conn, row: Mapping[str, Any], content: bytes) -> None:
    """Keep a file that was sent."""
    names = ("upload_id", "hub_id", "staff_id", "kind", "about", "name", "sha256", "size_bytes")
    await conn.execute(_INSERT, *(row[name] for name in names), content)


async def load(conn: Conn, upload_id: UUID) -> Upload:
    """Read what is known of a file, without its content; raises UploadNotKnown."""
    row = await conn.fetchrow(_ONE, upload_id)
    if row is None:
        raise UploadNotKnown("there is no such file of yours, or it was sent more than a day ago")
    known = dict(row)
    step = Step(known.pop("step"), known.pop("rows_done"), known.pop("rows_total"))
    return Upload(**{**known, "step": step, "outcome": known["outcome"] or {}})


async def load_content(conn: Conn, upload_id: UUID) -> bytes:
    """Read the file itself."""
    content: bytes = await conn.fetchval(_CONTENT, upload_id)
    return content


async def claim(conn: Conn, upload_id: UUID) -> bool:
    """Be the only one at work on a file until the transaction ends, also by a crash; False when somebody else is."""
    return bool(await conn.fetchval(_CLAIM, str(upload_id)))


async def confirm(conn: Conn, upload_id: UUID, *, silent_s: float) -> bool:
    """Say that a file that was checked, or whose taking failed, shall be taken; False when it was said before."""
    return await conn.fetchval(_CONFIRM, upload_id, ["taking"], silent_s) is not None


async def again(conn: Conn, upload_id: UUID, *, silent_s: float) -> bool:
    """Let a check that nobody is at any more begin anew; False when somebody is."""
    return await conn.fetchval(_AGAIN, upload_id, ["checking"], silent_s) is not None


async def beat(conn: Conn, upload_id: UUID, step: Step) -> None:
    """Note that somebody is at work on it, and how far."""
    await conn.execute(_BEAT, upload_id, step.name, step.done, step.total, list(BUSY))


async def end(conn: Conn, upload_id: UUID, *, state: str, outcome: Mapping[str, Any]) -> None:
    """Note what came of it; the file goes once nothing needs it."""
    await conn.execute(_END, upload_id, state, outcome, list(BUSY))


async def forget_old(conn: Conn) -> None:
    """Drop what was sent more than a day ago; for a worker's transaction."""
    await conn.execute(_FORGET)
