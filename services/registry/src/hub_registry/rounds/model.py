"""What a round may do next, and when; no I/O."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from hub_registry.errors import (
    ImpossibleDates,
    RoundNotClosed,
    RoundNotDraft,
    RoundNotOpen,
    RoundNotPublished,
    RoundOver,
)
from hub_schemas.ids import HubId, InputId, ProgrammeId, RoundId, RunId, StaffId
from hub_schemas.policy import Policy

SEED_BYTES = 32
"""Random bytes in a lottery seed: twice the 128 bits that are promised."""


class RoundState(StrEnum):
    """Where a round stands.

    ::

        draft ──> open ──> closed ──> published ──> settled
          │         │         │
          └─────────┴─────────┴──> cancelled

    A published round stays published when another run supersedes the one that stood.
    """

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"
    SETTLED = "settled"
    CANCELLED = "cancelled"


CANCELLABLE = (RoundState.DRAFT, RoundState.OPEN, RoundState.CLOSED)


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a programme as the registry keeps it; times are aware, in UTC."""

    round_id: RoundId
    hub_id: HubId
    programme_id: ProgrammeId
    name: str
    state: RoundState
    opens_at: datetime | None
    closes_at: datetime
    policy: Policy
    lottery_seed: str
    """'' where the caller may not know it: schools and employers before closing."""
    lottery_commitment: str
    """SHA-256 of the seed: announced at opening, when the seed itself is still secret."""
    created_at: datetime
    created_by: StaffId | None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    published_at: datetime | None = None
    published_run_id: RunId | None = None
    settled_at: datetime | None = None
    input_id: InputId | None = None
    closing_failed: str | None = None
    """Why the clock could not close the round at its time; it tries again."""
    version: str = ""
    """Of the row as it was read: differs once anybody has changed the round."""

    @property
    def revealed_seed(self) -> str | None:
        """The lottery seed once the round no longer takes changes, else None."""
        return self.lottery_seed if self.closed_at is not None else None

    def changed(self, changes: dict[str, Any]) -> "Round":
        """Change name, times or policy of a draft; raises RoundNotDraft, ImpossibleDates."""
        if self.state is not RoundState.DRAFT:
            raise RoundNotDraft(f"the round is {self.state}: only a draft can be changed or opened", state=self.state)
        after = replace(self, **changes)
        check_times(after.opens_at, after.closes_at)
        return after

    def open(self, *, at: datetime) -> "Round":
        """Let schools submit; raises RoundNotDraft, or ImpossibleDates when its closing time has passed."""
        if self.state is not RoundState.DRAFT:
            raise RoundNotDraft(f"the round is {self.state}: only a draft can be changed or opened", state=self.state)
        if self.closes_at <= at:
            raise ImpossibleDates("closes_at", "the round's closing time has passed: set a later one first")
        return replace(self, state=RoundState.OPEN, opened_at=at)

    def close(self, *, at: datetime, input_id: InputId) -> "Round":
        """Take no more changes and name the frozen input; raises RoundNotOpen."""
        self.check_open()
        return replace(self, state=RoundState.CLOSED, closed_at=at, input_id=input_id, closing_failed=None)

    def cancel(self, reason: str, *, at: datetime) -> "Round":
        """End a round that has not been published; raises RoundOver."""
        if self.state not in CANCELLABLE:
            raise RoundOver(f"the round is {self.state} and can't be cancelled", state=self.state)
        return replace(self, state=RoundState.CANCELLED, cancelled_at=at, cancel_reason=reason, closing_failed=None)

    def check_open(self) -> None:
        """Raise RoundNotOpen unless the round may be closed and changed."""
        if self.state is not RoundState.OPEN:
            raise RoundNotOpen(f"the round is {self.state}, not open", state=self.state)

    def check_takes_preferences(self, *, at: datetime) -> None:
        """Raise RoundNotOpen unless schools may submit: not after the deadline, also while the clock is behind."""
        self.check_open()
        if at >= self.closes_at:
            raise RoundNotOpen("the round's deadline has passed", state=self.state, closes_at=str(self.closes_at))

    def frozen_input(self) -> InputId:
        """The input that runs of this round use; raises RoundNotClosed before closing and after a cancellation."""
        if self.input_id is None or self.state not in {RoundState.CLOSED, RoundState.PUBLISHED}:
            raise RoundNotClosed(f"the round is {self.state}, not closed: it can't be run", state=self.state)
        return self.input_id

    def revise(self, input_id: InputId) -> "Round":
        """Name the input that follows the latest one, because something changed; raises RoundNotClosed."""
        self.frozen_input()
        return replace(self, input_id=input_id)

    def check_takes_pins(self) -> None:
        """Raise RoundNotOpen before opening and after the end; pins after closing enter the next frozen input."""
        if self.state not in {RoundState.OPEN, RoundState.CLOSED, RoundState.PUBLISHED}:
            raise RoundNotOpen(f"the round is {self.state} and takes no pins", state=self.state)

    def publish(self, run_id: RunId, *, at: datetime) -> "Round":
        """Let a run's allocation stand, also in the place of an earlier one; raises RoundNotClosed."""
        if self.state not in {RoundState.CLOSED, RoundState.PUBLISHED}:
            raise RoundNotClosed(f"the round is {self.state}, not closed", state=self.state)
        return replace(self, state=RoundState.PUBLISHED, published_at=at, published_run_id=run_id)

    def settle(self, *, at: datetime) -> "Round":
        """Say that nothing is open any more; raises RoundNotPublished."""
        if self.state is not RoundState.PUBLISHED:
            raise RoundNotPublished(f"the round is {self.state}, not published", state=self.state)
        return replace(self, state=RoundState.SETTLED, settled_at=at)


def check_times(opens_at: datetime | None, closes_at: datetime) -> None:
    """Refuse a round that would close before it opens; raises ImpossibleDates."""
    if opens_at is not None and closes_at <= opens_at:
        raise ImpossibleDates("closes_at", "a round closes after it opens")


def new_seed() -> str:
    """Draw a lottery seed from the system's randomness: 256 bits as hexadecimal text."""
    return secrets.token_hex(SEED_BYTES)


def commitment(seed: str) -> str:
    """SHA-256 of a lottery seed's text, hexadecimal: what anyone can check the revealed seed against."""
    return hashlib.sha256(seed.encode()).hexdigest()
