"""Use cases of runs: asked for, followed, cancelled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from hub_chassis.errors import Permanent
from hub_chassis.transaction import Transaction
from hub_registry import metrics
from hub_registry.errors import Finding, Invalid, RoundNotClosed, RunNotKnown, RunNotSolved
from hub_registry.inputs import repository as inputs
from hub_registry.rounds import repository as rounds
from hub_registry.rounds.service import checked_policy
from hub_registry.runs import repository
from hub_registry.runs.model import Run, RunState
from hub_schemas.events.run_requests import ChangeMode, RunCancelRequested, RunRequested
from hub_schemas.ids import RoundId, RunId, StaffId, new_id


@dataclass(frozen=True, slots=True)
class Change:
    """What a change run starts from: the run whose allocation is to be kept as far as ``mode`` says."""

    parent_run_id: RunId
    mode: ChangeMode = "best"


async def request_run(
    tx: Transaction, round_id: RoundId, overrides: Mapping[str, Any], *, change: Change | None = None, by: StaffId
) -> Run:
    """Ask matching for an allocation of a round's latest frozen input.

    Args:
        tx: the caller's transaction.
        round_id: the round.
        overrides: policy keys that differ from the round's, for a what-if; the lottery seed is always the round's.
        change: for a change run, what it starts from.
        by: who asks.

    Raises:
        RoundNotClosed: nothing is frozen yet, or the round was cancelled or settled.
        Invalid: a policy key is wrong, or the parent run is another round's.
        RunNotSolved: the parent run has no result.
    """
    round_ = await rounds.lock_round(tx.conn, round_id)
    parent = await _parent(tx, round_id, change) if change else None
    input_ = await inputs.load_input(tx.conn, round_.frozen_input())
    if input_ is None:
        raise RoundNotClosed("the round's frozen input is not there")
    policy = checked_policy({**round_.policy.model_dump(), **overrides})
    run = Run(
        run_id=RunId(new_id()),
        hub_id=round_.hub_id,
        round_id=round_id,
        input_id=input_.input_id,
        policy=policy.model_copy(update={"lottery_seed": round_.lottery_seed}),
        state=RunState.REQUESTED,
        requested_by=by,
        requested_at=datetime.now(UTC),
        parent_run_id=parent.run_id if parent else None,
        mode=change.mode if change else None,
    )
    await repository.insert_run(tx.conn, run)
    await tx.outbox.add(
        RunRequested(
            run_id=run.run_id,
            round_id=round_id,
            input_id=input_.input_id,
            input_sha256=input_.sha256,
            policy=run.policy,
            parent_run_id=run.parent_run_id,
            parent_result_sha256=parent.result_sha256 if parent else None,
            mode=run.mode,
        )
    )
    return run


async def _parent(tx: Transaction, round_id: RoundId, change: Change) -> Run:
    """Find the run to change; raises Invalid, RunNotSolved."""
    try:
        parent = await repository.load_run(tx.conn, change.parent_run_id)
    except RunNotKnown:
        parent = None
    if parent is None or parent.round_id != round_id:
        finding = Finding("there is no such run in this round", field="parent_run_id")
        raise Invalid("a change run starts from a run of the same round", [finding])
    if parent.solved_at is None:
        raise RunNotSolved(f"the parent run is {parent.state} and has no result", state=parent.state)
    return parent


async def request_cancel(tx: Transaction, run_id: RunId) -> Run:
    """Tell matching that a run is no longer wanted; raises RunNotCancellable once it has ended there."""
    run = await repository.lock_run(tx.conn, run_id)
    run.check_cancellable()
    await tx.outbox.add(RunCancelRequested(run_id=run_id, round_id=run.round_id))
    return run


async def follow(tx: Transaction, run_id: RunId, step: Callable[[Run], Run]) -> None:
    """Let a fact from matching move a run; raises Permanent when it is none of this hub's."""
    run = await lock_own(tx, run_id)
    moved = step(run)
    if moved != run:
        await repository.save_run(tx.conn, moved)
    if moved.state is not run.state:
        metrics.RUNS.labels(state=moved.state).inc()


async def lock_own(tx: Transaction, run_id: RunId) -> Run:
    """Lock the run that a message is about; raises Permanent when the message's hub has no such run."""
    try:
        run = await repository.lock_run(tx.conn, run_id)
    except RunNotKnown as unknown:
        raise Permanent(f"there is no run {run_id}") from unknown
    if run.hub_id != tx.hub_id:
        raise Permanent(f"run {run_id} is another hub's")
    return run


async def fail(tx: Transaction, run: Run, *, code: str, reason: str) -> Run:
    """End a run because of what it brought; gives it as it is now."""
    failed = run.fail(code, reason, at=datetime.now(UTC))
    await repository.save_run(tx.conn, failed)
    return failed


async def supersede(tx: Transaction, run: Run) -> None:
    """Let a published run stand no longer."""
    await repository.save_run(tx.conn, replace(run, state=RunState.SUPERSEDED, ended_at=datetime.now(UTC)))
