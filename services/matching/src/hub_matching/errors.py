"""What can go wrong in matching.

MatchingError
├── InputConflict   (Permanent) a second announcement or chunk contradicts what stands
├── RunConflict     (Permanent) a run's id was used before for another input or round, or a request is half one
├── LeaseLost       another worker holds the job by now, or nobody needs it any more
├── ChildCrashed    a solver process ended without a result
└── ChildSilent     a solver process passed its time limit and was killed
"""

from uuid import UUID

from hub_chassis.errors import Permanent


class MatchingError(Exception):
    """Root of what this service raises."""


class InputConflict(MatchingError, Permanent):
    """A frozen input was announced twice with different figures, or its chunk names another round or table."""

    def __init__(self, input_id: UUID, what: str) -> None:
        super().__init__(f"input {input_id}: {what}")
        self.input_id = input_id


class RunConflict(MatchingError, Permanent):
    """A run's id was used before for another request, or the request contradicts itself."""

    def __init__(self, run_id: UUID, what: str = "was requested before with another round, input or policy") -> None:
        super().__init__(f"run {run_id} {what}")
        self.run_id = run_id


class LeaseLost(MatchingError):
    """The job's lease is no longer ours: nothing that follows from it may be written."""

    def __init__(self, run_id: UUID, component: int, fence: int) -> None:
        super().__init__(f"job {run_id}/{component} is no longer held under fence {fence}")
        self.run_id = run_id


class ChildCrashed(MatchingError):
    """A solver process ended without a result; ``reason`` says how, without any row of the input."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ChildSilent(MatchingError):
    """A solver process passed the run's time limit by more than the grace and was killed."""

    def __init__(self, limit_s: float) -> None:
        super().__init__(f"no result after {limit_s:.0f} s, the run's time limit and grace together")
        self.reason = str(self)
