"""Use cases of rounds: made, opened, closed, cancelled."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from hub_chassis.transaction import Transaction
from hub_registry import metrics
from hub_registry.errors import Finding, Invalid, ProgrammeNotKnown, Stale
from hub_registry.inputs import service as inputs
from hub_registry.rounds import clock, repository
from hub_registry.rounds.model import Round, RoundState, check_times, commitment, new_seed
from hub_schemas.events.rounds import InputRevised, RoundCancelled, RoundClosed, RoundOpened
from hub_schemas.ids import HubId, ProgrammeId, RoundId, StaffId, new_id
from hub_schemas.policy import Policy


async def create_round(
    tx: Transaction,
    programme_id: ProgrammeId,
    *,
    name: str,
    opens_at: datetime | None,
    closes_at: datetime,
    policy: Mapping[str, Any],
    by: StaffId,
) -> Round:
    """Make a draft with a lottery seed of its own; raises ProgrammeNotKnown, ImpossibleDates, Invalid (policy)."""
    assert tx.hub_id is not None  # noqa: S101 -- the caller's hub
    limit = await repository.load_travel_default(tx.conn, programme_id)
    if limit is None:
        raise ProgrammeNotKnown("there is no such programme", programme_id=str(programme_id))
    check_times(opens_at, closes_at)
    seed = new_seed()
    round_ = Round(
        round_id=RoundId(new_id()),
        hub_id=HubId(tx.hub_id),
        programme_id=programme_id,
        name=name,
        state=RoundState.DRAFT,
        opens_at=opens_at,
        closes_at=closes_at,
        policy=checked_policy({"default_max_travel_minutes": limit, **policy}),
        lottery_seed=seed,
        lottery_commitment=commitment(seed),
        created_at=datetime.now(UTC),
        created_by=by,
    )
    await repository.insert_round(tx.conn, round_)
    await clock.schedule_opening(tx, round_)
    return round_


async def change_round(
    tx: Transaction, round_id: RoundId, changes: Mapping[str, Any], *, if_match: str | None = None
) -> Round:
    """Change a draft's name, times or policy; raises RoundNotDraft, Stale, ImpossibleDates, Invalid (policy)."""
    round_ = await repository.lock_round(tx.conn, round_id)
    if if_match is not None and if_match != round_.version:
        raise Stale("the round was changed since you read it: read it again")
    after = dict(changes)
    if "policy" in after:
        after["policy"] = checked_policy({**round_.policy.model_dump(), **after["policy"]})
    round_ = round_.changed(after)
    await repository.save_round(tx.conn, round_)
    await clock.schedule_opening(tx, round_)
    return round_


async def _save(tx: Transaction, round_: Round) -> None:
    await repository.save_round(tx.conn, round_)
    metrics.ROUNDS.labels(state=round_.state).inc()


async def open_round(tx: Transaction, round_id: RoundId) -> Round:
    """Open a draft now; raises RoundNotDraft, RoundInProgress, ImpossibleDates."""
    round_ = await repository.lock_round(tx.conn, round_id)
    return await open_locked(tx, round_, at=datetime.now(UTC))


async def open_locked(tx: Transaction, round_: Round, *, at: datetime) -> Round:
    """Open a draft that the caller has locked, and commit to its lottery seed."""
    opened = round_.open(at=at)
    await _save(tx, opened)
    await clock.schedule_closing(tx, opened)
    await tx.outbox.add(
        RoundOpened(
            round_id=opened.round_id,
            programme_id=opened.programme_id,
            closes_at=opened.closes_at,
            lottery_commitment=opened.lottery_commitment,
        )
    )
    return opened


async def close_round(tx: Transaction, round_id: RoundId) -> Round:
    """Close a round now and announce its frozen input; raises RoundNotOpen, InputNotFrozen."""
    round_ = await repository.lock_round(tx.conn, round_id)
    round_.check_open()
    return await close_locked(tx, round_, at=datetime.now(UTC))


async def close_locked(tx: Transaction, round_: Round, *, at: datetime) -> Round:
    """Close a round that the caller has locked: freeze its input, reveal the seed, all in this transaction.

    Raises:
        InputNotFrozen: before anything is written.
    """
    frozen = await inputs.freeze(tx, round_, at=at)
    closed = round_.close(at=at, input_id=frozen.input_id)
    await _save(tx, closed)
    await clock.forget(tx, closed)
    await tx.outbox.add(
        RoundClosed(
            round_id=closed.round_id,
            programme_id=closed.programme_id,
            input_id=frozen.input_id,
            rows=dict(frozen.rows),
            chunks=frozen.chunks,
            input_sha256=frozen.sha256,
            lottery_seed=closed.lottery_seed,
        )
    )
    return closed


async def revise_input(tx: Transaction, round_id: RoundId) -> Round:
    """Freeze anew what stands now, after a withdrawal, a new or lost slot or a pin, and announce it.

    The earlier input stays, with every run of it. Preferences are those of the closing.

    Raises:
        RoundNotClosed: the round is not closed, or is settled or cancelled.
        InputNotFrozen, InputUnchanged: before anything is written.
    """
    round_ = await repository.lock_round(tx.conn, round_id)
    parent = round_.frozen_input()
    frozen = await inputs.freeze(tx, round_, at=datetime.now(UTC))
    revised = round_.revise(frozen.input_id)
    await repository.save_round(tx.conn, revised)
    await tx.outbox.add(
        InputRevised(
            round_id=round_id,
            input_id=frozen.input_id,
            parent_input_id=parent,
            rows=dict(frozen.rows),
            chunks=frozen.chunks,
            input_sha256=frozen.sha256,
        )
    )
    return revised


async def note_refusal(tx: Transaction, round_: Round, reason: str) -> None:
    """Say on a round that the caller has locked why the clock could not close it, and try again in a minute."""
    await repository.save_round(tx.conn, replace(round_, closing_failed=reason))
    await clock.close_again(tx, round_)


async def cancel_round(tx: Transaction, round_id: RoundId, reason: str) -> Round:
    """End a round that has not been published; raises RoundOver."""
    round_ = await repository.lock_round(tx.conn, round_id)
    cancelled = round_.cancel(reason, at=datetime.now(UTC))
    await _save(tx, cancelled)
    await clock.forget(tx, cancelled)
    await tx.outbox.add(RoundCancelled(round_id=round_id, reason=reason))
    return cancelled


def checked_policy(values: Mapping[str, Any]) -> Policy:
    """Read a policy; the lottery seed is never taken from people. Raises Invalid naming each wrong key."""
    if "lottery_seed" in values and values["lottery_seed"] != Policy().lottery_seed:
        finding = Finding("a round draws its own lottery seed; leave it out", field="policy.lottery_seed")
        raise Invalid("the policy is wrong", [finding])
    try:
        return Policy.model_validate(dict(values))
    except ValidationError as error:
        findings = [
            Finding(one["msg"], code=one["type"], field=".".join(["policy", *map(str, one["loc"])]))
            for one in error.errors()
        ]
        raise Invalid("the policy is wrong", findings) from error
