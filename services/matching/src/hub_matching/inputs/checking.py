"""The worker that checks inputs whose chunks have all arrived, and keeps the waiting runs informed."""

import asyncio
import time
from contextlib import nullcontext
from typing import Final

import structlog

from hub_chassis import correlation
from hub_chassis.backoff import Backoff
from hub_chassis.database import Database
from hub_chassis.errors import is_transient
from hub_chassis.service import Running
from hub_chassis.waiting import pause
from hub_matching import metrics
from hub_matching.inputs import repository, service
from hub_matching.runs import queue
from hub_matching.runs import repository as runs
from hub_matching.runs.service import free_waiting, keep_waiting
from hub_matching.settings import MatchingSettings

log = structlog.get_logger(__name__)

TELL_EVERY_S: Final = 2.0


async def check_inputs(running: Running) -> None:
    """Check inputs until the service stops.

    A worker and not the handlers: the last chunk and the closing come on two topics, in two transactions that may not
    see each other, and putting a large input together takes seconds.
    """
    settings = running.settings
    assert isinstance(settings, MatchingSettings)  # noqa: S101 -- main.py makes them so
    backoff = Backoff(longest_s=10.0)
    told = 0.0
    while not running.stop.is_set():
        try:
            if await check_next(running.worker_db):
                continue
            if time.monotonic() - told > TELL_EVERY_S:
                told = time.monotonic()
                await tell_waiting(running.worker_db)
                await measure(running.worker_db)
            backoff.reset()
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("checking of inputs waits for PostgreSQL", error=str(error))
            await pause(running.stop, backoff.next_s())
        await pause(running.stop, settings.solver_poll_s)


async def check_next(db: Database) -> bool:
    """Check one complete input, if there is one; says whether there was."""
    async with db.transaction() as tx:
        input_ = await repository.lock_complete(tx.conn)
        if input_ is None:
            return False
        cause = input_.correlation_id
        with correlation.correlated(cause) if cause else nullcontext():
            await service.check_one(tx, input_, on_held=free_waiting, on_refused=keep_waiting)
    log.info("input checked", input_id=str(input_.input_id), round_id=str(input_.round_id))
    return True


async def tell_waiting(db: Database) -> None:
    """Say anew for what runs wait, where chunks have arrived since."""
    async with db.connection() as conn:
        waited_for = await repository.waited_for(conn)
    for input_id in waited_for:
        async with db.transaction() as tx:
            await keep_waiting(tx, await repository.read(tx.conn, input_id))
        await asyncio.sleep(0)


async def measure(db: Database) -> None:
    """Bring the gauges up to date."""
    async with db.connection() as conn:
        depth = await queue.depth(conn)
        waiting = await runs.load_waiting(conn)
        metrics.QUEUE_DEPTH.set(depth.jobs)
        metrics.QUEUE_OLDEST.set(depth.oldest_s)
        counts = {one.missing: one.runs for one in waiting}
        metrics.RUNS_WAITING.replace({(missing,): counts.get(missing, 0) for missing in runs.MISSING})
        metrics.RUNS_WAITING_OLDEST.set(max((one.oldest_s for one in waiting), default=0.0))
        metrics.INPUTS_WAITING.set(await repository.count_waiting(conn))
