"""All SQL about tries to sign in."""

import math
from collections.abc import Sequence

from hub_chassis.database import Conn
from hub_registry.attempts.model import Count, wait_s

_LOCK = """
    INSERT INTO attempt AS a (key_sha256, failures) VALUES ($1, 0)
    ON CONFLICT (key_sha256) DO UPDATE
       SET failures = CASE WHEN a.last_at < now() - interval '1 day' THEN 0 ELSE a.failures END
    RETURNING failures, extract(epoch FROM free_at - now())::float8 AS left_s
"""
_FAIL = """
    UPDATE attempt SET failures = $2, last_at = now(), free_at = now() + make_interval(secs => $3) WHERE key_sha256 = $1
"""
_FORGET = "DELETE FROM attempt WHERE key_sha256 = ANY ($1)"
_OLD = "DELETE FROM attempt WHERE last_at < now() - interval '2 days'"


async def lock_count(conn: Conn, count: Count) -> tuple[int, int]:
    """Keep a count for this transaction; gives the tries in vain and the seconds still to wait."""
    row = await conn.fetchrow(_LOCK, count.key)
    assert row is not None  # noqa: S101 -- the statement returns the row that it writes
    return row["failures"], max(0, math.ceil(row["left_s"]))


async def note_failure(conn: Conn, count: Count, failures: int) -> None:
    """Count a try as one in vain, until it turns out to be right."""
    await conn.execute(_FAIL, count.key, failures, wait_s(failures, count))


async def forget(conn: Conn, counts: Sequence[Count]) -> None:
    """Begin these counts anew."""
    await conn.execute(_FORGET, [count.key for count in counts])


async def forget_old(conn: Conn) -> None:
    """Drop counts that hold nobody any more."""
    await conn.execute(_OLD)
