"""Time makes facts too: rows that fall due are fired exactly once, in a transaction, also after downtime.

::

    due = Due()

    @due.fires("round.close")
    async def close(row: DueRow, tx: Transaction) -> None: ...

    await schedule(tx, kind="round.close", subject=str(round_id), at=deadline)
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from hub_chassis import correlation, outbox, telemetry
from hub_chassis.backoff import Backoff
from hub_chassis.database import Database
from hub_chassis.errors import is_away
from hub_chassis.transaction import Transaction, set_scope
from hub_chassis.waiting import pause
from hub_schemas.ids import HubId, new_id

log = structlog.get_logger(__name__)

TICK_S = 0.5

_SCHEDULE = """
    INSERT INTO due (id, hub_id, kind, subject, due_at, next_try, payload)
    VALUES ($1, $2, $3, $4, $5, $5, $6)
        ON CONFLICT (kind, subject, due_at) DO UPDATE SET payload = excluded.payload
    RETURNING id
"""
_CANCEL = "DELETE FROM due WHERE kind = $1 AND subject = $2"
_NEXT = """
    SELECT id, hub_id, kind, subject, due_at, payload, tries
      FROM due
     WHERE next_try <= now() AND kind = ANY ($1::text[])
     ORDER BY due_at, id
     LIMIT 1
       FOR UPDATE SKIP LOCKED
"""
_DONE = "DELETE FROM due WHERE id = $1"
_LATER = """
    UPDATE due
       SET tries = tries + 1, last_error = $2, next_try = now() + least(2 ^ least(tries, 8), 300) * interval '1 second'
     WHERE id = $1
"""


@dataclass(frozen=True)
class DueRow:
    """Something that was to happen at ``due_at``."""

    id: UUID
    hub_id: HubId | None
    kind: str
    subject: str
    due_at: datetime
    payload: dict[str, Any]
    tries: int


Fire = Callable[[DueRow, Transaction], Awaitable[None]]


class Due:
    """Which function fires which kind of due row."""

    def __init__(self) -> None:
        self._fires: dict[str, Fire] = {}

    def fires(self, kind: str) -> Callable[[Fire], Fire]:
        """Register the function of a kind; if it raises, the row is tried again later (2 s, 4 s … 5 min)."""

        def register(fire: Fire) -> Fire:
            if kind in self._fires:
                raise ValueError(f"{kind} is fired by another function already")
            self._fires[kind] = fire
            return fire

        return register

    def find(self, kind: str) -> Fire:
        """The function of a kind."""
        return self._fires[kind]

    @property
    def kinds(self) -> list[str]:
        """All kinds, sorted."""
        return sorted(self._fires)


async def schedule(
    tx: Transaction, *, kind: str, subject: str, at: datetime, payload: Mapping[str, Any] | None = None
) -> UUID:
    """Let a function fire once at a time (aware) if the transaction commits; same kind, subject, time: the same row."""
    row: UUID = await tx.conn.fetchval(_SCHEDULE, new_id(), tx.hub_id, kind, subject, at, dict(payload or {}))
    return row


async def cancel(tx: Transaction, *, kind: str, subject: str) -> None:
    """Forget what was scheduled of this kind for this subject, if it has not fired."""
    await tx.conn.execute(_CANCEL, kind, subject)


class Clock:
    """Fires due rows; any number of clocks may run side by side."""

    def __init__(self, db: Database, due: Due) -> None:
        self._db = db
        self._due = due

    async def run(self, stop: asyncio.Event) -> None:
        """Fire what falls due until ``stop`` is set."""
        backoff = Backoff(longest_s=5.0)
        while not stop.is_set():
            try:
                while not stop.is_set() and await self.fire_next():
                    pass
                backoff.reset()
                await pause(stop, TICK_S)
            except Exception as error:
                log.warning("clock interrupted", error=repr(error))
                await pause(stop, backoff.next_s())

    async def fire_next(self) -> bool:
        """Fire the row that has been due longest, in one transaction; False when none is due."""
        async with self._db.connection() as conn, conn.transaction():
            found = await conn.fetchrow(_NEXT, self._due.kinds)
            if found is None:
                return False
            row = DueRow(**dict(found))
            try:
                async with conn.transaction():
                    await self._fire(conn, row)
                    await conn.execute(_DONE, row.id)
                telemetry.DUE_FIRED.labels(row.kind, "fired").inc()
            except Exception as error:
                if is_away(error) or conn.is_closed():
                    raise
                log.exception("a due row failed; it will be tried again", kind=row.kind, subject=row.subject)
                telemetry.DUE_FIRED.labels(row.kind, "failed").inc()
                await conn.execute(_LATER, row.id, f"{type(error).__name__}: {error}"[:2000])
            return True

    async def _fire(self, conn: Any, row: DueRow) -> None:
        await set_scope(conn, hub_id=row.hub_id)
        tx = Transaction(conn, source=self._db.source, hub_id=row.hub_id)
        with correlation.correlated(new_id()):
            await self._due.find(row.kind)(row, tx)
            await outbox.flush(conn, tx.outbox.rows)
