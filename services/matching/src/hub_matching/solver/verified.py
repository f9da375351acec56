"""From a solved round to a result that the verifier has accepted: files, figures, what it took."""

import hashlib
from collections.abc import Callable, Sequence

from hub_allocation.change import Standing
from hub_allocation.outcome import csv_bytes
from hub_allocation.recruit import demand
from hub_allocation.recruit.demand import HEADER as DEMAND
from hub_allocation.result import account, make_result
from hub_allocation.solve import Solved
from hub_allocation.stopwatch import Stopwatch
from hub_allocation.verify import verify
from hub_matching.memory import peak_rss_mb
from hub_matching.results.model import Result, Summary
from hub_matching.runs.model import Failure, FailureCode
from hub_matching.solver.task import SolvedShare
from hub_matching.solver.wire import Progress
from hub_schemas.events.runs import Level
from hub_schemas.results import FILES

MOVES = "moves.csv"


def verified(
    solved: Solved,
    *,
    standing: Standing | None,
    tell: Callable[[Progress], None],
    watch: Stopwatch,
    shares: Sequence[SolvedShare] = (),
) -> Result | Failure:
    """Write a solved round's files and have them verified by code that knows nothing of the solver.

    Args:
        solved: the round's allocation with what is proven of it.
        standing: the allocation it changes, if it is a change run's.
        tell: told of each step as it begins.
        watch: how long each step took so far, in this process.
        shares: what its shares came to, if it was solved in shares.
    """
    tell(Progress(step="explain"))
    made = make_result(solved, watch=watch, standing=standing)
    with watch.stage("explain"):
        asked = csv_bytes(DEMAND, demand(solved.instance, solved.pairs, solved.chosen))
    with watch.stage("write"):
        files = {**made.files(), "demand.csv": asked}
    peak = max([peak_rss_mb(), *(share.peak_rss_mb for share in shares)])
    account(made, seconds=_seconds(watch, shares), peak_rss_mb=peak)
    files["run.json"] = made.run_file()
    tell(Progress(step="verify"))
    with watch.stage("verify"):
        of = solved.prepared
        verdict = verify(solved.instance, files, standing=standing, fixed=of.fixed, pairs=of.pairs)
    if not verdict.accepted:
        return Failure(FailureCode.REJECTED, f"the verifier refuses the result: {verdict.reasons[0]}", verdict.reasons)
    parts = {part: files[name] for part, name in FILES.items() if name in files}
    run = made.run
    summary = Summary(
        status=run["status"],
        input_sha256=verdict.input_sha256,
        levels=tuple(Level(**level) for level in run["levels"]),
        gap=run["gap"],
        placements=verdict.placements,
        unplaced=len(made.unplaced),
        verdict=f"verified: {verdict.status}, {verdict.placements} placements, input {verdict.input_sha256}",
        seconds={name: round(took, 4) for name, took in _seconds(watch, shares).items()},
        peak_rss_mb=peak,
        solver_version=run["version"],
        part_sha256={part: hashlib.sha256(content).hexdigest() for part, content in parts.items()},
        moves=None if standing is None else files[MOVES].count(b"\n") - 1,
    )
    return Result(summary=summary, parts=parts)


def _seconds(watch: Stopwatch, shares: Sequence[SolvedShare]) -> dict[str, float]:
    """Seconds by step; of shares, which are solved side by side, the one that took longest counts."""
    seconds = watch.seconds | {"total": watch.total()}
    for step in ("solve", "total"):
        seconds[step] = seconds.get(step, 0.0) + max((share.seconds[step] for share in shares), default=0.0)
    return seconds
