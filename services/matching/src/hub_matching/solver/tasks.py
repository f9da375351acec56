"""What a claimed job asks of a solver process, read from the database."""

from hub_chassis.database import Conn
from hub_matching.inputs import repository as inputs
from hub_matching.results import repository as results
from hub_matching.results.chunks import join
from hub_matching.runs import repository as runs
from hub_matching.runs import shares
from hub_matching.runs.model import Change, Failure, FailureCode, Lease, Run
from hub_matching.settings import MatchingSettings
from hub_matching.solver.task import Begin, Join, Share, Standing, Task


async def task_of(conn: Conn, lease: Lease, settings: MatchingSettings) -> Task | Failure:
    """Read a job's task; a failure when the allocation that it should change is not here."""
    run = lease.run
    part: Begin | Share | Join
    if lease.component and run.shares:
        part = Share(lease.component, run.shares)
    elif run.shares:
        part = Join(await shares.load(conn, run))
    else:
        part = Begin(settings.solver_processes, settings.solver_share_pairs)
    standing = await _standing(conn, run, run.change) if run.change else None
    if isinstance(standing, Failure):
        return standing
    return Task(run.policy, await inputs.load_tables(conn, run.input_id), run.input_sha256, part, standing)


async def _standing(conn: Conn, run: Run, change: Change) -> Standing | Failure:
    """The parent's placements as they were sent, without students erased since."""
    found = await runs.load_solved(conn, change.parent_run_id)
    if found is None or found[0].hub_id != run.hub_id or found[0].round_id != run.round_id:
        return Failure(FailureCode.BAD_INPUT, f"there is no result of run {change.parent_run_id} in this round")
    if found[1] != change.parent_result_sha256:
        return Failure(
            FailureCode.BAD_INPUT,
            f"the result of run {change.parent_run_id} hashes to {found[1][:12]}…, not to"
            f" {change.parent_result_sha256[:12]}… as requested",
        )
    pieces = await results.load(conn, change.parent_run_id)
    rows = [row for piece in pieces if piece.part == "allocations" for row in piece.rows]
    return Standing(join("allocations", rows), change.mode)
