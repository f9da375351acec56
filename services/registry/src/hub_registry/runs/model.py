"""What a run's facts mean for its state, in whatever order they arrive; no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from hub_registry.errors import RunNotApproved, RunNotCancellable, RunNotSolved
from hub_schemas.events.run_requests import ChangeMode
from hub_schemas.events.runs import RunFailed, RunProgressed, RunSolved
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

ENDED = (RunState.PUBLISHED, RunState.SUPERSEDED, RunState.FAILED, RunState.CANCELLED)

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
    parent_run_id: RunId | None = None
    """Of a change run: the run whose allocation it changes."""
    mode: ChangeMode | None = None
    waiting_for: str | None = None
    progress: dict[str, Any] | None = None
    report: dict[str, Any] | None = None
    chunks_held: int = 0
    failure: dict[str, Any] | None = None
    verdict: str | None = None
    recipients: int | None = None
    """Whom its publication concerns, counted when it was published."""
    solved_at: datetime | None = None
    approved_at: datetime | None = None
    published_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def result_sha256(self) -> str | None:
        """What the result hashes to, once matching said so."""
        return str(self.report["result_sha256"]) if self.report else None

    @property
    def in_matching(self) -> bool:
        """Whether facts from matching may still change the run: it has neither a result nor an end."""
        return self.state in IN_MATCHING and self.report is None

    @property
    def awaits_result(self) -> bool:
        """Whether pieces of a result are still of use."""
        return self.state in IN_MATCHING

    def accept(self) -> "Run":
        """Matching knows of it."""
        return replace(self, state=RunState.WAITING) if self._before(RunState.WAITING) else self

    def wait(self, waiting_for: str) -> "Run":
        """Matching says what keeps it from starting; late news of it are ignored."""
        if not self.in_matching or self.state is RunState.SOLVING:
            return self
        return replace(self, state=RunState.WAITING, waiting_for=waiting_for)

    def progress_to(self, fact: RunProgressed) -> "Run":
        """A solver is at work on it; older reports than the one that is kept are ignored."""
        if not self.in_matching or not is_later(self.progress, fact):
            return self
        kept = fact.model_dump(mode="json", exclude={"run_id", "round_id"})
        return replace(self, state=RunState.SOLVING, waiting_for=None, progress=kept)

    def solve(self, report: RunSolved) -> "Run":
        """Matching has its result, which is on its way here; ``take`` ends it."""
        if not self.in_matching:
            return self
        kept = report.model_dump(mode="json", exclude={"run_id", "round_id"})
        return replace(self, state=RunState.SOLVING, waiting_for=None, progress=None, report=kept)

    def take(self, *, at: datetime) -> "Run":
        """The whole result is here and hashes right."""
        return replace(self, state=RunState.SOLVED, solved_at=at)

    def fail(self, code: str, reason: str, *, errors: Sequence[str] = (), at: datetime) -> "Run":
        """End it without an allocation that may stand; a run that was published or has ended stays as it is."""
        if self.state in ENDED:
            return self
        failure = {"code": code, "reason": reason, "errors": list(errors)}
        return replace(self, state=RunState.FAILED, waiting_for=None, progress=None, failure=failure, ended_at=at)

    def fail_in_matching(self, fact: RunFailed, *, at: datetime) -> "Run":
        """Matching ended it without a result."""
        return self.fail(fact.code, fact.reason, errors=fact.errors, at=at) if self.in_matching else self

    def cancel(self, *, at: datetime) -> "Run":
        """Matching ended it on request."""
        if not self.in_matching:
            return self
        return replace(self, state=RunState.CANCELLED, waiting_for=None, progress=None, ended_at=at)

    def _before(self, state: RunState) -> bool:
        return self.in_matching and _PLACE[self.state] < _PLACE[state]

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


def is_later(progress: dict[str, Any] | None, fact: RunProgressed) -> bool:
    """Say whether a progress report is newer than the one that is kept: a later attempt, or later in the same.

    Shares of a run have attempts of their own; between two of them the seconds since the run began decide.
    """
    if progress is None:
        return True
    if fact.share != progress.get("share"):
        return fact.seconds > float(progress["seconds"])
    return (fact.attempt, fact.seconds) > (int(progress["attempt"]), float(progress["seconds"]))
