"""hub.run-requests.v1: what the registry asks of matching."""

from typing import ClassVar

from pydantic import Field

from hub_schemas import topics
from hub_schemas.envelope import Fact
from hub_schemas.events.rounds import Sha256
from hub_schemas.ids import InputId, RoundId, RunId
from hub_schemas.policy import Policy


class RunRequested(Fact):
    """A coordinator asked for an allocation of a frozen input under a policy."""

    topic: ClassVar[str] = topics.RUN_REQUESTS
    subject_field: ClassVar[str] = "run_id"

    run_id: RunId
    round_id: RoundId
    input_id: InputId
    input_sha256: Sha256 = Field(description="What the input must hash to before the run may start")
    policy: Policy


class RunCancelRequested(Fact):
    """A coordinator no longer wants a run."""

    topic: ClassVar[str] = topics.RUN_REQUESTS
    subject_field: ClassVar[str] = "run_id"

    run_id: RunId
    round_id: RoundId
