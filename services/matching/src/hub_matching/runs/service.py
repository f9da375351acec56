"""Use cases of runs: requested, cancelled, freed by their input, ended. One transaction each, the caller's."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from hub_chassis.transaction import Transaction
from hub_matching import metrics
from hub_matching.errors import RunConflict
from hub_matching.inputs import repository as inputs
from hub_matching.inputs.model import FrozenInput
from hub_matching.runs import queue, repository
from hub_matching.runs.model import Change, Failure, FailureCode, Run, RunState
from hub_schemas.envelope import AnyEnvelope, Envelope
from hub_schemas.events.run_requests import RunCancelRequested, RunRequested
from hub_schemas.events.runs import RunAccepted, RunCancelled, RunFailed, RunWaiting
from hub_schemas.ids import HubId

MAX_ERRORS = 200


def cause_of(run: Run) -> AnyEnvelope | None:
    """Give the request that a run answers, as far as staged facts need it, long after its message was handled."""
    if run.correlation_id is None or run.causation_id is None:
        return None
    values: dict[str, Any] = {"id": run.causation_id, "correlation_id": run.correlation_id}
    return Envelope[Any].model_construct(None, **values)


async def request(tx: Transaction, event: RunRequested) -> None:
    """Take on a run: queue it if its input is held, otherwise let it wait and say for what; raises RunConflict."""
    assert tx.hub_id is not None  # noqa: S101 -- every message names its hub
    await repository.one_at_a_time(tx.conn, event.run_id)
    input_ = await inputs.lock(tx.conn, event.input_id, hub_id=tx.hub_id, round_id=event.round_id)
    run = _new_run(tx.hub_id, event, waiting_for=input_.waiting_for, cause=tx.cause)
    if not await repository.add(tx.conn, run):
        await _same_request(tx, run)
        return
    await tx.outbox.add(RunAccepted(run_id=run.run_id, round_id=run.round_id))
    if await repository.was_cancelled_ahead(tx.conn, run.run_id):
        await _cancel(tx, run)
    elif failure := _hopeless(run, input_):
        await fail(tx, run, failure)
    elif input_.held:
        await _queue(tx, run)
    else:
        await tx.outbox.add(RunWaiting(run_id=run.run_id, round_id=run.round_id, waiting_for=input_.waiting_for))


async def cancel(tx: Transaction, event: RunCancelRequested) -> None:
    """End a run that has no result yet, wherever it stands; one that is not known yet is remembered."""
    assert tx.hub_id is not None  # noqa: S101 -- every message names its hub
    await repository.one_at_a_time(tx.conn, event.run_id)
    await queue.lock(tx.conn, event.run_id)
    run = await repository.lock(tx.conn, event.run_id)
    if run is None:
        await repository.cancel_ahead(tx.conn, event.run_id, hub_id=tx.hub_id)
    elif run.hub_id == tx.hub_id and not run.state.ended:
        await _cancel(tx, run)


async def free_waiting(tx: Transaction, input_: FrozenInput) -> None:
    """Queue the runs that waited for an input which is held now."""
    for run in await repository.lock_waiting(tx.conn, input_.input_id):
        failure = _hopeless(run, input_)
        if failure:
            await fail(tx, run, failure)
        else:
            await _queue(tx, run)


async def keep_waiting(tx: Transaction, input_: FrozenInput) -> None:
    """Tell each run that still waits for this input for what, where that has changed."""
    for run in await repository.lock_waiting(tx.conn, input_.input_id):
        if run.waiting_for != input_.waiting_for:
            await repository.set_waiting_for(tx.conn, run.run_id, input_.waiting_for)
            waiting = RunWaiting(run_id=run.run_id, round_id=run.round_id, waiting_for=input_.waiting_for)
            await tx.outbox.add(waiting, hub_id=run.hub_id)


async def abandon(tx: Transaction, input_ids: Iterable[UUID], failure: Failure) -> None:
    """Fail the unended runs of inputs that can't be used any more."""
    for input_id in input_ids:
        for run in await repository.lock_unended(tx.conn, input_id):
            await fail(tx, run, failure)


async def fail(tx: Transaction, run: Run, failure: Failure) -> None:
    """End a run without a result and say why."""
    errors = failure.errors
    if len(errors) > MAX_ERRORS:
        errors = (*errors[: MAX_ERRORS - 1], f"and {len(errors) - MAX_ERRORS + 1} more")
    await repository.end(tx.conn, run.run_id, RunState.FAILED, code=failure.code, reason=failure.reason)
    await queue.remove(tx.conn, run.run_id)
    failed = RunFailed(
        run_id=run.run_id, round_id=run.round_id, code=failure.code, reason=failure.reason, errors=errors
    )
    await tx.outbox.add(failed, hub_id=run.hub_id)
    metrics.RUNS.labels(outcome=failure.code).inc()


async def _queue(tx: Transaction, run: Run) -> None:
    await repository.set_queued(tx.conn, run.run_id)
    await queue.add(tx.conn, run.run_id)


async def _cancel(tx: Transaction, run: Run) -> None:
    # The job goes with it: its worker finds the lease lost, at its next heartbeat or when it writes.
    await repository.end(tx.conn, run.run_id, RunState.CANCELLED)
    await queue.remove(tx.conn, run.run_id)
    await tx.outbox.add(RunCancelled(run_id=run.run_id, round_id=run.round_id))
    metrics.RUNS.labels(outcome="cancelled").inc()


def _new_run(hub_id: HubId, event: RunRequested, *, waiting_for: str, cause: AnyEnvelope | None) -> Run:
    return Run(
        run_id=event.run_id,
        hub_id=hub_id,
        round_id=event.round_id,
        input_id=event.input_id,
        input_sha256=event.input_sha256,
        policy=event.policy,
        state=RunState.WAITING,
        waiting_for=waiting_for,
        correlation_id=cause.correlation_id if cause else None,
        causation_id=cause.id if cause else None,
        change=_change(event),
    )


def _change(event: RunRequested) -> Change | None:
    asked = (event.parent_run_id, event.parent_result_sha256, event.mode)
    if asked == (None, None, None):
        return None
    if event.parent_run_id is None or event.parent_result_sha256 is None or event.mode is None:
        raise RunConflict(event.run_id, "names a parent run, its result's hash and a mode only in part")
    return Change(event.parent_run_id, event.parent_result_sha256, event.mode)


async def _same_request(tx: Transaction, run: Run) -> None:
    known = await repository.lock(tx.conn, run.run_id)
    if known is None or _asked(known) != _asked(run):
        raise RunConflict(run.run_id)


def _asked(run: Run) -> tuple[object, ...]:
    return (run.hub_id, run.round_id, run.input_id, run.input_sha256, run.policy, run.change)


def _hopeless(run: Run, input_: FrozenInput) -> Failure | None:
    """Say why a run can never start, if so."""
    if input_.unusable_reason is not None:
        return Failure(FailureCode.REFUSED, f"the input is not runnable any more: {input_.unusable_reason}")
    if input_.round_id != run.round_id or input_.hub_id != run.hub_id:
        return Failure(FailureCode.BAD_INPUT, "the input belongs to another round")
    if input_.held and input_.expected_sha256 != run.input_sha256:
        held = (input_.expected_sha256 or "")[:12]
        return Failure(
            FailureCode.BAD_INPUT, f"the run asks for input {run.input_sha256[:12]}…, the round closed with {held}…"
        )
    return None
