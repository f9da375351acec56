"""The one that publishes: outbox rows, in the order of their ids, by one relay per service.

The advisory lock and LISTEN live on a connection of the relay's own (a pool's reset would unlock). Rows are marked as
sent one by one: a "last seen id" would skip rows whose transaction commits late. A stale relay that still has a send in
flight when the next one starts can only repeat what that one sends first: every relay begins at the first unsent row
and keeps the order of each partition, so the first appearance of each message stays in order; readers drop repeats.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg
import structlog

from hub_chassis import outbox, telemetry
from hub_chassis.backoff import Backoff
from hub_chassis.publisher import Publisher, Unsent
from hub_chassis.settings import Settings
from hub_chassis.waiting import first, pause

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

log = structlog.get_logger(__name__)

FLOOR_S = 1.0
"""Poll at least so often: a notification can be missed."""
STANDBY_S = 1.0
CHECK_S = 3.0
"""While Kafka does not answer, make sure this often that the lock is still held."""
PATIENT_S = 10.0
"""A send that waits longer is told as a failure, and again for each time so long."""
LOCK = 4_821_700_002
ROWS = 2000
FEW = 100
GATHER_S = 0.03
"""After sending few rows and leaving none behind, let more come together: when each of many small transactions stages
a fact or two, a round for each would cost the database, the broker and every reader far more than the facts do."""
GATHER_MOST_S = 0.25
"""While few follow on few, as when thousands of mails go out, the pause grows to this; a fact that comes alone, or as
one of a short chain, is not kept waiting."""
MAX_BYTES = 8_000_000
KEEPALIVE = {"tcp_keepalives_idle": "15", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}
"""The server frees the lock of a relay that vanished after 30 s; the relay itself notices within CHECK_S + 5 s."""

_UNSENT = """
    SELECT id, topic, key, payload
      FROM (SELECT id, topic, key, payload, sum(length(payload)) OVER (ORDER BY id) AS total
              FROM (SELECT id, topic, key, payload FROM outbox WHERE sent_at IS NULL ORDER BY id LIMIT $1) AS next
           ) AS sized
     WHERE total - length(payload) < $2
     ORDER BY id
"""
_MARK = "UPDATE outbox SET sent_at = now() WHERE id = ANY ($1::bigint[])"


def gathering_s(sent: int, *, full: bool, before_s: float) -> float:
    """How long to let rows come together after a round of ``sent``.

    Args:
        sent: rows of that round.
        full: whether ROWS or MAX_BYTES cut it: more lie there already. A few large rows fill a round, too.
        before_s: how long the pause was after the round before it.
    """
    if full or sent >= FEW:
        return 0.0
    return min(2 * before_s, GATHER_MOST_S) if before_s else GATHER_S


def is_full(rows: Sequence[Unsent]) -> bool:
    """Whether ROWS or MAX_BYTES ended a round, so that more rows may lie behind it."""
    return len(rows) >= ROWS or sum(len(row.payload) for row in rows) >= MAX_BYTES


class Relay:
    """Publishes a service's outbox while it holds the lock; otherwise stands by.

    ``reason`` says why it can't do its part now (None while it can, standing by included).
    """

    def __init__(self, settings: Settings, *, role: str | None) -> None:
        self._settings = settings
        self._role = role
        self.leading = False
        self.reason: str | None = "not started"

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until ``stop`` is set and what was staged by then is sent, unless Kafka is away."""
        backoff = Backoff(longest_s=5.0)
        while not stop.is_set():
            try:
                await self._lead_when_free(stop)
                backoff.reset()
            except Exception as error:
                telemetry.RELAY_FAILURES.inc()
                self.reason = f"cannot publish: {type(error).__name__}"
                log.warning("relay interrupted", error=repr(error))
                await pause(stop, backoff.next_s())
            finally:
                self.leading = False
                telemetry.RELAY_LEADER.set(0)

    async def _lead_when_free(self, stop: asyncio.Event) -> None:
        async with _own_connection(self._settings, self._role) as conn:
            while not await conn.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
                self.reason = None
                if await pause(stop, STANDBY_S):
                    return
            self.leading = True
            telemetry.RELAY_LEADER.set(1)
            await self._lead(conn, stop)

    async def _lead(self, conn: "Connection", stop: asyncio.Event) -> None:
        woken, lost = asyncio.Event(), asyncio.Event()
        conn.add_termination_listener(lambda *_: lost.set())
        await conn.add_listener(outbox.CHANNEL, lambda *_: woken.set())
        async with Publisher.open(self._settings) as publisher:
            while True:
                stopping = stop.is_set()
                woken.clear()
                gather_s = 0.0
                while rows := await self._round(conn, publisher, lost=lost, stop=stop):
                    gather_s = gathering_s(len(rows), full=is_full(rows), before_s=gather_s)
                    if gather_s:
                        await pause(stop, gather_s)
                self.reason = None
                if stopping:
                    return
                await first(woken, stop, lost, longest_s=FLOOR_S)

    async def _round(
        self, conn: "Connection", publisher: Publisher, *, lost: asyncio.Event, stop: asyncio.Event
    ) -> list[Unsent]:
        """Send and mark the next rows, and give them."""
        rows = [Unsent(*row) for row in await conn.fetch(_UNSENT, ROWS, MAX_BYTES)]
        if not rows:
            return []
        sending = asyncio.create_task(publisher.send(rows))
        try:
            await self._confirmed(sending, conn, lost=lost, stop=stop)
        finally:
            sending.cancel()
            if (sent := publisher.take_sent()) and not conn.is_closed():
                await conn.execute(_MARK, sent)
        return rows

    async def _confirmed(
        self, sending: "asyncio.Task[None]", conn: "Connection", *, lost: asyncio.Event, stop: asyncio.Event
    ) -> None:
        """Wait for the broker as long as the lock is ours."""
        losing = asyncio.create_task(lost.wait())
        waited = _Waited()
        try:
            while not sending.done():
                await asyncio.wait({sending, losing}, timeout=CHECK_S, return_when=asyncio.FIRST_COMPLETED)
                if lost.is_set():
                    raise ConnectionError("the connection that held the relay's lock is gone")
                if not sending.done():
                    waited.note()
                    await self._still_ours(conn)
                    if stop.is_set():
                        raise ConnectionError("stopping while Kafka does not answer")
            sending.result()
        finally:
            losing.cancel()

    async def _still_ours(self, conn: "Connection") -> None:
        self.reason = "Kafka does not answer"
        await conn.execute("SELECT 1", timeout=5.0)


class _Waited:
    """One send that Kafka does not confirm: the producer itself tries for ever and says nothing."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._told = 0

    def note(self) -> None:
        """Count each PATIENT_S of waiting, and log the first."""
        due = int((time.monotonic() - self._since) / PATIENT_S)
        if due > self._told:
            telemetry.RELAY_FAILURES.inc(due - self._told)
            if not self._told:
                log.warning("relay waits: Kafka does not answer", waited_s=PATIENT_S)
            self._told = due


@asynccontextmanager
async def _own_connection(settings: Settings, role: str | None) -> "AsyncIterator[Connection]":
    server = {"application_name": f"hub-{settings.service}-relay", **KEEPALIVE} | ({"role": role} if role else {})
    conn = await asyncpg.connect(settings.database_url, timeout=5.0, command_timeout=30.0, server_settings=server)
    try:
        yield conn
    finally:
        conn.terminate()
