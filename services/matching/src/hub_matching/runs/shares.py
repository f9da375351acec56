"""Use cases of shares: a run cut into jobs of its own, each share's answer kept, the run due again after the last.

Everything is in PostgreSQL between the jobs: whoever dies, solved shares stay solved and the others are taken over.
"""

from hub_chassis.database import Conn
from hub_chassis.transaction import Transaction
from hub_matching import metrics
from hub_matching.runs import queue, repository
from hub_matching.runs.model import Lease, Run
from hub_matching.solver.task import SolvedShare

_KEEP = """
    INSERT INTO run_share (run_id, share, content, seconds, peak_rss_mb) VALUES ($1, $2, $3, $4, $5)
"""
_LOAD = "SELECT content, seconds, peak_rss_mb FROM run_share WHERE run_id = $1 ORDER BY share"


async def cut(tx: Transaction, lease: Lease, shares: int) -> None:
    """Put a run's shares in the queue and let the run wait for them; raises LeaseLost."""
    await queue.hold_all(tx.conn, lease)
    await repository.set_shares(tx.conn, lease.run.run_id, shares)
    await queue.add_shares(tx.conn, lease.run.run_id, shares)


async def keep(tx: Transaction, lease: Lease, solved: SolvedShare) -> bool:
    """Keep what a share came to; after the last one the run is due again. Says whether it was; raises LeaseLost."""
    await queue.hold_all(tx.conn, lease)
    await tx.conn.execute(
        _KEEP, lease.run.run_id, lease.component, solved.content, dict(solved.seconds), solved.peak_rss_mb
    )
    metrics.SHARES.inc()
    return await queue.end_share(tx.conn, lease)


async def load(conn: Conn, run: Run) -> tuple[SolvedShare, ...]:
    """Read what all shares of a run came to, in order."""
    rows = await conn.fetch(_LOAD, run.run_id)
    assert len(rows) == run.shares, "a run is due again only after its last share"  # noqa: S101
    return tuple(SolvedShare(row["content"], row["seconds"], row["peak_rss_mb"]) for row in rows)
