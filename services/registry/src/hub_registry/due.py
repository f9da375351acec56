"""What time does to rounds: opening, a reminder a day before, closing; each exactly once, also after downtime."""

from datetime import UTC, datetime
from uuid import UUID

from hub_chassis.clock import Due, DueRow
from hub_chassis.transaction import Transaction
from hub_registry.errors import InputNotFrozen
from hub_registry.rounds import clock, repository, service
from hub_registry.rounds.model import RoundState
from hub_schemas.events.rounds import DeadlineNear
from hub_schemas.ids import RoundId

due = Due()


@due.fires(clock.OPEN)
async def open_at_its_time(row: DueRow, tx: Transaction) -> None:
    """Open a draft."""
    round_ = await repository.lock_round(tx.conn, _round_id(row))
    if round_.state is RoundState.DRAFT:
        await service.open_locked(tx, round_, at=datetime.now(UTC))


@due.fires(clock.CLOSE)
async def close_at_its_time(row: DueRow, tx: Transaction) -> None:
    """Close an open round; what can't be frozen yet is said on the round and tried again until someone mends it."""
    round_ = await repository.lock_round(tx.conn, _round_id(row))
    if round_.state is RoundState.OPEN:
        try:
            await service.close_locked(tx, round_, at=datetime.now(UTC))
        except InputNotFrozen as refused:
            await service.note_refusal(tx, round_, refused.detail)


@due.fires(clock.REMIND)
async def remind(row: DueRow, tx: Transaction) -> None:
    """Say that the deadline is near and how many schools have not submitted."""
    round_ = await repository.load_round(tx.conn, _round_id(row))
    if round_.state is RoundState.OPEN:
        missing = await repository.count_schools_missing(tx.conn, round_.round_id)
        fact = DeadlineNear(round_id=round_.round_id, closes_at=round_.closes_at, schools_missing=missing)
        await tx.outbox.add(fact)


def _round_id(row: DueRow) -> RoundId:
    return RoundId(UUID(row.subject))
