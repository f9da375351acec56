"""What is said of a notice that has ended: facts for the registry; pure."""

from datetime import datetime
from typing import TypedDict

from hub_notifier.notices.model import Ending, Failed, Publication, PutOff, Recipient, Sent, Uncertain
from hub_schemas.events.notices import (
    NoticeAbout,
    NoticeFact,
    NoticeFailed,
    NoticeRequestSettled,
    NoticeSent,
    NoticeUncertain,
    RecipientKind,
)
from hub_schemas.events.notices import Outcome as Word
from hub_schemas.ids import NoticeId, NoticeRequestId, RoundId, RunId


class OfRound(TypedDict):
    """What every fact of a notice about a round has."""

    notice_id: NoticeId
    round_id: RoundId
    run_id: RunId
    recipient_kind: RecipientKind
    recipient_id: str
    about: NoticeAbout


def about_round(
    notice_id: NoticeId, recipient: Recipient, *, round_id: RoundId, run_id: RunId, about: NoticeAbout = "published"
) -> OfRound:
    """Name a notice about a round."""
    assert recipient.kind != "person"  # noqa: S101 -- the database: of a round are advisers and employers
    return OfRound(
        notice_id=notice_id,
        round_id=round_id,
        run_id=run_id,
        recipient_kind=recipient.kind,
        recipient_id=recipient.recipient_id,
        about=about,
    )


def outcome(
    notice_id: NoticeId, recipient: Recipient, of: Publication, ending: Ending, *, at: datetime
) -> NoticeFact | NoticeRequestSettled | None:
    """Give the fact of how a notice ended; None: it was put off and has not ended."""
    match ending:
        case PutOff():
            return None
        case Sent():
            word: Word = "sent"
        case Failed():
            word = "failed"
        case Uncertain():
            word = "uncertain"
    reason = "" if isinstance(ending, Sent) else ending.reason
    match of.about:
        case "invitation" | "application" as asked:
            return NoticeRequestSettled(
                notice_id=notice_id,
                request_id=NoticeRequestId(of.run_id),
                about=asked,
                outcome=word,
                reason=reason,
                settled_at=at,
            )
        case "published" | "chasing" as told:
            assert of.round_id is not None  # noqa: S101 -- the database: these have one
            names = about_round(notice_id, recipient, round_id=of.round_id, run_id=of.run_id, about=told)
    if word == "sent":
        return NoticeSent(**names, sent_at=at)
    return NoticeFailed(**names, reason=reason) if word == "failed" else NoticeUncertain(**names, reason=reason)
