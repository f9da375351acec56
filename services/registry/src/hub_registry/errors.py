"""What the registry refuses, and why; only ``api/`` knows status codes.

RegistryError                  carries what is wrong in one sentence, and facts for programs in ``facts``
├── NotAuthenticated           no bearer token, or one that is unknown, expired or revoked
│   └── NotSignedIn            no session at the pages, or one that is over
├── NotKnown                   there is no such thing, as far as this caller may know
│   ├── SchoolNotKnown · ProgrammeNotKnown · StudentNotKnown · EmployerNotKnown · SlotNotKnown
│   ├── StaffNotKnown · TokenNotKnown · HubNotKnown · ImportNotKnown · UploadNotKnown · MergeNotKnown
│   ├── InvitationNotKnown     a link that nobody made, or that was used, replaced or is too old
│   ├── CalendarNotKnown       an address of a calendar that nobody made, or that was replaced or taken away
│   ├── ApplicationNotKnown    a link to confirm an address that nobody was sent, or that is too old
│   ├── NoticeRequestNotKnown  a notice to one person that nobody asked for
│   └── RoundNotKnown · RunNotKnown · PinNotKnown
├── NotAllowed                 the caller may know of it but not do this
│   ├── NeedsPerson            an approval by token, or without a second factor, outside demo mode
│   └── ForgedForm             a form that does not come from the page of this session
├── Conflict                   the state of things does not allow it now
│   ├── AlreadyExists          a thing with this name or reference is there
│   ├── RoundNotDraft · RoundNotOpen · RoundNotClosed · RoundNotPublished · RoundOver · RoundInProgress
│   ├── RunNotSolved · RunNotApproved · RunNotCancellable · RunSuperseded · ApprovedAlready
│   ├── InputNotFrozen         what a round would freeze can't be written down, or no run could solve it
│   ├── EmployerFrozen         who hosts a slot can't change while a round's frozen input says who does
│   ├── InputUnchanged         nothing has changed since the round's input was frozen
│   ├── ResultRejected         the registry's own verifier does not accept a stored result
│   ├── NoticeRequestOver      what a notice to one person was about was used, withdrawn or replaced, or is too old
│   ├── KeyInUse               a request with the same idempotency key is still running
│   └── SecretNotKept          that request is done, and its answer was a secret, which is shown once
├── NotFromProvider            an OpenID provider's word let nobody in; ``facts`` have the reason, for the log
│   ├── ProviderAway           it can't be reached, or not be used as it is
│   ├── ProviderSaidNo         the person went back, or it lets them in nowhere
│   ├── AnswerNotTrusted       its answer fits no question of this browser, or failed a check
│   └── NobodyKnown            it named somebody whom no hub here has, or whose account is another person's
├── TooManyTries               somebody guesses: the next try has to wait
├── Stale                      it was changed since the caller read it
├── Invalid                    the request's content is wrong: ``findings`` say where
│   ├── ImpossibleDates        a round that would close before it opens
│   ├── FileRefused            an import: the first 200 findings and the counts by kind
│   └── KeyReused              the same idempotency key with another request
└── TooLarge                   the body is larger than the limit
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a request's content, where, and how to mend it."""

    message: str
    code: str = "invalid"
    field: str | None = None
    row: int | None = None
    """Line of a record in a file: the header is row 1."""
    column: str | None = None


