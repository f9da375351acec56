"""Brings the gauges of the plumbing up to date, whatever the parts they are about are doing or failing to do.

Every replica looks for itself: a part that hangs can't be the one that says so.
"""

import asyncio
import time

import structlog

from hub_chassis import dead_letters, telemetry
from hub_chassis.database import Database
from hub_chassis.health import Health
from hub_chassis.waiting import pause

log = structlog.get_logger(__name__)

EVERY_S = 5.0
NAP_S = 0.5

_OUTBOX = """
    SELECT count(*) AS unsent, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest_s
      FROM outbox
     WHERE sent_at IS NULL
"""
_LATE = "SELECT coalesce(extract(epoch FROM now() - min(due_at)), 0)::float8 FROM due WHERE due_at <= now()"


async def run(db: Database, health: Health, stop: asyncio.Event) -> None:
    """Look every few seconds until ``stop`` is set; while the database is away, the parts' state still shows."""
    while not stop.is_set():
        reasons = await health.reasons()
        telemetry.PART_READY.replace({(part,): float(part not in reasons) for part in health.parts})
        try:
            await observe(db)
        except Exception as error:
            log.info("what waits in the database can't be counted now", error=repr(error))
        await pause(stop, EVERY_S)


async def observe(db: Database) -> None:
    """Count what waits in the database; raises what the database raises."""
    async with db.connection() as conn:
        outbox = await conn.fetchrow(_OUTBOX)
        assert outbox is not None  # noqa: S101 -- an aggregate has a row
        telemetry.OUTBOX_UNSENT.set(outbox["unsent"])
        telemetry.OUTBOX_AGE.set(outbox["oldest_s"])
        telemetry.DEAD_LETTERS_OPEN.set(await dead_letters.count_open(conn))
        telemetry.DUE_LATE.set(await conn.fetchval(_LATE))
    telemetry.OBSERVED_AT.set(time.time())


async def watch_loop(stop: asyncio.Event) -> None:
    """Measure how late the event loop is: what keeps it busy keeps every request and heartbeat waiting."""
    while not stop.is_set():
        asleep = time.perf_counter()
        stopped = await pause(stop, NAP_S)
        if not stopped:
            telemetry.LOOP_DELAY.observe(max(0.0, time.perf_counter() - asleep - NAP_S))
