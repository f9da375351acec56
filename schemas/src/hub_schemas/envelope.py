"""What every message carries around its data: who says it, of whom, when, in answer to what."""

from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from hub_schemas.ids import HubId


class Fact(BaseModel):
    """Something that has happened (or was asked for), in the past tense; frozen.

    A subclass names its topic and, by ``subject_field``, the field whose value keys the message: all facts about one
    subject stay in order on one partition. ``replaces_state`` says that a later fact about the subject makes an
    earlier one worthless, so that a reader may skip what it has passed.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    topic: ClassVar[str]
    version: ClassVar[int] = 1
    subject_field: ClassVar[str]
    replaces_state: ClassVar[bool] = False

    @property
    def subject(self) -> str:
        """The id of what this fact is about."""
        return str(getattr(self, self.subject_field))


FactT = TypeVar("FactT", bound=BaseModel)


class Envelope(BaseModel, Generic[FactT]):
    """The message on the wire: JSON, UTF-8; the trace context does not travel yet, in it or in the Kafka headers."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: UUID = Field(description="UUID version 7; readers drop an id they have handled")
    type: str = Field(description="Name of the fact, e.g. RoundClosed")
    version: int = Field(ge=1)
    source: str = Field(description="Service that wrote it")
    time: AwareDatetime = Field(description="When the writer's transaction staged it")
    hub_id: HubId
    subject: str = Field(description="Id of what the fact is about")
    seq: int = Field(ge=0, description="Grows with each fact of this source about this subject")
    correlation_id: UUID = Field(description="The same for all that followed from one request")
    causation_id: UUID | None = Field(default=None, description="Id of the message or request this one answers")
    data: FactT

    @property
    def key(self) -> str:
        """Kafka key: everything about one subject of one hub stays in order."""
        return f"{self.hub_id}:{self.subject}"


AnyEnvelope = Envelope[Any]
