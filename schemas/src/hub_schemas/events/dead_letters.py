"""hub.dead-letters.v1: what a consumer could not handle."""

from typing import ClassVar

from pydantic import Field

from hub_schemas import topics
from hub_schemas.envelope import Fact


class DeadLettered(Fact):
    """A consumer set aside a message that can never succeed as it is; its key is parked until someone replays it."""

    topic: ClassVar[str] = topics.DEAD_LETTERS
    subject_field: ClassVar[str] = "original_key"

    service: str
    original_topic: str
    partition: int
    offset: int
    original_key: str
    reason: str = Field(
        description="Coded: unreadable (no envelope to be read), rejected; an unknown type is passed over"
    )
    detail: str = Field(description="What was wrong; no personal data")
