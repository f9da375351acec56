"""hub.runs.v1: what became of a frozen input and of each run."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from hub_schemas import topics
from hub_schemas.envelope import Fact
from hub_schemas.events.rounds import Sha256
from hub_schemas.ids import InputId, RoundId, RunId


class InputHeld(Fact):
    """Matching holds a round's whole frozen input and it hashes to what RoundClosed said."""

    topic: ClassVar[str] = topics.RUNS
    subject_field: ClassVar[str] = "round_id"

    round_id: RoundId
    input_id: InputId
    input_sha256: Sha256


class RunFact(Fact):
    """A fact about one run; all of them stay in order."""

    topic: ClassVar[str] = topics.RUNS
    subject_field: ClassVar[str] = "run_id"

    run_id: RunId
    round_id: RoundId


class RunAccepted(RunFact):
    """Matching knows of a run and will solve it."""


class RunWaiting(RunFact):
    """A run can't start yet; says for what it waits."""

    waiting_for: str = Field(description="In plain words, e.g. 'input: 12 of 260 chunks have not arrived'")


class RunProgressed(RunFact):
    """A run reached a step; the first one says that solving began."""

    step: str = Field(description="read, eligibility, solve, certificate, verify, explain, write")
    level: str | None = Field(default=None, description="Level of the objective at work or just settled")
    value: int | None = Field(default=None, description="Of that level, in the best allocation so far")
    bound: int | None = Field(default=None, description="Of that level: what is proven possible so far")
    incumbent: int | None = Field(default=None, ge=0, description="Placements of the best allocation so far")
    share: int | None = Field(default=None, ge=1, description="Which share of the run this is about, from 1")
    shares: int | None = Field(default=None, ge=2, description="Shares the run was cut into; none: solved as one")
    seconds: float = Field(ge=0, description="Since the run began solving")
    attempt: int = Field(default=1, ge=1, description="Grows when another solver process had to take over")


class Level(BaseModel):
    """One level of a lexicographic objective; proven when value equals bound."""

    model_config = ConfigDict(frozen=True)

    name: str
    value: int
    bound: int


class RunSolved(RunFact):
    """Matching solved a run and its verifier accepted the result; nobody has approved it yet."""

    input_id: InputId
    input_sha256: Sha256
    status: Literal["optimal", "bounded"]
    levels: tuple[Level, ...]
    gap: float = Field(ge=0, description="Relative distance to the proven bound, 0 = optimal")
    placements: int = Field(ge=0)
    unplaced: int = Field(ge=0)
    result_sha256: Sha256 = Field(description="Over allocations.csv and unplaced.csv, see hub_schemas.results")
    chunks: int = Field(ge=0, description="ResultChunk messages on hub.run-results.v1")
    verdict: str = Field(description="The verifier's own words")
    seconds: dict[str, float] = Field(description="read, eligibility, solve, certificate, explain, write, total …")
    peak_rss_mb: float = Field(ge=0)
    solver_version: str
    part_sha256: dict[str, str] = Field(default={}, description="SHA-256 of the bytes of each part's file, by part")
    parent_run_id: RunId | None = Field(default=None, description="The run whose allocation was changed")
    moves: int | None = Field(default=None, ge=0, description="Rows of the part moves, without its header")


class RunFailed(RunFact):
    """A run ended without a result that the verifier accepts."""

    code: str = Field(
        description="bad_input; infeasible (no allocation keeps the pins and the rules); rejected_by_verifier; crashed;"
        " refused. A run whose time is up does not fail: it is solved with status bounded"
    )
    reason: str
    errors: tuple[str, ...] = Field(
        default=(),
        description="One line each, at most 200. bad_input: where, what, how to mend; infeasible: a smallest set of"
        " rules that, dropped, makes an allocation possible",
    )


class RunCancelled(RunFact):
    """A run was ended on request before it had a result."""
