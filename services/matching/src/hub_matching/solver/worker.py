"""A worker: claims a job, keeps its lease, has it solved in a child process, writes the ending under its fence."""

import asyncio
import contextlib
import math
import os
import socket
import time
from collections.abc import Iterator, Sequence
from typing import Final

import structlog
from opentelemetry.util.types import Attributes

from hub_chassis import correlation, tracing
from hub_chassis.backoff import Backoff
from hub_chassis.database import Database
from hub_chassis.errors import is_transient
from hub_chassis.service import Running
from hub_chassis.waiting import pause
from hub_matching import metrics
from hub_matching.errors import ChildCrashed, ChildSilent, LeaseLost
from hub_matching.results import service as results
from hub_matching.results.chunks import Piece, cut
from hub_matching.results.model import Result
from hub_matching.runs import queue, shares
from hub_matching.runs import repository as runs
from hub_matching.runs.model import Failure, FailureCode, Lease
from hub_matching.runs.service import cause_of, fail
from hub_matching.settings import MatchingSettings
from hub_matching.solver.pool import ProcessPool
from hub_matching.solver.process import SolverProcess
from hub_matching.solver.progress import ProgressReports
from hub_matching.solver.task import Planned, SolvedShare, Task
from hub_matching.solver.tasks import task_of
from hub_matching.solver.tending import Tended
from hub_schemas.events.runs import RunProgressed
from hub_schemas.ids import new_id

log = structlog.get_logger(__name__)

Ending = Result | Planned | SolvedShare | Failure

REST_S: Final = 3.0
"""No new process is made ready so soon after a job: that takes seconds of a core, while others take the result."""


async def solve_jobs(running: Running) -> None:
    """Solve jobs until the service stops: HUB_SOLVER_PROCESSES workers side by side."""
    settings = running.settings
    assert isinstance(settings, MatchingSettings)  # noqa: S101 -- main.py makes them so
    pool = ProcessPool(settings.solver_prewarmed)
    metrics.SOLVERS.set(settings.solver_processes)
    try:
        await pool.fill()
        async with asyncio.TaskGroup() as group:
            for _ in range(settings.solver_processes):
                worker = SolverWorker(running.worker_db, settings, pool=pool, stop=running.stop)
                group.create_task(worker.run())
    finally:
        await pool.close()


