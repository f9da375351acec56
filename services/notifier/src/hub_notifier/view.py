"""What the registry shows the notifier of a recipient, at the moment of sending: an address, counts, dates, a link.

There is no field for a student's name or id, and what the registry might send besides is dropped unread.
"""

import unicodedata
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, HttpUrl

_FORGING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def one_line(text: str) -> str:
    """Make control, direction-changing and line-breaking characters spaces, and runs of spaces one space."""
    if text.isprintable():  # nothing of the kind in it, and much faster to tell
        return " ".join(text.split())
    return " ".join("".join(" " if unicodedata.category(char) in _FORGING else char for char in text).split())


def _one_line(value: object) -> object:
    return one_line(value) if isinstance(value, str) else value


OneLine = Annotated[str, BeforeValidator(_one_line), Field(max_length=300)]
Link = Annotated[str, AfterValidator(lambda text: str(HttpUrl(text)))]


class Shown(BaseModel):
    """Base of what is read from the registry: frozen, unknown fields dropped."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Address(Shown):
    """Where a notice goes; used once and not kept."""

    name: OneLine
    email: str = Field(max_length=320)


class AdviserView(Shown):
    """What an adviser is told of their school's part in a published run; counts are whole students."""

    hub_name: OneLine
    programme_name: OneLine
    round_name: OneLine
    school_name: OneLine
    students: int = Field(ge=0, description="Of the school, in the round's frozen input")
    placed: int = Field(ge=0)
    first_choice: int | None = Field(default=None, ge=0)
    unplaced: int = Field(ge=0)
    replaces: bool = Field(default=False, description="Whether another result was published before")
    link: Link


class SlotView(Shown):
    """How many come to one slot, and when."""

    title: OneLine
    students: int = Field(ge=0)
    first_date: date
    last_date: date


class EmployerView(Shown):
    """What an employer is told of a published run: how many students come to which of its slots, and when."""

    hub_name: OneLine
    programme_name: OneLine
    round_name: OneLine
    employer_name: OneLine
    students: int = Field(ge=0, description="In all its slots")
    slots: tuple[SlotView, ...] = ()
    replaces: bool = Field(default=False, description="Whether another result was published before")
    link: Link


class ChasedAdviserView(Shown):
    """What an adviser is reminded of: their school's state before a round's deadline; counts are whole students."""

    hub_name: OneLine
    programme_name: OneLine
    round_name: OneLine
    school_name: OneLine
    closes_at: AwareDatetime
    submitted: bool
    students: int = Field(ge=0, description="Of the school, who may take part")
    without_preferences: int = Field(ge=0)
    unanswered: int = Field(ge=0, description="Whose parents have not answered")
    troubled: int = Field(ge=0, description="With no choice that can work, when the hub asked for the reminder")
    link: Link


class ChasedEmployerView(Shown):
    """What an employer is reminded of before a round's deadline."""

    hub_name: OneLine
    programme_name: OneLine
    round_name: OneLine
    employer_name: OneLine
    closes_at: AwareDatetime
    slots: int = Field(ge=0, description="That it offers in the programme")
    insured_until: date | None = None
    insurance_ends_before: bool = Field(default=False, description="Before the last day of one of its slots")
    link: Link


class InvitationView(Shown):
    """What somebody is told who is invited to sign in; the link is theirs alone, and good once."""

    hub_name: OneLine
    place: OneLine = Field(description="The school, employer or hub they act for")
    expires_at: AwareDatetime
    link: Link


class ApplicationView(Shown):
    """What an address is told that somebody registered an employer with: nothing that was typed there."""

    hub_name: OneLine
    expires_at: AwareDatetime
    link: Link


View = AdviserView | EmployerView | ChasedAdviserView | ChasedEmployerView | InvitationView | ApplicationView


class RecipientShown(Shown):
    """One line of the list of recipients."""

    recipient_id: Annotated[str, Field(min_length=1, max_length=100)]
    kind: Literal["adviser", "employer"]


class Recipients(Shown):
    """Who is to be told of a published run."""

    result_sha256: str
    held: bool
    recipients: tuple[RecipientShown, ...]


class NoticeShown(Shown):
    """What the registry says of one recipient; read closer one by one, so that an odd one doesn't spoil the others."""

    recipient_id: str
    kind: Literal["adviser", "employer", "person"]
    address: Any
    view: Any


class NoticesShown(Shown):
    """What the registry says of several recipients of a published run; who isn't there (any more) is left out."""

    result_sha256: str
    held: bool
    notices: tuple[NoticeShown, ...]
