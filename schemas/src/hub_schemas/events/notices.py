"""hub.notices.v1: what became of each notice."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from hub_schemas import topics
from hub_schemas.envelope import Fact
from hub_schemas.ids import NoticeId, NoticeRequestId, RoundId, RunId

RecipientKind = Literal["adviser", "employer"]
NoticeAbout = Literal["published", "chasing"]
PersonalAbout = Literal["invitation", "application"]
Outcome = Literal["sent", "failed", "uncertain"]


class NoticeFact(Fact):
    """A fact about one notice to one person."""

    topic: ClassVar[str] = topics.NOTICES
    subject_field: ClassVar[str] = "notice_id"

    notice_id: NoticeId
    round_id: RoundId
    run_id: RunId = Field(description="Of the published run; of a reminder, the id of the hub's request for it")
    recipient_kind: RecipientKind
    recipient_id: str = Field(description="Id of the staff member or employer contact in the registry")
    about: NoticeAbout = Field(default="published", description="What it told: a publication, or a deadline that nears")


class NoticeSent(NoticeFact):
    """The mail server accepted a notice."""

    sent_at: AwareDatetime


class NoticeFailed(NoticeFact):
    """A notice will not be sent; the reason says why."""

    reason: str


class NoticeUncertain(NoticeFact):
    """The connection broke while a notice was handed over: it may have arrived, and is not sent again by itself."""

    reason: str


class NoticeRequestSettled(Fact):
    """What became of a notice to one person that the registry asked for by itself, outside any round."""

    topic: ClassVar[str] = topics.NOTICES
    subject_field: ClassVar[str] = "notice_id"

    notice_id: NoticeId
    request_id: NoticeRequestId
    about: PersonalAbout
    outcome: Outcome = Field(description="As NoticeSent, NoticeFailed and NoticeUncertain say of notices about a round")
    reason: str = Field(default="", description="Why it was not sent, or is uncertain; a code")
    settled_at: AwareDatetime
