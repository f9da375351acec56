"""All SQL about files of students; row-level security shows each person their own."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.errors import UploadNotKnown

_INSERT = """
    INSERT INTO student_file (file_id, hub_id, staff_id, school_id, name, absent, sha256, size_bytes, content, state)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'checking')
"""
_ONE = """
    SELECT file_id, school_id, name, absent, sha256, size_bytes, state, outcome, changed_at
      FROM student_file
     WHERE file_id = $1
"""
_CONTENT = "SELECT content FROM student_file WHERE file_id = $1"
_MOVE = (
    "UPDATE student_file SET state = $3, changed_at = now() WHERE file_id = $1 AND state = ANY ($2) RETURNING file_id"
)
_END = """
    UPDATE student_file
       SET state = $2, outcome = $3, changed_at = now(),
           content = CASE WHEN $2 IN ('taken', 'refused') THEN NULL ELSE content END
     WHERE file_id = $1
"""
_FORGET = "DELETE FROM student_file WHERE changed_at < now() - interval '1 day'"


async def insert(conn: Conn, row: Mapping[str, Any], content: bytes) -> None:
    """Keep a file that was sent."""
    names = ("file_id", "hub_id", "staff_id", "school_id", "name", "absent", "sha256", "size_bytes")
    await conn.execute(_INSERT, *(row[name] for name in names), content)


async def load(conn: Conn, file_id: UUID) -> dict[str, Any]:
    """Read what is known of an upload, without its content; raises UploadNotKnown."""
    row = await conn.fetchrow(_ONE, file_id)
    if row is None:
        raise UploadNotKnown("there is no such file of yours, or it was sent more than a day ago")
    return dict(row)


async def load_content(conn: Conn, file_id: UUID) -> bytes:
    """Read an upload's file."""
    content: bytes = await conn.fetchval(_CONTENT, file_id)
    return content


async def move(conn: Conn, file_id: UUID, *, allowed: tuple[str, ...], to: str) -> bool:
    """Move an upload on; False when it is in none of the states allowed, because somebody was quicker."""
    return await conn.fetchval(_MOVE, file_id, list(allowed), to) is not None


async def end(conn: Conn, file_id: UUID, *, state: str, outcome: Mapping[str, Any]) -> None:
    """Note what came of it; the file goes once nothing needs it."""
    await conn.execute(_END, file_id, state, outcome)


async def forget_old(conn: Conn) -> None:
    """Drop what was sent more than a day ago."""
    await conn.execute(_FORGET)
