"""The queue of jobs in PostgreSQL: claim, heartbeat, fence. Time is the database's, whatever the workers' clocks say.

Each claim raises the job's fence. Whoever writes anything that follows from a job first locks the job under the fence
it was given (``hold``), in the same transaction: a worker that was taken for dead finds its fence passed and writes
nothing.
"""

from hub_chassis.database import Conn
from hub_matching.errors import LeaseLost
from hub_matching.runs.model import Lease
from hub_matching.runs.repository import run_of
from hub_schemas.ids import RunId

_ADD = "INSERT INTO job (run_id, component) VALUES ($1, $2)"

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
    SELECT claimed.component, claimed.fence, claimed.attempts, claimed.taken_over, run.*
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
_REMOVE = "DELETE FROM job WHERE run_id = $1"
_DEPTH = "SELECT count(*) FROM job WHERE lease_until IS NULL OR lease_until < now()"


async def add(conn: Conn, run_id: RunId, *, component: int = 0) -> None:
    """Put a job at the end of the queue; component 0 is the run as a whole."""
    await conn.execute(_ADD, run_id, component)


async def claim(conn: Conn, *, worker: str, lease_s: float) -> Lease | None:
    """Take the oldest job that nobody holds, or whose holder let its lease lapse."""
    row = await conn.fetchrow(_CLAIM, worker, lease_s)
    if row is None:
        return None
    return Lease(run_of(row), row["component"], row["fence"], row["attempts"], row["taken_over"])


async def hold(conn: Conn, lease: Lease) -> None:
    """Lock the job under our fence until the transaction ends; raises LeaseLost when the fence was passed."""
    if not await conn.fetchval(_HOLD, lease.run.run_id, lease.component, lease.fence):
        raise LeaseLost(lease.run.run_id, lease.component, lease.fence)


async def lock(conn: Conn, run_id: RunId) -> None:
    """Lock a run's jobs, before the run itself as workers do, so that nobody waits for the other in a ring."""
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
    """Take all of a run's jobs out of the queue, held or not."""
    await conn.execute(_REMOVE, run_id)


async def depth(conn: Conn) -> int:
    """Count jobs that no worker holds."""
    return int(await conn.fetchval(_DEPTH))
