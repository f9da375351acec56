"""The queue of jobs in PostgreSQL: claim, heartbeat, fence. Time is the database's, whatever the workers' clocks say.

Each claim raises the job's fence. Whoever writes anything that follows from a job first locks the job under the fence
it was given (``hold``), in the same transaction: a worker that was taken for dead finds its fence passed and writes
nothing.
"""

from dataclasses import dataclass

from hub_chassis.database import Conn
from hub_matching.errors import LeaseLost
from hub_matching.runs.model import Lease
from hub_matching.runs.repository import run_of
from hub_schemas.ids import RunId

_ADD = "INSERT INTO job (run_id) VALUES ($1)"
# Shares go where the run stood in the queue, before the runs behind it.
_ADD_SHARES = """
    INSERT INTO job (run_id, component, queued_at)
    SELECT run_id, share, queued_at FROM job, generate_series(1, $2) AS share WHERE run_id = $1 AND component = 0
"""

_CLAIM = """
    WITH next AS (
        SELECT run_id, component, worker IS NOT NULL AS taken_over
          FROM job
         WHERE not_before <= now() AND (lease_until IS NULL OR lease_until < now())
         ORDER BY queued_at, run_id, component
         LIMIT 1
           FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE job
           SET worker = $1, lease_until = now() + make_interval(secs => $2), fence = fence + 1, attempts = attempts + 1
          FROM next
         WHERE (job.run_id, job.component) = (next.run_id, next.component)
        RETURNING job.run_id, job.component, job.fence, job.attempts, next.taken_over
    )
    SELECT claimed.component, claimed.fence, claimed.attempts, claimed.taken_over, run.*,
           coalesce(extract(epoch FROM now() - run.started_at), 0)::float8 AS solving_s
      FROM claimed JOIN run USING (run_id)
"""

_HOLD = "SELECT true FROM job WHERE run_id = $1 AND component = $2 AND fence = $3 AND worker IS NOT NULL FOR UPDATE"

_HEARTBEAT = """
    UPDATE job SET lease_until = now() + make_interval(secs => $4)
     WHERE run_id = $1 AND component = $2 AND fence = $3 AND worker IS NOT NULL
    RETURNING true
"""
_RELEASE = """
    UPDATE job
       SET worker = NULL, lease_until = NULL, not_before = now() + make_interval(secs => $3), last_fault = $4,
           attempts = attempts - $5
     WHERE run_id = $1 AND component = $2
"""
_LOCK = "SELECT FROM job WHERE run_id = $1 ORDER BY component FOR UPDATE"
_PARK = """
    UPDATE job SET worker = NULL, lease_until = NULL, not_before = 'infinity', attempts = 0
     WHERE run_id = $1 AND component = 0
"""
_WAKE = """
    UPDATE job SET not_before = now()
     WHERE run_id = $1 AND component = 0 AND NOT EXISTS (SELECT FROM job WHERE run_id = $1 AND component > 0)
    RETURNING true
"""
_REMOVE_SHARE = "DELETE FROM job WHERE run_id = $1 AND component = $2"
_REMOVE = "DELETE FROM job WHERE run_id = $1"
_FORGET_SHARES = "DELETE FROM run_share WHERE run_id = $1"
_DEPTH = """
    SELECT count(*)::int AS jobs, coalesce(extract(epoch FROM now() - min(queued_at)), 0)::float8 AS oldest_s
      FROM job
     WHERE not_before < 'infinity' AND (lease_until IS NULL OR lease_until < now())
"""


async def add(conn: Conn, run_id: RunId) -> None:
    """Put a run as a whole (component 0) at the end of the queue."""
    await conn.execute(_ADD, run_id)


async def add_shares(conn: Conn, run_id: RunId, shares: int) -> None:
    """Put a run's shares, components 1 to ``shares``, where the run stood, and let the run itself wait for them.

    The run's own job stays, and with it its fence: whoever held it before holds it no more.
    """
    await conn.execute(_ADD_SHARES, run_id, shares)
    await conn.execute(_PARK, run_id)


async def end_share(conn: Conn, lease: Lease) -> bool:
    """Take a solved share out of the queue; after the last one the run itself is due again. Says whether it was that.

    The caller holds all of the run's jobs (``hold_all``), so that one of two last shares sees the other.
    """
    await conn.execute(_REMOVE_SHARE, lease.run.run_id, lease.component)
    return bool(await conn.fetchval(_WAKE, lease.run.run_id))


async def claim(conn: Conn, *, worker: str, lease_s: float) -> Lease | None:
    """Take the oldest job that nobody holds, or whose holder let its lease lapse."""
    row = await conn.fetchrow(_CLAIM, worker, lease_s)
    if row is None:
        return None
    return Lease(
        run_of(row), row["component"], row["fence"], row["attempts"], row["taken_over"], solving_s=row["solving_s"]
    )


async def hold(conn: Conn, lease: Lease) -> None:
    """Lock the job under our fence until the transaction ends; raises LeaseLost when the fence was passed."""
    if not await conn.fetchval(_HOLD, lease.run.run_id, lease.component, lease.fence):
        raise LeaseLost(lease.run.run_id, lease.component, lease.fence)


async def hold_all(conn: Conn, lease: Lease) -> None:
    """Lock all jobs of the run, in order, ours under its fence; raises LeaseLost. For whoever ends any of them."""
    await lock(conn, lease.run.run_id)
    await hold(conn, lease)


async def lock(conn: Conn, run_id: RunId) -> None:
    """Lock a run's jobs in order, before the run itself as workers do, so that nobody waits for the other in a ring."""
    await conn.execute(_LOCK, run_id)


async def heartbeat(conn: Conn, lease: Lease, *, lease_s: float) -> None:
    """Put off the lease's end; raises LeaseLost when the fence was passed or the job is gone (run cancelled)."""
    held = await conn.fetchval(_HEARTBEAT, lease.run.run_id, lease.component, lease.fence, lease_s)
    if not held:
        raise LeaseLost(lease.run.run_id, lease.component, lease.fence)


async def release(conn: Conn, lease: Lease, *, after_s: float, fault: str | None, counts: bool) -> None:
    """Give a held job back; ``counts`` says whether this try counts against the limit."""
    await conn.execute(_RELEASE, lease.run.run_id, lease.component, after_s, fault, 0 if counts else 1)


async def remove(conn: Conn, run_id: RunId) -> None:
    """Take all of a run's jobs out of the queue, held or not, and forget what its shares came to."""
    await conn.execute(_REMOVE, run_id)
    await conn.execute(_FORGET_SHARES, run_id)


@dataclass(frozen=True, slots=True)
class Depth:
    """Jobs that no worker holds, and how long the first of them has waited."""

    jobs: int
    oldest_s: float


async def depth(conn: Conn) -> Depth:
    """Count jobs that no worker holds, without runs that wait for their shares."""
    row = await conn.fetchrow(_DEPTH)
    assert row is not None  # noqa: S101 -- an aggregate has a row
    return Depth(**dict(row))
