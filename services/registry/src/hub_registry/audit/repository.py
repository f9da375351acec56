"""All SQL about the audit; the rows are written by the triggers of revision 0001."""

from typing import Any

from hub_chassis.database import Conn

_PAGE = """
    SELECT audit_id, at, staff_id, action, subject_kind, subject_id, before, after
      FROM audit
     WHERE ($1::bigint IS NULL OR audit_id < $1)
       AND ($2::text IS NULL OR subject_kind = $2)
       AND ($3::text IS NULL OR subject_id = $3)
     ORDER BY audit_id DESC
     LIMIT $4
"""


async def load_entries(
    conn: Conn, *, before: int | None, limit: int, subject_kind: str | None = None, subject_id: str | None = None
) -> list[dict[str, Any]]:
    """Read changes, newest first."""
    return [dict(row) for row in await conn.fetch(_PAGE, before, subject_kind, subject_id, limit)]
