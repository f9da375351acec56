"""Matching's own settings; the rest are the chassis'."""

from pydantic import Field

from hub_chassis.settings import Settings


class MatchingSettings(Settings):
    """HUB_* of the matching service."""

    service: str = Field(
        default="matching", description="The service, named for itself: source of its facts, consumer group, log field"
    )
    solver_processes: int = Field(default=2, ge=1, le=64, description="Runs, or shares of one, solved at once")
    solver_share_pairs: int = Field(
        default=400_000,
        ge=1,
        description="Feasible pairs from which a run is cut into shares; one that must be searched for counts as 20",
    )
    solver_attempts: int = Field(default=3, ge=1, le=10, description="Times a job is begun before its run fails")
    solver_lease_s: float = Field(default=15.0, gt=0.1, description="A job without heartbeat for so long is taken over")
    solver_heartbeat_s: float = Field(default=2.0, gt=0.01, description="Between two heartbeats")
    solver_poll_s: float = Field(default=0.3, gt=0.01, description="Between two looks at an empty queue")
    solver_retry_s: float = Field(default=1.0, ge=0, description="Pause before a crashed job is tried again")
    solver_grace_s: float = Field(default=60.0, ge=1, description="Beyond a run's time limit until its child is killed")
    solver_prewarmed: int = Field(default=1, ge=0, le=8, description="Idle solver processes kept ready")
