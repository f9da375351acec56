"""What an operator decides about a dead letter: handle it again, or drop it; what was parked behind it follows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from hub_chassis import effect, inbox, outbox
from hub_chassis.database import Conn, Database
from hub_chassis.errors import DeadLetterNotFound, Permanent, is_transient
from hub_chassis.handlers import Handlers, Wanted
from hub_schemas import catalogue
from hub_schemas.envelope import AnyEnvelope

_FIND = "SELECT topic, key FROM dead_letter WHERE id = $1 AND settled_at IS NULL"
_LOCK = "SELECT FROM parked_key WHERE topic = $1 AND key = $2 FOR UPDATE"
_HEAD = """
    SELECT id, topic, reason, value
      FROM dead_letter
     WHERE settled_at IS NULL AND (id = $1 OR (topic = $2 AND key = $3))
     ORDER BY id
     LIMIT 1
       FOR UPDATE
"""
_SETTLE = (
    "UPDATE dead_letter SET settled_at = now(), settled_how = $2 WHERE id = $1 AND settled_at IS NULL RETURNING id"
)
_AGAIN = "UPDATE dead_letter SET error = $2, reason = replace(reason, 'parked', 'permanent') WHERE id = $1"
_UNPARK = "DELETE FROM parked_key WHERE topic = $1 AND key = $2"
_LIST = """
    SELECT id, topic, key, reason, error, created_at
      FROM dead_letter
     WHERE settled_at IS NULL
     ORDER BY id
     LIMIT $1
"""


@dataclass(frozen=True)
class DeadLetter:
    """An open dead letter as operators see it."""

    id: int
    topic: str
    key: str | None
    reason: Literal["unreadable", "permanent", "parked"]
    error: str
    created_at: datetime


@dataclass(frozen=True)
class Replayed:
    """How far a replay came: ``stopped_at`` is the dead letter that failed again (None when the key is free)."""

    handled: int
    stopped_at: int | None


class _FailedAgain(Exception):
    """The head of the queue can't be handled yet; rolls its effects back."""

    def __init__(self, dead_letter_id: int, error: Exception) -> None:
        super().__init__(str(error))
        self.dead_letter_id = dead_letter_id
        self.error = error


async def waiting(db: Database, *, limit: int = 200) -> list[DeadLetter]:
    """List open dead letters, oldest first."""
    async with db.connection() as conn:
        return [DeadLetter(**dict(row)) for row in await conn.fetch(_LIST, limit)]


async def replay(db: Database, handlers: Handlers, dead_letter_id: int) -> Replayed:
    """Handle a dead letter again, with all that is parked on its key, oldest first, a transaction for each.

    Stops at the first that fails for good; the key stays parked then. Raises DeadLetterNotFound, or what is transient.
    """
    async with db.connection() as conn:
        found = await conn.fetchrow(_FIND, dead_letter_id)
    if found is None:
        raise DeadLetterNotFound(dead_letter_id)
    return await _drain(db, handlers, dead_letter_id, topic=found["topic"], key=found["key"])


async def discard(db: Database, handlers: Handlers, dead_letter_id: int) -> Replayed:
    """Drop a dead letter for good and handle what is parked behind it; raises DeadLetterNotFound."""
    async with db.connection() as conn, conn.transaction():
        found = await conn.fetchrow(_FIND, dead_letter_id)
        if found is None or await conn.fetchval(_SETTLE, dead_letter_id, "discarded") is None:
            raise DeadLetterNotFound(dead_letter_id)
    return await _drain(db, handlers, dead_letter_id, topic=found["topic"], key=found["key"])


async def _drain(db: Database, handlers: Handlers, dead_letter_id: int, *, topic: str, key: str | None) -> Replayed:
    handled = 0
    while True:
        try:
            async with db.connection() as conn, conn.transaction():
                # Held before looking: the consumer parks under a share lock of this row.
                await conn.fetchrow(_LOCK, topic, key)
                head = await conn.fetchrow(_HEAD, dead_letter_id, topic, key)
                if head is None:
                    await conn.execute(_UNPARK, topic, key)
                    return Replayed(handled, None)
                await _again(conn, db.source, handlers, head)
                handled += 1
        except _FailedAgain as failed:
            async with db.connection() as conn:
                error = f"{type(failed.error).__name__}: {failed.error}"[:2000]
                await conn.execute(_AGAIN, failed.dead_letter_id, error)
            return Replayed(handled, failed.dead_letter_id)


async def _again(conn: Conn, source: str, handlers: Handlers, head: Any) -> None:
    try:
        envelope = catalogue.parse(head["topic"], head["value"])
        wanted = handlers.find(head["topic"], type(envelope.data))
        # An unreadable record could not be claimed when it came; the others were.
        new = head["reason"] != "unreadable" or bool(await inbox.claim(conn, [envelope.id]))
        if wanted is None:
            raise Permanent(f"no handler for {envelope.type}")
        if new:
            await _take(conn, envelope, wanted, source=source, topic=head["topic"])
    except Exception as error:
        if is_transient(error):
            raise
        raise _FailedAgain(head["id"], error) from error
    await conn.execute(_SETTLE, head["id"], "replayed")


async def _take(conn: Conn, envelope: AnyEnvelope, wanted: Wanted, *, source: str, topic: str) -> None:
    state = (envelope.source, topic, envelope.subject)
    if wanted.fact.replaces_state:
        if envelope.seq <= (await inbox.passed(conn, [state])).get(state, -1):
            return
        await inbox.advance(conn, {state: envelope.seq})
    rows = await effect.take(conn, [envelope], wanted, source=source, scoped=None)
    await outbox.flush(conn, rows)
