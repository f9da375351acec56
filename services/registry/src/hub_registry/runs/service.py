"""Use cases of runs: asked for, followed, cancelled."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hub_chassis.errors import Permanent
from hub_chassis.transaction import Transaction
from hub_registry import metrics
from hub_registry.errors import RoundNotClosed, RunNotKnown
from hub_registry.inputs import repository as inputs
from hub_registry.rounds import repository as rounds
from hub_registry.rounds.service import checked_policy
from hub_registry.runs import repository
from hub_registry.runs.model import Run, RunState
from hub_schemas.events.run_requests import RunCancelRequested, RunRequested
from hub_schemas.ids import RoundId, RunId, StaffId, new_id


async def request_run(tx: Transaction, round_id: RoundId, overrides: Mapping[str, Any], *, by: StaffId) -> Run:
    """Ask matching for an allocation of a round's frozen input.

    Args:
        overrides: policy keys that differ from the round's, for a what-if; the lottery seed is always the round's.

    Raises:
        RoundNotClosed: nothing is frozen yet, or the round was cancelled or settled.
        Invalid: a policy key is wrong.
    """
    round_ = await rounds.lock_round(tx.conn, round_id)
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
    )
    await repository.insert_run(tx.conn, run)
    await tx.outbox.add(
        RunRequested(
            run_id=run.run_id,
            round_id=round_id,
            input_id=input_.input_id,
            input_sha256=input_.sha256,
            policy=run.policy,
        )
    )
    return run


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
