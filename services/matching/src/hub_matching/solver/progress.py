"""Progress of a run as events: at most two a second, never worth failing for."""

import time
from typing import Final

import structlog

from hub_chassis.database import Database
from hub_chassis.errors import is_transient
from hub_matching.runs import queue
from hub_matching.runs.model import Lease
from hub_matching.runs.service import cause_of
from hub_matching.solver.wire import Progress
from hub_schemas.events.runs import RunProgressed

log = structlog.get_logger(__name__)

APART_S: Final = 0.5


class ProgressReports:
    """Stages RunProgressed for one job; reports that come too soon after another are left out."""

    def __init__(self, db: Database, lease: Lease) -> None:
        self._db = db
        self._lease = lease
        self._began = self._last = time.monotonic()
        self._before_s = lease.solving_s

    async def tell(self, progress: Progress) -> None:
        """Stage a report under the job's fence; raises LeaseLost."""
        now = time.monotonic()
        if now - self._last < APART_S:
            return
        self._last = now
        run = self._lease.run
        fact = RunProgressed(
            run_id=run.run_id,
            round_id=run.round_id,
            step=progress.step,
            level=progress.level,
            value=progress.value,
            bound=progress.bound,
            incumbent=progress.incumbent,
            share=self._lease.component or None,
            shares=run.shares,
            seconds=round(self._before_s + now - self._began, 3),
            attempt=self._lease.attempt,
        )
        try:
            async with self._db.transaction(hub_id=run.hub_id, cause=cause_of(run)) as tx:
                await queue.hold(tx.conn, self._lease)
                await tx.outbox.add(fact)
        except Exception as error:
            if not is_transient(error):
                raise
            log.info("progress not reported", error=str(error))
