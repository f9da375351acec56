"""What the notifier hears from Kafka: it takes note and leaves the work to the workers."""

from hub_chassis.handlers import Handlers
from hub_chassis.transaction import Transaction
from hub_notifier.notices import service
from hub_schemas import topics
from hub_schemas.events.entries import NoticeRequested
from hub_schemas.events.rounds import ChasingRequested, RoundPublished, RoundSuperseded

handlers = Handlers(service="notifier")


@handlers.consume(topics.ROUNDS, RoundPublished)
async def on_round_published(event: RoundPublished, tx: Transaction) -> None:
    """Remember whose publication is to be told."""
    await service.record(tx, event)


@handlers.consume(topics.ROUNDS, ChasingRequested)
async def on_chasing_requested(event: ChasingRequested, tx: Transaction) -> None:
    """Remind those who have not acted yet."""
    await service.record_chasing(tx, event)


@handlers.consume(topics.ENTRIES, NoticeRequested)
async def on_notice_requested(event: NoticeRequested, tx: Transaction) -> None:
    """Write to one person."""
    await service.record_request(tx, event)


@handlers.consume(topics.ROUNDS, RoundSuperseded)
async def on_round_superseded(event: RoundSuperseded, tx: Transaction) -> None:
    """Tell nobody any more of a run that no longer stands."""
    await service.supersede(tx, round_id=event.round_id, run_id=event.run_id)
