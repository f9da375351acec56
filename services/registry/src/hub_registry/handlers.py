"""What the registry does on each event of the others; whatever the order, whatever comes twice."""

from collections.abc import Sequence
from datetime import UTC, datetime

from hub_chassis.errors import Permanent
from hub_chassis.handlers import Handlers, Taken
from hub_chassis.transaction import Transaction
from hub_registry.chasing import service as chasing
from hub_registry.inputs import service as inputs
from hub_registry.notice_requests import service as notice_requests
from hub_registry.notices import service as notices
from hub_registry.notices.repository import Fate
from hub_registry.results import service as results
from hub_registry.runs import service as runs
from hub_schemas import topics
from hub_schemas.events.notices import NoticeFailed, NoticeRequestSettled, NoticeSent, NoticeUncertain
from hub_schemas.events.run_results import ResultChunk
from hub_schemas.events.runs import (
    InputHeld,
    RunAccepted,
    RunCancelled,
    RunFailed,
    RunProgressed,
    RunSolved,
    RunWaiting,
)

handlers = Handlers(service="registry")


@handlers.consume(topics.RUNS, InputHeld)
async def on_input_held(event: InputHeld, tx: Transaction) -> None:
    """Note that matching holds a round's frozen input."""
    if not await inputs.hold(tx, event):
        raise Permanent(f"no frozen input {event.input_id} of this hub hashes to {event.input_sha256}")


@handlers.consume(topics.RUNS, RunAccepted)
async def on_run_accepted(event: RunAccepted, tx: Transaction) -> None:
    """Matching knows of a run."""
    await runs.follow(tx, event.run_id, lambda run: run.accept())


@handlers.consume(topics.RUNS, RunWaiting)
async def on_run_waiting(event: RunWaiting, tx: Transaction) -> None:
    """Note for what a run waits."""
    await runs.follow(tx, event.run_id, lambda run: run.wait(event.waiting_for))


@handlers.consume(topics.RUNS, RunProgressed)
async def on_run_progressed(event: RunProgressed, tx: Transaction) -> None:
    """Note how far a run has come."""
    await runs.follow(tx, event.run_id, lambda run: run.progress_to(event))


@handlers.consume(topics.RUNS, RunSolved)
async def on_run_solved(event: RunSolved, tx: Transaction) -> None:
    """Note what the result must hash to; a worker takes it once all of it is here."""
    await runs.follow(tx, event.run_id, lambda run: run.solve(event))


@handlers.consume(topics.RUNS, RunFailed)
async def on_run_failed(event: RunFailed, tx: Transaction) -> None:
    """Note why a run has no result."""
    await runs.follow(tx, event.run_id, lambda run: run.fail_in_matching(event, at=datetime.now(UTC)))


@handlers.consume(topics.RUNS, RunCancelled)
async def on_run_cancelled(event: RunCancelled, tx: Transaction) -> None:
    """Note that a run was ended on request."""
    await runs.follow(tx, event.run_id, lambda run: run.cancel(at=datetime.now(UTC)))


@handlers.consume(topics.RUN_RESULTS, ResultChunk)
async def on_result_chunk(event: ResultChunk, tx: Transaction) -> None:
    """Keep a piece of a result."""
    await results.store_chunk(tx, event)


@handlers.consume_many(topics.NOTICES, NoticeSent)
async def on_notice_sent(taken: Sequence[Taken[NoticeSent]]) -> None:
    """Enter notices that were sent in the ledger."""
    await _settle(taken[0].tx, [Fate(each.event, "sent", sent_at=each.event.sent_at) for each in taken])


@handlers.consume_many(topics.NOTICES, NoticeFailed)
async def on_notice_failed(taken: Sequence[Taken[NoticeFailed]]) -> None:
    """Enter notices that will not be sent in the ledger."""
    await _settle(taken[0].tx, [Fate(each.event, "failed", each.event.reason) for each in taken])


@handlers.consume_many(topics.NOTICES, NoticeUncertain)
async def on_notice_uncertain(taken: Sequence[Taken[NoticeUncertain]]) -> None:
    """Enter notices that may have arrived in the ledger."""
    await _settle(taken[0].tx, [Fate(each.event, "uncertain", each.event.reason) for each in taken])


@handlers.consume(topics.NOTICES, NoticeRequestSettled)
async def on_notice_request_settled(event: NoticeRequestSettled, tx: Transaction) -> None:
    """Note what became of a notice to one person."""
    await notice_requests.settle(tx, event)


async def _settle(tx: Transaction, fates: Sequence[Fate]) -> None:
    """Reminders have a record of their own; all else is about a publication."""
    reminders = [fate for fate in fates if fate.fact.about == "chasing"]
    if reminders:
        await chasing.settle(tx, reminders)
    if len(reminders) < len(fates):
        await notices.record(tx, [fate for fate in fates if fate.fact.about != "chasing"])
