"""The state machine of a run: facts in any order, twice or late, come to the same end."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import permutations

import pytest

from hub_registry.errors import RunNotApproved, RunNotCancellable, RunNotSolved
from hub_registry.runs.model import Run, RunState
from hub_schemas.events.runs import RunFailed, RunProgressed, RunSolved
from hub_schemas.ids import HubId, InputId, RoundId, RunId, new_id
from hub_schemas.policy import Policy

NOW = datetime(2027, 5, 1, tzinfo=UTC)
RUN, ROUND, INPUT = RunId(new_id()), RoundId(new_id()), InputId(new_id())


def requested() -> Run:
    return Run(
        run_id=RUN,
        hub_id=HubId(new_id()),
        round_id=ROUND,
        input_id=INPUT,
        policy=Policy(),
        state=RunState.REQUESTED,
        requested_by=None,
        requested_at=NOW,
    )


def solved() -> RunSolved:
    return RunSolved(
        run_id=RUN,
        round_id=ROUND,
        input_id=INPUT,
        input_sha256="0" * 64,
        status="optimal",
        levels=(),
        gap=0,
        placements=1,
        unplaced=0,
        result_sha256="1" * 64,
        chunks=2,
        verdict="verified",
        seconds={},
        peak_rss_mb=1,
        solver_version="1",
    )


def progressed(seconds: float, *, attempt: int = 1, share: int | None = None) -> RunProgressed:
    shares = 2 if share else None
    return RunProgressed(
        run_id=RUN, round_id=ROUND, step="solve", seconds=seconds, attempt=attempt, share=share, shares=shares
    )


def test_facts_in_any_order_come_to_the_same() -> None:
    steps: tuple[Callable[[Run], Run], ...] = (
        lambda run: run.accept(),
        lambda run: run.wait("a solver"),
        lambda run: run.progress_to(progressed(0.1)),
        lambda run: run.solve(solved()),
    )
    ends = set()
    for order in permutations(steps):
        run = requested()
        for step in (*order, *order):
            run = step(run)
        ends.add((run.state, run.waiting_for, run.progress is None, run.result_sha256))
    assert ends == {(RunState.SOLVING, None, True, "1" * 64)}


def test_progress_of_an_earlier_attempt_is_ignored() -> None:
    run = requested().progress_to(progressed(1.0, attempt=2)).progress_to(progressed(9.0, attempt=1))
    assert run.progress is not None
    assert (run.progress["attempt"], run.progress["seconds"]) == (2, 1.0)


def test_latest_report_of_any_share_is_kept_whatever_their_attempts() -> None:
    run = requested().progress_to(progressed(5.0, attempt=3, share=1)).progress_to(progressed(6.0, share=2))
    assert run.progress is not None
    assert (run.progress["share"], run.progress["seconds"]) == (2, 6.0)
    assert run.progress_to(progressed(5.5, attempt=3, share=1)) == run


@pytest.mark.parametrize("state", [state for state in RunState if state not in {"requested", "waiting", "solving"}])
def test_no_fact_from_matching_moves_a_run_that_has_left_it(state: RunState) -> None:
    run = Run(**{**{name: getattr(requested(), name) for name in Run.__slots__}, "state": state})
    failed = RunFailed(run_id=RUN, round_id=ROUND, code="crashed", reason="late")
    assert run.accept() == run.wait("x") == run.progress_to(progressed(1)) == run.solve(solved()) == run
    assert run.fail_in_matching(failed, at=NOW) == run.cancel(at=NOW) == run


def test_only_a_solved_run_is_approved_and_only_an_approved_one_published() -> None:
    run = requested()
    with pytest.raises(RunNotSolved):
        run.check_solved()
    with pytest.raises(RunNotApproved):
        run.solve(solved()).take(at=NOW).check_approved()


def test_run_that_matching_has_ended_is_not_cancelled() -> None:
    with pytest.raises(RunNotCancellable):
        requested().solve(solved()).take(at=NOW).check_cancellable()
