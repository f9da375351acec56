"""One job from bytes to bytes: read, solve, verify, write. Runs in the solver process; the only user of the library."""

import hashlib
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial as bound

import numpy as np

from hub_allocation.errors import BadInput, Infeasible, TooLarge
from hub_allocation.partial import SEARCH_WEIGHT, Partial, deal
from hub_allocation.policy import Policy as Rules
from hub_allocation.prepared import Prepared, prepare
from hub_allocation.progress import Reporter
from hub_allocation.reading.tables import read_instance
from hub_allocation.result import account, make_result
from hub_allocation.shares import solve_share
from hub_allocation.solve import Solved, finish
from hub_allocation.solve import solve as solve_instance
from hub_allocation.stopwatch import Stopwatch
from hub_allocation.verify import verify
from hub_matching.results.chunks import FILES
from hub_matching.results.model import Result, Summary
from hub_matching.runs.model import Failure, FailureCode
from hub_matching.solver.task import Begin, Join, Planned, Share, SolvedShare, Task
from hub_matching.solver.wire import Progress
from hub_schemas import tables
from hub_schemas.events.runs import Level
from hub_schemas.policy import Policy

Tell = Callable[[Progress], None]

MOST_UNEVEN = 0.8
"""A run is not cut when one share would have more than this part of the work: the others would wait for it."""


def perform(task: Task, *, tell: Tell) -> Result | Planned | SolvedShare | Failure:
    """Do one part of the work on a run; what is a whole result is verified by code that knows nothing of the solver.

    Args:
        task: the input, the rules, and which part this is.
        tell: told of each step as it begins and of each level as more is known of it.
    """
    watch = Stopwatch(time.monotonic)
    try:
        with watch.stage("read"):
            instance = read_instance(task.files, Rules.from_mapping(task.policy.model_dump(mode="json")))
        if instance.input_sha256 != task.input_sha256:
            raise ValueError("the input that was read hashes to something else")
        tell(Progress(step="eligibility"))
        with watch.stage("eligibility"):
            prepared = prepare(instance)
        return _part(task, prepared, tell=tell, watch=watch)
    except BadInput as bad:
        lines = tuple(str(error) for error in bad.errors)
        return Failure(FailureCode.BAD_INPUT, f"{len(lines)} errors in the input, the first: {lines[0]}", lines)
    except Infeasible as none:
        reason = "no allocation keeps the pins and every rule"
        return Failure(FailureCode.INFEASIBLE, reason, tuple(str(rule) for rule in none.rules))
    except TooLarge as large:
        return Failure(FailureCode.REFUSED, str(large))


def _part(task: Task, prepared: Prepared, *, tell: Tell, watch: Stopwatch) -> Result | Planned | SolvedShare | Failure:
    match task.part:
        case Begin(most_shares=most, share_pairs=pairs):
            shares = worthwhile(prepared, most=most, pairs=pairs)
            if shares > 1:
                return Planned(shares)
            solved = _whole(prepared, tell=tell, watch=watch)
            return _verified(solved, tell=tell, watch=watch)
        case Share(number=number, of=of):
            tell(Progress(step="solve"))
            with watch.stage("solve"):
                share = deal(prepared, shares=of)[number - 1]
                solve_this = bound(solve_share, prepared, share, clock=time.monotonic, deadline=_deadline(prepared))
                content = solve_this(reporter=_reporter(tell)).to_bytes()
            return SolvedShare(content, watch.seconds | {"total": watch.total()}, peak_rss_mb())
        case Join(shares=shares_solved):
            with watch.stage("certificate"):
                solved = finish(prepared, [Partial.from_bytes(one.content) for one in shares_solved])
            return _verified(solved, tell=tell, watch=watch, shares=shares_solved)


def worthwhile(prepared: Prepared, *, most: int, pairs: int) -> int:
    """Say into how many shares a run is worth cutting.

    Args:
        prepared: the round.
        most: shares at most.
        pairs: feasible pairs from which it is worth it; a pair of a component that must be searched counts as
            ``SEARCH_WEIGHT``.

    Returns:
        1 for a small round, for ``stable``, and where one share would have nearly all the work.
    """
    if most == 1 or prepared.instance.policy.objective == "stable":
        return 1
    feasible = prepared.split.component >= 0
    effort = np.where(prepared.split.network, 1, SEARCH_WEIGHT) * feasible
    total = int(effort.sum())
    if total < pairs:
        return 1
    shares = deal(prepared, shares=most)
    largest = max(int(effort[share].sum()) for share in shares)
    return len(shares) if largest <= MOST_UNEVEN * total else 1