class RegistryError(Exception):
    """Root of what the registry raises."""

    def __init__(self, detail: str = "", **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts: Mapping[str, Any] = facts


class NotAuthenticated(RegistryError):
    """No bearer token, or one that is unknown, expired or revoked."""


class NotSignedIn(NotAuthenticated):
    """No session at the pages, or one that is over."""


class NotKnown(RegistryError):
    """There is no such thing, as far as this caller may know."""


class SchoolNotKnown(NotKnown):
    """There is no such school in the hub."""


class ProgrammeNotKnown(NotKnown):
    """There is no such programme in the hub."""


class StudentNotKnown(NotKnown):
    """There is no such student."""


class EmployerNotKnown(NotKnown):
    """There is no such employer in the hub."""


class SlotNotKnown(NotKnown):
    """There is no such slot."""


class StaffNotKnown(NotKnown):
    """There is no such member of staff."""


class TokenNotKnown(NotKnown):
    """There is no such token."""


class InvitationNotKnown(NotKnown):
    """A link that nobody made, or that was used, replaced or is too old."""


class CalendarNotKnown(NotKnown):
    """An address of a calendar that nobody made, or that was replaced or taken away."""


class ApplicationNotKnown(NotKnown):
    """A link to confirm an address that nobody was sent, or that is too old."""


class NoticeRequestNotKnown(NotKnown):
    """A notice to one person that nobody asked for."""


class HubNotKnown(NotKnown):
    """There is no such hub."""


class ImportNotKnown(NotKnown):
    """There is no receipt of such an import."""


class UploadNotKnown(NotKnown):
    """There is no such file waiting to be confirmed."""


class MergeNotKnown(NotKnown):
    """There is no record of such a merge of employers."""


class RoundNotKnown(NotKnown):
    """There is no such round in the hub."""


class RunNotKnown(NotKnown):
    """There is no such run in the hub."""


class PinNotKnown(NotKnown):
    """The student is not pinned in this round."""


class NotAllowed(RegistryError):
    """The caller may know of it but not do this."""


class NeedsPerson(NotAllowed):
    """An approval is given by a person at a screen, with a second factor; by token only in demo mode."""


class ForgedForm(NotAllowed):
    """A form that does not come from a page of this session: from another site, or from before signing in anew."""


class Conflict(RegistryError):
    """The state of things does not allow it now."""


class AlreadyExists(Conflict):
    """A thing with this name or reference is there."""


class NoticeRequestOver(Conflict):
    """What a notice to one person was about was used, withdrawn or replaced, or is too old."""


class KeyInUse(Conflict):
    """A request with the same idempotency key is still running."""


class SecretNotKept(Conflict):
    """The request with this idempotency key is done; its answer was a secret, which is shown once: make a new one."""


class RoundNotDraft(Conflict):
    """Only a draft can be changed or opened."""


class RoundNotOpen(Conflict):
    """The round does not take preferences, pins or a closing now."""


class RoundNotClosed(Conflict):
    """The round has no frozen input that may be run, or is not to be published now."""


class RoundNotPublished(Conflict):
    """Nothing stands in this round yet."""


class RoundOver(Conflict):
    """A published, settled or cancelled round can't be cancelled."""


class RoundInProgress(Conflict):
    """The programme has another round that is open, or closed and not published."""


class RunNotSolved(Conflict):
    """Only a solved run can be approved."""


class RunNotApproved(Conflict):
    """Only a run that two people approved can be published."""


class RunNotCancellable(Conflict):
    """Matching has ended this run already."""


class RunSuperseded(Conflict):
    """Another run's allocation took this one's place."""


class ApprovedAlready(Conflict):
    """The same person approved this run before: the second approval is someone else's."""


class InputNotFrozen(Conflict):
    """What the round would freeze can't be written down or solved as it is; the round stays open."""


class EmployerFrozen(Conflict):
    """A slot stands in the frozen input of a round that is closed or published: its employer can't change now."""


class InputUnchanged(Conflict):
    """Nothing has changed since the round's input was frozen."""


class ResultRejected(Conflict):
    """The registry's own verifier does not accept what is stored; nothing is published and the run has failed."""


class NotFromProvider(RegistryError):
    """An OpenID provider's word let nobody in; ``facts`` have the reason, which goes to the log and not to the page."""


class ProviderAway(NotFromProvider):
    """The provider can't be reached, or not be used as it is."""


class ProviderSaidNo(NotFromProvider):
    """The person went back, or the provider does not let them into this site."""


class AnswerNotTrusted(NotFromProvider):
    """The answer fits no question of this browser, or it failed a check."""


class NobodyKnown(NotFromProvider):
    """The provider named somebody whom no hub here has, or whose account is another person's."""


class TooManyTries(RegistryError):
    """Somebody guesses: the next try has to wait; ``facts`` have the seconds."""


class Stale(RegistryError):
    """It was changed since the caller read it."""


class Invalid(RegistryError):
    """The request's content is wrong; ``findings`` say where."""

    def __init__(self, detail: str, findings: Sequence[Finding] = (), **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.findings = tuple(findings)


class ImpossibleDates(Invalid):
    """A round that would close before it opens, or in the past."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, [Finding(message, code="impossible_dates", field=field)])


class FileRefused(Invalid):
    """An uploaded file; nothing of it was written. ``facts`` have error_count and counts by kind."""


class KeyReused(Invalid):
    """The same idempotency key came with another request."""


class TooLarge(RegistryError):
    """The body is larger than the limit."""
