"""Idempotency keys: the answer of an unsafe request is kept in the transaction of its effects."""

from typing import Final

import asyncpg
from fastapi import Response

from hub_chassis.transaction import Transaction
from hub_registry.errors import Finding, Invalid, KeyInUse, KeyReused, SecretNotKept
from hub_schemas.ids import StaffId

KEPT_DAYS: Final = 7
_LONGEST: Final = 200
_KEPT_HEADERS: Final = ("content-type", "location", "etag")

_WAIT = "SELECT set_config('lock_timeout', $1, true)"
_CLAIM = """
    INSERT INTO idempotency_key (staff_id, hub_id, key, request_sha256)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (staff_id, key) DO NOTHING
    RETURNING key
"""
_STORED = "SELECT request_sha256, status, headers, body FROM idempotency_key WHERE staff_id = $1 AND key = $2"
_KEEP = "UPDATE idempotency_key SET status = $3, headers = $4, body = $5 WHERE staff_id = $1 AND key = $2"
_RELEASE = "DELETE FROM idempotency_key WHERE staff_id = $1 AND key = $2 AND status IS NULL"
_FORGET = "DELETE FROM idempotency_key WHERE created_at < now() - make_interval(days => $1)"


async def claim(tx: Transaction, staff_id: StaffId, key: str, what: bytes, *, wait_s: float) -> Response | None:
    """Take the key for this request, or give the answer kept under it.

    A request that is still running with the same key is waited for, because its row is locked.

    Raises:
        KeyReused: the key was used for something else.
        KeyInUse: the other request took too long.
        SecretNotKept: it answered with a secret.
    """
    if not 1 <= len(key) <= _LONGEST or not key.isprintable():
        message = f"must have 1 to {_LONGEST} printable characters"
        raise Invalid("the idempotency key can't be used", [Finding(field="Idempotency-Key", message=message)])
    await tx.conn.execute(_WAIT, f"{round(wait_s * 1000)}ms")
    try:
        claimed = await tx.conn.fetchval(_CLAIM, staff_id, tx.hub_id, key, what)
    except asyncpg.LockNotAvailableError as still_running:
        raise KeyInUse("a request with this idempotency key is still running; ask again later") from still_running
    if claimed is not None:
        await tx.conn.execute(_WAIT, "0")
        return None
    row = await tx.conn.fetchrow(_STORED, staff_id, key)
    if row is None:
        raise KeyInUse("this idempotency key is just being forgotten; use a new one")
    if row["request_sha256"] != what:
        raise KeyReused("this idempotency key was used for another request; use a new one")
    if row["body"] is None:
        raise SecretNotKept("done already; the answer was a secret, shown once and not kept: ask for a new one")
    return Response(row["body"], status_code=row["status"], headers={**row["headers"], "Idempotency-Replayed": "true"})


async def keep(tx: Transaction, staff_id: StaffId, key: str, response: Response) -> None:
    """Store the answer under its key; of one that must not be stored, only that it was given."""
    secret = response.headers.get("cache-control") == "no-store"
    headers = {name: value for name in _KEPT_HEADERS if (value := response.headers.get(name))}
    body = None if secret else bytes(response.body)
    await tx.conn.execute(_KEEP, staff_id, key, response.status_code, headers, body)


async def release(tx: Transaction, staff_id: StaffId, key: str) -> None:
    """Give a key back whose request had no effect."""
    await tx.conn.execute(_RELEASE, staff_id, key)


async def forget_old(tx: Transaction) -> None:
    """Drop answers that nobody will ask for again; for a worker's transaction."""
    await tx.conn.execute(_FORGET, KEPT_DAYS)
