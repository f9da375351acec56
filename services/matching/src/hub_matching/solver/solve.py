"""One job from bytes to bytes: read, solve, verify, write. Runs in the solver process; the only user of the library."""

import resource
import sys
import time
from collections.abc import Callable, Mapping

from hub_allocation.errors import BadInput, Infeasible, TooLarge
from hub_allocation.policy import Policy as Rules
from hub_allocation.reading.tables import read_instance
from hub_allocation.result import account, make_result
from hub_allocation.solve import Cancelled, Solved
from hub_allocation.solve import solve as solve_instance
from hub_allocation.stopwatch import Stopwatch
from hub_allocation.verify import verify
from hub_matching.results.chunks import FILES
from hub_matching.results.model import Result, Summary
from hub_matching.runs.model import Failure, FailureCode
from hub_matching.solver.wire import Progress
from hub_schemas import tables
from hub_schemas.events.runs import Level
from hub_schemas.policy import Policy

Tell = Callable[[Progress], None]


def solve(policy: Policy, files: Mapping[str, bytes], *, input_sha256: str, tell: Tell) -> Result | Failure:
    """Solve one round under one policy and have the result verified by code that knows nothing of the solver.

    Args:
        policy: the rules of the run.
        files: canonical bytes by table.
        input_sha256: what they must hash to; checked once more here, on what was really read.
        tell: told of each step as it begins and of each level as it is settled.
    """
    watch = Stopwatch(time.monotonic)
    try:
        with watch.stage("read"):
            instance = read_instance(files, Rules.from_mapping(policy.model_dump(mode="json")))
        if instance.input_sha256 != input_sha256:
            raise ValueError("the input that was read hashes to something else")
        tell(Progress(step="solve"))
        ending = solve_instance(instance, clock=time.monotonic, watch=watch)
    except BadInput as bad:
        return _refusal(bad)
    except Infeasible as none:
        return Failure(FailureCode.INFEASIBLE, str(none), tuple(str(rule) for rule in none.rules))
    except TooLarge as large:
        return Failure(FailureCode.REFUSED, str(large))
    match ending:
        case Solved():
            return _verified(ending, watch)
        case Cancelled():
            raise AssertionError("nobody cancels inside the solver process: it is killed")


def _verified(solved: Solved, watch: Stopwatch) -> Result | Failure:
    made = make_result(solved, watch=watch)
    with watch.stage("write"):
        files = made.files()
    account(made, seconds=watch.seconds | {"total": watch.total()}, peak_rss_mb=peak_rss_mb())
    files["run.json"] = made.run_file()
    with watch.stage("verify"):
        verdict = verify(solved.instance, files)
    if not verdict.accepted:
        return Failure(FailureCode.REJECTED, f"the verifier refuses the result: {verdict.reasons[0]}", verdict.reasons)
    run = made.run
    summary = Summary(
        status=run["status"],
        input_sha256=verdict.input_sha256,
        levels=tuple(Level(**level) for level in run["levels"]),
        gap=run["gap"],
        placements=verdict.placements,
        unplaced=len(made.unplaced),
        verdict=f"verified: {verdict.status}, {verdict.placements} placements, input {verdict.input_sha256}",
        seconds={name: round(seconds, 4) for name, seconds in (watch.seconds | {"total": watch.total()}).items()},
        peak_rss_mb=peak_rss_mb(),
        solver_version=run["version"],
    )
    return Result(summary=summary, parts={part: files[name] for part, name in FILES.items()})


def _refusal(bad: BadInput) -> Failure:
    lines = tuple(str(error) for error in bad.errors)
    return Failure(FailureCode.BAD_INPUT, f"{len(lines)} errors in the input, the first: {lines[0]}", lines)


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
    ending = solve(Policy(), files, input_sha256=tables.input_sha256(files), tell=lambda progress: None)
    if not isinstance(ending, Result):
        raise TypeError(f"the solver process can't solve: {ending.reason}")
