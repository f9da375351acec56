"""When a round opens, is reminded of and closes by itself; what happens then is in ``hub_registry.due``."""

from datetime import UTC, datetime, timedelta
from typing import Final

from hub_chassis.clock import cancel, schedule
from hub_chassis.transaction import Transaction
from hub_registry.rounds.model import Round

OPEN: Final = "round.open"
CLOSE: Final = "round.close"
REMIND: Final = "round.remind"
REMINDER_BEFORE: Final = timedelta(hours=24)
CLOSE_AGAIN_AFTER: Final = timedelta(minutes=1)


async def schedule_opening(tx: Transaction, round_: Round) -> None:
    """Let the clock open a draft at its time; one whose time has passed, or that has none, is opened by a person."""
    await cancel(tx, kind=OPEN, subject=str(round_.round_id))
    if round_.opens_at is not None and round_.opens_at > datetime.now(UTC):
        await schedule(tx, kind=OPEN, subject=str(round_.round_id), at=round_.opens_at)


async def schedule_closing(tx: Transaction, round_: Round) -> None:
    """Let the clock remind and close; a round that is open for less than a day is not reminded of."""
    await cancel(tx, kind=OPEN, subject=str(round_.round_id))
    await schedule(tx, kind=CLOSE, subject=str(round_.round_id), at=round_.closes_at)
    remind_at = round_.closes_at - REMINDER_BEFORE
    if remind_at > datetime.now(UTC):
        await schedule(tx, kind=REMIND, subject=str(round_.round_id), at=remind_at)


async def close_again(tx: Transaction, round_: Round) -> None:
    """Let the clock try once more to close a round whose input was refused."""
    at = datetime.now(UTC) + CLOSE_AGAIN_AFTER
    await schedule(tx, kind=CLOSE, subject=str(round_.round_id), at=at)


async def forget(tx: Transaction, round_: Round) -> None:
    """Nothing is due any more: the round closed or was cancelled."""
    for kind in (OPEN, CLOSE, REMIND):
        await cancel(tx, kind=kind, subject=str(round_.round_id))
