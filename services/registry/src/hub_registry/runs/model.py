"""What a run's facts mean for its state, in whatever order they arrive; no I/O."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from hub_registry.errors import RunNotApproved, RunNotCancellable, RunNotSolved
from hub_schemas.ids import HubId, InputId, RoundId, RunId, StaffId
from hub_schemas.policy import Policy


class RunState(StrEnum):
    """Where a run stands.

    ::

        requested ──> waiting ──> solving ──> solved ──> approved ──> published ──> superseded
            │            │           │           │           │
            └────────────┴───────────┴───────────┴───────────┴──> failed (matching, a result that does not hash
                                                                  right, or the registry's own verifier says no)
            └────────────┴───────────┴──> cancelled

    ``solved``: the verifier accepted the result and the registry holds all of it, hashing right. Facts from matching
    only ever move a run to the right; what comes late changes nothing.
    """

    REQUESTED = "requested"
    WAITING = "waiting"
    SOLVING = "solving"
    SOLVED = "solved"
    APPROVED = "approved"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    FAILED = "failed"
    CANCELLED = "cancelled"


IN_MATCHING = (RunState.REQUESTED, RunState.WAITING, RunState.SOLVING)
"""States that facts from matching may still change."""

_PLACE = {state: place for place, state in enumerate(RunState)}


@dataclass(frozen=True, slots=True)
class Run:
    """One run as the registry keeps it."""

    run_id: RunId
    hub_id: HubId
    round_id: RoundId
    input_id: InputId
    policy: Policy
    state: RunState
    requested_by: StaffId | None
    requested_at: datetime
    waiting_for: str | None = None
    progress: dict[str, Any] | None = None
    attempt: int = 0
    report: dict[str, Any] | None = None
    chunks_held: int = 0
    failure: dict[str, Any] | None = None
    verdict: str | None = None
    solved_at: datetime | None = None
    approved_at: datetime | None = None
    published_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def result_sha256(self) -> str | None:
        """What the result hashes to, once matching said so."""
        return str(self.report["result_sha256"]) if self.report else None

    def check_solved(self) -> None:
        """Raise RunNotSolved unless the run waits for approvals."""
        if self.state is not RunState.SOLVED:
            raise RunNotSolved(f"the run is {self.state}, not solved", state=self.state)

    def check_approved(self) -> None:
        """Raise RunNotApproved unless two people have approved the run."""
        if self.state is not RunState.APPROVED:
            raise RunNotApproved(f"the run is {self.state}: two people approve it first", state=self.state)

    def check_cancellable(self) -> None:
        """Raise RunNotCancellable once matching has ended the run."""
        if self.state not in IN_MATCHING:
            raise RunNotCancellable(f"the run is {self.state} and can't be cancelled", state=self.state)


def moves(state: RunState, to: RunState) -> bool:
    """Say whether a fact from matching may move a run: forwards among its states in matching, or to an end."""
    return state in IN_MATCHING and _PLACE[to] > _PLACE[state]


def is_later(progress: dict[str, Any] | None, *, attempt: int, seconds: float) -> bool:
    """Say whether a progress report is newer than the one that is kept: a later attempt, or later in the same."""
    if progress is None:
        return True
    return (attempt, seconds) > (int(progress["attempt"]), float(progress["seconds"]))
