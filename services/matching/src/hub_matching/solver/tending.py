"""Keeping a lease while the work goes on, and knowing when it is lost."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from hub_chassis.backoff import Backoff
from hub_chassis.database import Database
from hub_chassis.errors import is_transient
from hub_matching.errors import LeaseLost
from hub_matching.runs import queue
from hub_matching.runs.model import Lease

log = structlog.get_logger(__name__)


class Tended:
    """A lease with its heartbeat.

    Args:
        db: where the queue is.
        lease: the job as it was claimed.
        lease_s: how long the job stays ours after a heartbeat.
        beat_s: between two heartbeats.
    """

    def __init__(self, db: Database, lease: Lease, *, lease_s: float, beat_s: float) -> None:
        self._db = db
        self._lease = lease
        self._lease_s = lease_s
        self._beat_s = beat_s
        self._writing = asyncio.Lock()
        self._finished = False

    async def until_done(self, work: Coroutine[Any, Any, None], *, stop: asyncio.Event) -> bool:
        """Do the work beside the heartbeat; False when the service stopped first.

        Raises LeaseLost as soon as the lease is known to be lost, and whatever the work raises. Whatever ends first,
        the other is cancelled before this returns.
        """
        working = asyncio.create_task(work)
        beating = asyncio.create_task(self._beat())
        stopping = asyncio.create_task(stop.wait())
        tasks: tuple[asyncio.Task[Any], ...] = (working, beating, stopping)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
                return True
            if beating.done():
                beating.result()
            return False
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def finish(self, write: Callable[[], Awaitable[None]]) -> None:
        """Write the ending, trying again while only the connection is at fault; raises LeaseLost.

        No heartbeat falls between the writing and the knowledge of it: it would find the job gone.
        """
        backoff = Backoff(longest_s=2.0)
        while True:
            async with self._writing:
                try:
                    await write()
                except Exception as error:
                    if not is_transient(error):
                        raise
                    log.warning("ending not written yet", error=str(error))
                else:
                    self._finished = True
                    return
            await asyncio.sleep(backoff.next_s())

    async def _beat(self) -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(self._beat_s)
            async with self._writing:
                if self._finished:
                    await asyncio.Event().wait()  # nothing more to keep; the work is about to return
                try:
                    async with self._db.transaction() as tx:
                        await queue.heartbeat(tx.conn, self._lease, lease_s=self._lease_s)
                    last = time.monotonic()
                except Exception as error:
                    if not is_transient(error):
                        raise
                    if time.monotonic() - last > self._lease_s:
                        raise LeaseLost(self._lease.run.run_id, self._lease.component, self._lease.fence) from error
