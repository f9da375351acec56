"""The states of a run in matching, and what a job and its lease are.

A run is ``waiting`` (its input is not held), ``queued``, ``solving``, and ends ``solved``, ``failed`` or ``cancelled``.
Matching owns these; approved, published and superseded are the registry's.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from hub_schemas.events.run_requests import ChangeMode
from hub_schemas.ids import HubId, InputId, RoundId, RunId
from hub_schemas.policy import Policy


class RunState(StrEnum):
    """Where a run stands, as far as matching is concerned."""

    WAITING = "waiting"
    QUEUED = "queued"
    SOLVING = "solving"
    SOLVED = "solved"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to the run here."""
        return self in {RunState.SOLVED, RunState.FAILED, RunState.CANCELLED}


class FailureCode(StrEnum):
    """Why a run ended without a result; the codes of RunFailed."""

    BAD_INPUT = "bad_input"
    INFEASIBLE = "infeasible"
    REJECTED = "rejected_by_verifier"
    CRASHED = "crashed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Change:
    """What a change run starts from: the run whose allocation stands, what it hashes to, and how to treat it."""

    parent_run_id: RunId
    parent_result_sha256: str
    mode: ChangeMode


@dataclass(frozen=True, slots=True)
class Run:
    """One solve of a frozen input under a policy."""

    run_id: RunId
    hub_id: HubId
    round_id: RoundId
    input_id: InputId
    input_sha256: str
    policy: Policy
    state: RunState
    waiting_for: str | None
    correlation_id: UUID | None
    causation_id: UUID | None
    change: Change | None = None
    shares: int | None = None
    """How many jobs its components were dealt out to; None: not planned yet, or solved as one."""


@dataclass(frozen=True, slots=True)
class Failure:
    """How a run failed: a code, a reason in plain words, and a line for each fault or rule that stands in the way."""

    code: FailureCode
    reason: str
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lease:
    """A job in a worker's hands: what it writes counts only while ``fence`` is the job's fence.

    Component 0 is the run as a whole; 1, 2 … are its shares.
    """

    run: Run
    component: int
    fence: int
    attempt: int
    taken_over: bool
    solving_s: float = 0.0
    """Seconds since the run began solving, by the database's clock when the job was claimed."""
