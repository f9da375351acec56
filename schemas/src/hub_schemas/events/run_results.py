"""hub.run-results.v1: the result of a run, in pieces."""

from typing import Annotated, ClassVar

from pydantic import Field

from hub_schemas import topics
from hub_schemas.envelope import Fact
from hub_schemas.ids import RoundId, RunId

MAX_ROWS = 500
MAX_BYTES = 500_000

Part = Annotated[str, Field(pattern="^[a-z][a-z_]{0,39}$")]
"""Name of a part; a reader passes over parts it does not know."""


class ResultChunk(Fact):
    """Some rows of one part of a run's result.

    ``allocations`` and ``unplaced`` carry the cells of the files of that name without their header, ``recruit``,
    ``demand``, ``aggregates`` and ``moves`` (change runs only) with it, ``explanations`` one line of JSON a row,
    ``run`` the text of run.json, ``certificate`` pieces of the certificate's bytes in base64; see hub_schemas.results.
    """

    topic: ClassVar[str] = topics.RUN_RESULTS
    subject_field: ClassVar[str] = "run_id"

    run_id: RunId
    round_id: RoundId
    part: Part = Field(
        description="allocations, unplaced, explanations, run, certificate, recruit, demand, aggregates, moves"
    )
    index: int = Field(ge=0, description="Place of this chunk among all chunks of the result, from 0")
    count: int = Field(ge=1, description="Chunks of the result")
    rows: tuple[tuple[str, ...], ...]
