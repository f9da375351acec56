"""What the service and its solver process say to each other: a line of JSON, followed by the bytes it announces.

To the process: one ``Job``. From it: ``Ready``, then ``Progress`` any number of times, then one of ``Solved``,
``Failed``, ``Crashed``. Bytes go through the pipes, so that no file is left behind whoever dies first.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from hub_matching.results.model import Summary
from hub_matching.runs.model import FailureCode
from hub_schemas.events.run_results import Part
from hub_schemas.policy import Policy

LONGEST_LINE = 1_000_000


class Said(BaseModel):
    """Root of all messages."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Job(Said):
    """Solve this; ``files`` gives the bytes that follow for each table, in order."""

    policy: Policy
    input_sha256: str
    files: Mapping[str, int]


class Ready(Said):
    """Everything is imported and warm."""

    kind: Literal["ready"] = "ready"


class Progress(Said):
    """A step is reached, or a level of the objective settled."""

    kind: Literal["progress"] = "progress"
    step: str
    level: str | None = None
    value: int | None = None
    bound: int | None = None


class Solved(Said):
    """Solved, and accepted by the verifier; ``parts`` gives the bytes that follow for each part, in order."""

    kind: Literal["solved"] = "solved"
    summary: Summary
    parts: Mapping[Part, int]


class Failed(Said):
    """The run has no result, and trying again would not give one."""

    kind: Literal["failed"] = "failed"
    code: FailureCode
    reason: str
    errors: tuple[str, ...] = ()


class Crashed(Said):
    """Something broke that should not; trying again may help."""

    kind: Literal["crashed"] = "crashed"
    reason: str


Answer = Annotated[Ready | Progress | Solved | Failed | Crashed, Field(discriminator="kind")]
ANSWERS: TypeAdapter[Ready | Progress | Solved | Failed | Crashed] = TypeAdapter(Answer)
