"""One job from bytes to bytes: read, solve, verify, write. Runs in the solver process; the only user of the library."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial as bound

import numpy as np

from hub_allocation.change import Standing, read_before
from hub_allocation.components.partial import SEARCH_WEIGHT, Partial, deal
from hub_allocation.components.prepared import Prepared, prepare
from hub_allocation.components.shares import solve_share
from hub_allocation.eligibility import find_pairs
from hub_allocation.errors import BadInput, Infeasible, TooLarge
from hub_allocation.instance import Instance
from hub_allocation.policy import Policy as Rules
from hub_allocation.progress import Reporter
from hub_allocation.reading.tables import read_instance
from hub_allocation.solve import finish, solve_prepared
from hub_allocation.stopwatch import Stopwatch
from hub_matching.memory import peak_rss_mb
from hub_matching.results.model import Result
from hub_matching.runs.model import Failure, FailureCode
from hub_matching.solver.task import Begin, Join, Planned, Share, SolvedShare, Task
from hub_matching.solver.verified import verified
from hub_matching.solver.wire import Progress
from hub_schemas import tables
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
            round_ = _prepared(instance, task)
        try:
            return _part(task, round_, tell=tell, watch=watch)
        except Infeasible as none:
            return _infeasible(round_.prepared, none)
    except BadInput as bad:
        lines = tuple(str(error) for error in bad.errors)
        return Failure(FailureCode.BAD_INPUT, f"the input has errors, the first: {lines[0]}", lines)
    except TooLarge as large:
        return Failure(FailureCode.REFUSED, str(large))


def _infeasible(prepared: Prepared, none: Infeasible) -> Failure:
    """Name a smallest set of rules that, dropped, makes an allocation possible."""
    from hub_allocation.infeasible import rules_to_drop

    rules = none.rules or rules_to_drop(prepared.instance, prepared.pairs, fixed=prepared.fixed)
    reason = f"no allocation keeps the pins and every rule; {len(rules)} to drop would make one possible"
    return Failure(FailureCode.INFEASIBLE, reason, tuple(str(rule) for rule in rules))


@dataclass(frozen=True, slots=True)
class _Round:
    """A round made ready, and the allocation that stands in it, if it is to be changed."""

    prepared: Prepared
    standing: Standing | None


def _prepared(instance: Instance, task: Task) -> _Round:
    if task.standing is None:
        return _Round(prepare(instance), None)
    pairs = find_pairs(instance)
    before = read_before(instance, pairs, task.standing.allocations, frozen=task.standing.mode == "frozen")
    prepared = prepare(instance, pairs=pairs, standing=before.standing.holds, fixed=before.fixed)
    return _Round(prepared, before.standing)


def _part(task: Task, round_: _Round, *, tell: Tell, watch: Stopwatch) -> Result | Planned | SolvedShare | Failure:
    prepared = round_.prepared
    match task.part:
        case Begin(most_shares=most, share_pairs=pairs):
            shares = worthwhile(prepared, most=most, pairs=pairs)
            if shares > 1:
                return Planned(shares)
            tell(Progress(step="solve"))
            solved = solve_prepared(
                prepared, clock=time.monotonic, deadline=_deadline(prepared), reporter=_reporter(tell), watch=watch
            )
            return verified(solved, standing=round_.standing, tell=tell, watch=watch)
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
            return verified(solved, standing=round_.standing, tell=tell, watch=watch, shares=shares_solved)


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


def warm_up() -> None:
    """Solve a round of two students who want one seat, so that all code is loaded and compiled before a job comes."""
    rows: dict[str, list[tuple[str, ...]]] = {
        "students": [(s, "1", "10", "2011-10", "A", "walk", "", "", "", "0", "", "", "", "", "") for s in "st"],
        "slots": [("p", "e", "", "", "", "in_person", "B", "2027-06-07", "1", "", "", "", "", "", "", "")],
        "preferences": [(s, "1", "p") for s in "st"],
        "travel": [("A", "B", "walk", "10")],
    }
    files = {name: tables.canonical_bytes(name, rows.get(name, ())) for name in tables.BY_NAME}
    task = Task(Policy(), files, tables.input_sha256(files))
    ending = perform(task, tell=lambda progress: None)
    if not isinstance(ending, Result):
        raise TypeError(f"the solver process can't solve: {ending}")
