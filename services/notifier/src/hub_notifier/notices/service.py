"""Use cases about notices: each takes the caller's transaction, writes, and stages what is now true."""

from collections.abc import Sequence

from hub_chassis import correlation
from hub_chassis.errors import NoHub
from hub_chassis.transaction import Transaction
from hub_notifier import metrics
from hub_notifier.notices import ledger, repository
from hub_notifier.notices.model import Claimed, Publication, Recipient, Uncertain
from hub_notifier.notices.outcome import about_round, outcome
from hub_schemas.events.entries import NoticeRequested
from hub_schemas.events.notices import NoticeFailed
from hub_schemas.events.rounds import ChasingRequested, RoundPublished
from hub_schemas.ids import RoundId, RunId

SUPERSEDED = "superseded"
HASH_DIFFERS = "result_hash_differs"
WORKER_SILENT = "worker_silent"


async def record(tx: Transaction, event: RoundPublished) -> None:
    """Remember a published run; whom to tell of it is asked later, outside this transaction. Raises NoHub."""
    if tx.hub_id is None:
        raise NoHub(f"publication of {event.run_id} without a hub")
    await repository.record_publication(
        tx.conn,
        Publication(
            run_id=event.run_id,
            round_id=event.round_id,
            hub_id=tx.hub_id,
            programme_id=event.programme_id,
            result_sha256=event.result_sha256,
            published_at=event.published_at,
            correlation_id=tx.cause.correlation_id if tx.cause else correlation.current_or_new(),
        ),
    )


async def record_chasing(tx: Transaction, event: ChasingRequested) -> None:
    """Put a reminder to each of its recipients in the queue; the same request again changes nothing. Raises NoHub."""
    if tx.hub_id is None:
        raise NoHub(f"request {event.chase_id} without a hub")
    chasing = Publication(
        run_id=RunId(event.chase_id),
        round_id=event.round_id,
        hub_id=tx.hub_id,
        programme_id=event.programme_id,
        result_sha256=event.recipients_sha256,
        published_at=event.requested_at,
        correlation_id=tx.cause.correlation_id if tx.cause else correlation.current_or_new(),
        about="chasing",
    )
    await repository.record_publication(tx.conn, chasing)
    recipients = [Recipient(kind=one.recipient_kind, recipient_id=one.recipient_id) for one in event.recipients]
    await repository.expand(tx.conn, chasing, recipients)


async def record_request(tx: Transaction, event: NoticeRequested) -> None:
    """Put a notice to one person in the queue; the same request again changes nothing. Raises NoHub."""
    if tx.hub_id is None:
        raise NoHub(f"request {event.request_id} without a hub")
    asked = Publication(
        run_id=RunId(event.request_id),
        round_id=None,
        hub_id=tx.hub_id,
        programme_id=None,
        result_sha256=event.state_sha256,
        published_at=event.requested_at,
        correlation_id=tx.cause.correlation_id if tx.cause else correlation.current_or_new(),
        about=event.about,
    )
    await repository.record_publication(tx.conn, asked)
    await repository.expand(tx.conn, asked, [Recipient("person", str(event.request_id))])


async def supersede(tx: Transaction, *, round_id: RoundId, run_id: RunId) -> None:
    """End the unsent notices of a run that no longer stands."""
    dropped = await repository.supersede(tx.conn, run_id, reason=SUPERSEDED)
    await tx.outbox.add_many(
        NoticeFailed(**about_round(notice_id, recipient, round_id=round_id, run_id=run_id), reason=SUPERSEDED)
        for notice_id, recipient in dropped
    )
    for _, recipient in dropped:
        metrics.NOTICES.labels("superseded", recipient.kind).inc()


async def settle(tx: Transaction, settlements: Sequence[ledger.Settlement]) -> set[Claimed]:
    """Write how tries ended and announce what is final; gives those whose claim stood."""
    written = await ledger.settle(tx.conn, settlements)
    for one in settlements:
        at = written.get(one.notice.claimed)
        fact = (
            None
            if at is None
            else outcome(one.notice.notice_id, one.notice.recipient, one.notice.publication, one.ending, at=at)
        )
        if fact is not None:
            with correlation.correlated(one.notice.publication.correlation_id):
                await tx.outbox.add(fact, hub_id=one.notice.publication.hub_id)
    return set(written)


async def sweep_silent(tx: Transaction) -> int:
    """Call uncertain, and announce, what workers were handing over when they fell silent; gives how many."""
    found = await ledger.sweep_silent(tx.conn, reason=WORKER_SILENT)
    for one in found:
        fact = outcome(one.notice_id, one.recipient, one.publication, Uncertain(WORKER_SILENT), at=one.at)
        assert fact is not None  # noqa: S101 -- only what was put off is no fact
        with correlation.correlated(one.publication.correlation_id):
            await tx.outbox.add(fact, hub_id=one.publication.hub_id)
        metrics.NOTICES.labels("uncertain", one.recipient.kind).inc()
    return len(found)
