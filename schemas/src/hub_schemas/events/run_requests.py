"""hub.run-requests.v1: what the registry asks of matching."""

from typing import ClassVar, Literal

from pydantic import Field

from hub_schemas import topics
from hub_schemas.envelope import Fact
from hub_schemas.events.rounds import Sha256
from hub_schemas.ids import InputId, RoundId, RunId
from hub_schemas.policy import Policy

ChangeMode = Literal["best", "frozen"]


class RunRequested(Fact):
    """A coordinator asked for an allocation of a frozen input under a policy.

    A change run names the run whose allocation stands: of the best allocations it takes the one with the fewest moves
    (``best``), or it leaves every placement that still holds as it is (``frozen``).
    """

    topic: ClassVar[str] = topics.RUN_REQUESTS
    subject_field: ClassVar[str] = "run_id"

    run_id: RunId
    round_id: RoundId
    input_id: InputId
    input_sha256: Sha256 = Field(description="What the input must hash to before the run may start")
    policy: Policy
    parent_run_id: RunId | None = Field(default=None, description="A solved run of the same round, to change as little")
    parent_result_sha256: Sha256 | None = Field(default=None, description="What that run's result hashes to")
    mode: ChangeMode | None = Field(default=None, description="How to treat what stands; only with parent_run_id")


class RunCancelRequested(Fact):
    """A coordinator no longer wants a run."""

    topic: ClassVar[str] = topics.RUN_REQUESTS
    subject_field: ClassVar[str] = "run_id"

    run_id: RunId
    round_id: RoundId
