"""hub.round-inputs.v1: the frozen input of a round, in pieces."""

from typing import ClassVar

from pydantic import Field

from hub_schemas import topics
from hub_schemas.envelope import Fact
from hub_schemas.ids import InputId, RoundId

MAX_ROWS = 500
MAX_BYTES = 500_000


class InputChunk(Fact):
    """Some rows of one table of a frozen input; the tables and their columns are those of hub_schemas.tables."""

    topic: ClassVar[str] = topics.ROUND_INPUTS
    subject_field: ClassVar[str] = "round_id"

    round_id: RoundId
    input_id: InputId
    table: str = Field(description="students, slots, employers, schools, preferences, travel or postcodes")
    index: int = Field(ge=0, description="Place of this chunk among all chunks of the input, from 0")
    count: int = Field(ge=1, description="Chunks of the input")
    rows: tuple[tuple[str, ...], ...] = Field(description="Cells as text, in the table's column order")
