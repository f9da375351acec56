"""Use cases about notices: each takes the caller's transaction, writes, and stages what is now true."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from hub_chassis import correlation
from hub_chassis.errors import NoHub
from hub_chassis.transaction import Transaction
from hub_notifier import metrics
from hub_notifier.notices import ledger, repository
from hub_notifier.notices.model import (
    Claimed,
    Ending,
    Failed,
    Notice,
    Publication,
    PutOff,
    Recipient,
    Sent,
    Uncertain,
)
from hub_schemas.events.notices import (
    NoticeAbout,
    NoticeFact,
    NoticeFailed,
    NoticeSent,
    NoticeUncertain,
    RecipientKind,
)
from hub_schemas.events.rounds import ChasingRequested, RoundPublished
from hub_schemas.ids import NoticeId, RoundId, RunId

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


async def supersede(tx: Transaction, *, round_id: RoundId, run_id: RunId) -> None:
    """End the unsent notices of a run that no longer stands."""
    dropped = await repository.supersede(tx.conn, run_id, reason=SUPERSEDED)
    await tx.outbox.add_many(
        NoticeFailed(**_about(notice_id, recipient, round_id=round_id, run_id=run_id), reason=SUPERSEDED)
        for notice_id, recipient in dropped
    )
    for _, recipient in dropped:
        metrics.NOTICES.labels("superseded", recipient.kind).inc()


async def settle(tx: Transaction, settlements: Sequence[ledger.Settlement]) -> set[Claimed]:
    """Write how tries ended and announce what is final; gives those whose claim stood."""
    written = await ledger.settle(tx.conn, settlements)
    for one in settlements:
        at = written.get(one.notice.claimed)
        fact = None if at is None else _fact(one.notice, one.ending, at=at)
        if fact is not None:
            with correlation.correlated(one.notice.publication.correlation_id):
                await tx.outbox.add(fact, hub_id=one.notice.publication.hub_id)
    return set(written)


async def sweep_silent(tx: Transaction) -> int:
    """Call uncertain, and announce, what workers were handing over when they fell silent; gives how many."""
    found = await ledger.sweep_silent(tx.conn, reason=WORKER_SILENT)
    for one in found:
        about = _about(one.notice_id, one.recipient, round_id=one.round_id, run_id=one.run_id, about=one.about)
        with correlation.correlated(one.correlation_id):
            await tx.outbox.add(NoticeUncertain(**about, reason=WORKER_SILENT), hub_id=one.hub_id)
        metrics.NOTICES.labels("uncertain", one.recipient.kind).inc()
    return len(found)


class _About(TypedDict):
    notice_id: NoticeId
    round_id: RoundId
    run_id: RunId
    recipient_kind: RecipientKind
    recipient_id: str
    about: NoticeAbout


def _about(
    notice_id: NoticeId, recipient: Recipient, *, round_id: RoundId, run_id: RunId, about: NoticeAbout = "published"
) -> _About:
    return _About(
        notice_id=notice_id,
        round_id=round_id,
        run_id=run_id,
        recipient_kind=recipient.kind,
        recipient_id=recipient.recipient_id,
        about=about,
    )


def _fact(notice: Notice, ending: Ending, *, at: datetime) -> NoticeFact | None:
    run = notice.publication
    about = _about(notice.notice_id, notice.recipient, round_id=run.round_id, run_id=run.run_id, about=run.about)
    match ending:
        case Sent():
            return NoticeSent(**about, sent_at=at)
        case Failed(reason):
            return NoticeFailed(**about, reason=reason)
        case Uncertain(reason):
            return NoticeUncertain(**about, reason=reason)
        case PutOff():
            return None
