"""A notice and the states it goes through; pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID, uuid5

from hub_schemas.events.notices import NoticeAbout, PersonalAbout, RecipientKind
from hub_schemas.ids import HubId, NoticeId, ProgrammeId, RoundId, RunId

About = NoticeAbout | PersonalAbout
"""What a notice tells: of a round, or what the registry asked for by itself."""
Kind = RecipientKind | Literal["person"]
"""Whom a notice is for; "person": whoever a request of the registry is about, known by that request's id."""


class State(StrEnum):
    """Where a notice stands.

    waiting → sending → handing_over → sent | failed | uncertain

    ``sending`` may fall back to ``waiting`` at any time: nothing of the message has left us. ``handing_over`` is
    committed before the first byte of the message leaves, so that what is found in it after a crash may have arrived:
    it becomes ``uncertain`` and only a person sends it again. A definite answer of the mail server ends it as sent,
    failed, or puts it back to waiting.
    """

    WAITING = "waiting"
    SENDING = "sending"
    HANDING_OVER = "handing_over"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True)
class Recipient:
    """Whom a notice is for; ids only."""

    kind: Kind
    recipient_id: str


@dataclass(frozen=True)
class Publication:
    """A published run, a request to remind people, or one to write to one person, whose notices are to be sent."""

    run_id: RunId
    round_id: RoundId | None
    """None: a request outside any round."""
    hub_id: HubId
    programme_id: ProgrammeId | None
    result_sha256: str
    published_at: datetime
    correlation_id: UUID
    about: About = "published"
    """Of a reminder ("chasing"), ``run_id`` is the hub's request and ``result_sha256`` is of its recipients.

    Of a request to write to one person, ``run_id`` is the request and ``result_sha256`` is of what it is about.
    """


@dataclass(frozen=True)
class Notice:
    """A notice in a worker's hands: nobody else touches it while ``claim`` stands and its lease runs.

    ``age_s`` counts from the first time it was put off; ``hub_held`` says that its hub held its notices when last
    looked at.
    """

    notice_id: NoticeId
    recipient: Recipient
    publication: Publication
    claim: UUID
    deferrals: int
    age_s: float
    hub_held: bool

    @property
    def claimed(self) -> "Claimed":
        """The notice and the claim it is held under."""
        return Claimed(self.notice_id, self.claim)


@dataclass(frozen=True)
class Claimed:
    """A notice under one claim. Two workers may hold the same notice, one of them under a claim it has lost."""

    notice_id: NoticeId
    claim: UUID


def notice_id(run_id: RunId, recipient: Recipient) -> NoticeId:
    """Derive the id from what the notice is about: the same notice has the same id in any database, for ever."""
    return NoticeId(uuid5(run_id, f"{recipient.kind}:{recipient.recipient_id}"))


@dataclass(frozen=True)
class Sent:
    """The mail server accepted the message."""


@dataclass(frozen=True)
class PutOff:
    """Nothing was accepted; this notice is worth another try later."""

    reason: str


@dataclass(frozen=True)
class Failed:
    """This notice will not be sent."""

    reason: str


@dataclass(frozen=True)
class Uncertain:
    """The message was handed over and no answer came: it may have arrived."""

    reason: str


Ending = Sent | PutOff | Failed | Uncertain
"""How one try ended."""