class SolverWorker:
    """Solves one job at a time."""

    def __init__(self, db: Database, settings: MatchingSettings, *, pool: ProcessPool, stop: asyncio.Event) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{new_id().hex[-8:]}"
        self._db = db
        self._settings = settings
        self._pool = pool
        self._stop = stop

    async def run(self) -> None:
        """Claim and solve until the service stops; waits out what is transient."""
        backoff = Backoff(first_s=self._settings.solver_poll_s, longest_s=10.0)
        worked_at = -math.inf
        while not self._stop.is_set():
            try:
                worked = await self.run_one()
                backoff.reset()
                if worked:
                    worked_at = time.monotonic()
                elif time.monotonic() - worked_at > REST_S:
                    await self._pool.fill()
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("solver worker waits for PostgreSQL", error=str(error))
                await pause(self._stop, backoff.next_s())
            else:
                if not worked:
                    await pause(self._stop, self._settings.solver_poll_s)

    async def run_one(self) -> bool:
        """Solve the next job, if there is one; says whether there was."""
        lease = await self._claim()
        if lease is None:
            return False
        began = time.monotonic()
        run_log = log.bind(run_id=str(lease.run.run_id), fence=lease.fence, attempt=lease.attempt)
        metrics.SOLVERS_BUSY.inc()
        run_log.info("solving", taken_over=lease.taken_over, share=lease.component, shares=lease.run.shares)
        try:
            with _traced(lease):
                await self._work(lease)
        except LeaseLost:
            metrics.LEASES_LOST.inc()
            run_log.warning("lease lost: the run was cancelled or taken over")
        except ChildSilent as silent:
            await self._end(lease, Failure(FailureCode.CRASHED, silent.reason))
        except ChildCrashed as crashed:
            metrics.CHILD_CRASHES.inc()
            await self._retry_or_fail(lease, crashed.reason)
        except Exception as error:
            if is_transient(error):
                raise
            run_log.exception("unforeseen error")
            await self._retry_or_fail(lease, f"{type(error).__name__} around the solver")
        else:
            run_log.info("done", seconds=round(time.monotonic() - began, 3))
        finally:
            metrics.SOLVERS_BUSY.dec()
        return True

    async def _claim(self) -> Lease | None:
        async with self._db.transaction() as tx:
            lease = await queue.claim(tx.conn, worker=self.name, lease_s=self._settings.solver_lease_s)
        if lease is None:
            return None
        if lease.taken_over:
            metrics.TAKEOVERS.inc()
        if lease.attempt > self._settings.solver_attempts:
            reason = f"given up after {lease.attempt - 1} attempts: its solver's service ended each time"
            await self._end(lease, Failure(FailureCode.CRASHED, reason))
            return None
        return lease

    async def _work(self, lease: Lease) -> None:
        run = lease.run
        async with self._db.transaction(hub_id=run.hub_id, cause=cause_of(run)) as tx:
            await queue.hold(tx.conn, lease)
            await runs.set_solving(tx.conn, run.run_id)
            await tx.outbox.add(_begun(lease))
            task = await task_of(tx.conn, lease, self._settings)
        if isinstance(task, Failure):
            await self._fail(lease, task)
            return
        child = await self._pool.take()
        settings = self._settings
        tended = Tended(self._db, lease, lease_s=settings.solver_lease_s, beat_s=settings.solver_heartbeat_s)
        try:
            if not await tended.until_done(self._solve(lease, task, child=child, tended=tended), stop=self._stop):
                await self._give_back(lease)
        finally:
            await child.kill()

    async def _solve(self, lease: Lease, task: Task, *, child: SolverProcess, tended: Tended) -> None:
        limit_s = lease.run.policy.time_limit_seconds + self._settings.solver_grace_s
        try:
            async with asyncio.timeout(limit_s):
                ending = await child.perform(task, on_progress=ProgressReports(self._db, lease).tell)
        except TimeoutError:
            raise ChildSilent(limit_s) from None
        pieces = await asyncio.to_thread(cut, ending.parts) if isinstance(ending, Result) else ()
        await tended.finish(lambda: self._write(lease, ending, pieces))

    async def _write(self, lease: Lease, ending: Ending, pieces: Sequence[Piece]) -> None:
        async with self._db.transaction(hub_id=lease.run.hub_id, cause=cause_of(lease.run)) as tx:
            match ending:
                case Result():
                    await results.solved(tx, lease, ending, pieces)
                case Planned(shares=count):
                    await shares.cut(tx, lease, count)
                case SolvedShare():
                    await shares.keep(tx, lease, ending)
                case Failure():
                    await queue.hold_all(tx.conn, lease)
                    await fail(tx, lease.run, ending)

    async def _fail(self, lease: Lease, failure: Failure) -> None:
        async with self._db.transaction(hub_id=lease.run.hub_id, cause=cause_of(lease.run)) as tx:
            await queue.hold_all(tx.conn, lease)
            await fail(tx, lease.run, failure)

    async def _end(self, lease: Lease, failure: Failure) -> None:
        # Somebody else may hold the job by now: then the ending is theirs to write.
        with contextlib.suppress(LeaseLost):
            await self._fail(lease, failure)

    async def _retry_or_fail(self, lease: Lease, reason: str) -> None:
        if lease.attempt >= self._settings.solver_attempts:
            await self._end(lease, Failure(FailureCode.CRASHED, f"{reason}; given up after {lease.attempt} attempts"))
            return
        with contextlib.suppress(LeaseLost):
            async with self._db.transaction() as tx:
                await queue.hold(tx.conn, lease)
                await queue.release(tx.conn, lease, after_s=self._settings.solver_retry_s, fault=reason, counts=True)

    async def _give_back(self, lease: Lease) -> None:
        """Leave the job to others at once, because this service stops."""
        with contextlib.suppress(LeaseLost):
            async with self._db.transaction() as tx:
                await queue.hold(tx.conn, lease)
                await queue.release(tx.conn, lease, after_s=0, fault=None, counts=False)


@contextlib.contextmanager
def _traced(lease: Lease) -> Iterator[None]:
    """The job as part of its run's trace; a job whose run began without a trace begins one."""
    run = lease.run
    what: Attributes = {
        "hub.run_id": str(run.run_id),
        "hub.round_id": str(run.round_id),
        "hub.share": lease.component,
        "hub.attempt": lease.attempt,
    }
    with (
        correlation.correlated(run.correlation_id or correlation.current_or_new()),
        tracing.span("solve", cause=run.causation_id, attributes=what),
    ):
        yield


def _begun(lease: Lease) -> RunProgressed:
    run = lease.run
    return RunProgressed(
        run_id=run.run_id,
        round_id=run.round_id,
        step="read",
        share=lease.component or None,
        shares=run.shares,
        seconds=round(lease.solving_s, 3),
        attempt=lease.attempt,
    )
