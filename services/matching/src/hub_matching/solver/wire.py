"""What the service and its solver process say to each other: a line of JSON, followed by the bytes it announces.

To the process: one ``Job``. From it: ``Ready``, then ``Progress`` any number of times, then one of ``Solved``,
``Planned``, ``Shared``, ``Failed``, ``Crashed``. Bytes go through the pipes, so that no file is left behind whoever
dies first.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from hub_matching.results.model import Summary
from hub_matching.runs.model import FailureCode
from hub_schemas.events.run_requests import ChangeMode
from hub_schemas.events.run_results import Part
from hub_schemas.policy import Policy

LONGEST_LINE = 1_000_000


class Said(BaseModel):
    """Root of all messages."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Begin(Said):
    """Solve the run, or plan its shares."""

    kind: Literal["begin"] = "begin"
    most_shares: int
    share_pairs: int


class Share(Said):
    """Solve one share."""

    kind: Literal["share"] = "share"
    number: int
    of: int


class Measured(Said):
    """What is known of a solved share besides its bytes, and how many these are."""

    size: int
    seconds: Mapping[str, float]
    peak_rss_mb: float


class Join(Said):
    """Put shares together; their bytes follow last, in order."""

    kind: Literal["join"] = "join"
    shares: tuple[Measured, ...]


class Job(Said):
    """Do this part of the work; bytes follow: each table's, then those of the allocation that stands, then shares'."""

    policy: Policy
    input_sha256: str
    files: Mapping[str, int]
    standing: int | None
    mode: ChangeMode | None
    part: Annotated[Begin | Share | Join, Field(discriminator="kind")]


class Ready(Said):
    """Everything is imported and warm."""

    kind: Literal["ready"] = "ready"


class Progress(Said):
    """A step is reached, or more is known of a level of the objective."""

    kind: Literal["progress"] = "progress"
    step: str
    level: str | None = None
    value: int | None = None
    bound: int | None = None
    incumbent: int | None = None


class Solved(Said):
    """Solved, and accepted by the verifier; ``parts`` gives the bytes that follow for each part, in order."""

    kind: Literal["solved"] = "solved"
    summary: Summary
    parts: Mapping[Part, int]


class Planned(Said):
    """Worth cutting into shares."""

    kind: Literal["planned"] = "planned"
    shares: int


class Shared(Said):
    """One share is solved; its bytes follow."""

    kind: Literal["shared"] = "shared"
    share: Measured


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


Anything = Ready | Progress | Solved | Planned | Shared | Failed | Crashed
ANSWERS: TypeAdapter[Anything] = TypeAdapter(Annotated[Anything, Field(discriminator="kind")])