def _whole(prepared: Prepared, *, tell: Tell, watch: Stopwatch) -> Solved:
    tell(Progress(step="solve"))
    if prepared.instance.policy.objective == "stable":
        solved = solve_instance(prepared.instance, clock=time.monotonic, watch=watch)
        assert isinstance(solved, Solved)  # noqa: S101 -- nobody cancels inside the solver process: it is killed
        return solved
    with watch.stage("solve"):
        deadline = _deadline(prepared)
        whole = solve_share(prepared, None, clock=time.monotonic, deadline=deadline, reporter=_reporter(tell))
    with watch.stage("certificate"):
        return finish(prepared, [whole])


def _deadline(prepared: Prepared) -> float:
    return time.monotonic() + prepared.instance.policy.time_limit_seconds


def _reporter(tell: Tell) -> Reporter:
    placements: list[int] = []

    def progress(level: str, value: float, bound: float, seconds: float) -> None:
        if level == "placements":
            placements[:] = [int(value)]
        incumbent = placements[0] if placements else None
        tell(Progress(step="solve", level=level, value=int(value), bound=int(bound), incumbent=incumbent))

    return Reporter(progress, clock=time.monotonic, start=time.monotonic(), cancelled=None)


def _verified(solved: Solved, *, tell: Tell, watch: Stopwatch, shares: Sequence[SolvedShare] = ()) -> Result | Failure:
    tell(Progress(step="explain"))
    made = make_result(solved, watch=watch)
    with watch.stage("write"):
        files = made.files()
    seconds = _all_seconds(watch, shares)
    peak = max([peak_rss_mb(), *(share.peak_rss_mb for share in shares)])
    account(made, seconds=seconds, peak_rss_mb=peak)
    files["run.json"] = made.run_file()
    tell(Progress(step="verify"))
    with watch.stage("verify"):
        verdict = verify(solved.instance, files)
    if not verdict.accepted:
        return Failure(FailureCode.REJECTED, f"the verifier refuses the result: {verdict.reasons[0]}", verdict.reasons)
    run = made.run
    parts = {part: files[name] for part, name in FILES.items() if name in files}
    summary = Summary(
        status=run["status"],
        input_sha256=verdict.input_sha256,
        levels=tuple(Level(**level) for level in run["levels"]),
        gap=run["gap"],
        placements=verdict.placements,
        unplaced=len(made.unplaced),
        verdict=f"verified: {verdict.status}, {verdict.placements} placements, input {verdict.input_sha256}",
        seconds={name: round(took, 4) for name, took in _all_seconds(watch, shares).items()},
        peak_rss_mb=peak,
        solver_version=run["version"],
        part_sha256={part: hashlib.sha256(content).hexdigest() for part, content in parts.items()},
    )
    return Result(summary=summary, parts=parts)


def _all_seconds(watch: Stopwatch, shares: Sequence[SolvedShare]) -> Mapping[str, float]:
    """Seconds by step; of shares, which are solved side by side, the one that took longest counts."""
    seconds = watch.seconds | {"total": watch.total()}
    for step in ("solve", "total"):
        seconds[step] = seconds.get(step, 0.0) + max((share.seconds[step] for share in shares), default=0.0)
    return seconds


def peak_rss_mb() -> float:
    """Largest memory this process has held, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 2**20 if sys.platform == "darwin" else peak / 2**10, 1)


def warm_up() -> None:
    """Solve a round of one student, so that all code is loaded and compiled before a job comes."""
    rows: dict[str, list[tuple[str, ...]]] = {
        "students": [("s", "1", "10", "2011-10", "A", "walk", "", "", "", "0", "", "", "", "", "")],
        "slots": [("p", "e", "", "", "", "in_person", "B", "2027-06-07", "1", "", "", "", "", "", "", "")],
        "preferences": [("s", "1", "p")],
        "travel": [("A", "B", "walk", "10")],
    }
    files = {name: tables.canonical_bytes(name, rows.get(name, ())) for name in tables.BY_NAME}
    task = Task(Policy(), files, tables.input_sha256(files))
    ending = perform(task, tell=lambda progress: None)
    if not isinstance(ending, Result):
        raise TypeError(f"the solver process can't solve: {ending}")
