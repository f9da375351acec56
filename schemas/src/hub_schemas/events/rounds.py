"""hub.rounds.v1: where a round stands."""

from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from hub_schemas import topics
from hub_schemas.envelope import Fact
from hub_schemas.events.notices import RecipientKind
from hub_schemas.ids import ChaseId, InputId, ProgrammeId, RoundId, RunId

Sha256 = str
"""Lower-case hexadecimal, 64 characters."""


class RoundFact(Fact):
    """A fact about one round; all of them stay in order."""

    topic: ClassVar[str] = topics.ROUNDS
    subject_field: ClassVar[str] = "round_id"

    round_id: RoundId


class RoundOpened(RoundFact):
    """Schools may submit preferences until the round closes; the lottery seed is committed to."""

    programme_id: ProgrammeId
    closes_at: AwareDatetime
    lottery_commitment: Sha256 = Field(description="SHA-256 of the lottery seed, which is revealed after closing")


class DeadlineNear(RoundFact):
    """A round closes soon."""

    closes_at: AwareDatetime
    schools_missing: int = Field(ge=0, description="Schools that have not submitted preferences")


class ChasedRecipient(BaseModel):
    """Somebody to remind; an id only."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    recipient_kind: RecipientKind
    recipient_id: str = Field(description="Id of the staff member or employer contact in the registry")


class ChasingRequested(RoundFact):
    """The hub asks for people who have not acted yet to be reminded of an open round's deadline; each once."""

    programme_id: ProgrammeId
    chase_id: ChaseId
    recipients: tuple[ChasedRecipient, ...] = Field(max_length=2000)
    recipients_sha256: Sha256 = Field(description="Of the lines kind:id of the recipients, in their order")
    requested_at: AwareDatetime


class RoundClosed(RoundFact):
    """A round takes no more changes; its input is frozen and follows, or came before, on hub.round-inputs.v1."""

    programme_id: ProgrammeId
    input_id: InputId
    rows: dict[str, int] = Field(description="Rows of each table of the frozen input")
    chunks: int = Field(ge=0, description="InputChunk messages that carry it")
    input_sha256: Sha256 = Field(description="Over the canonical bytes of all tables, see hub_schemas.tables")
    lottery_seed: str = Field(description="Revealed now; hashes to the commitment of RoundOpened")


class InputRevised(RoundFact):
    """The input of a closed or published round was frozen anew, because something changed; the earlier one stays."""

    input_id: InputId
    parent_input_id: InputId = Field(description="The input it follows: of the closing, or of an earlier change")
    rows: dict[str, int] = Field(description="Rows of each table of the frozen input")
    chunks: int = Field(ge=0, description="InputChunk messages that carry it")
    input_sha256: Sha256 = Field(description="Over the canonical bytes of all tables, see hub_schemas.tables")


class RoundCancelled(RoundFact):
    """A round will not be run."""

    reason: str = Field(description="Coded reason")


class RoundPublished(RoundFact):
    """A run's allocation took effect: two people approved it and the registry verified it again."""

    programme_id: ProgrammeId
    run_id: RunId
    input_sha256: Sha256
    result_sha256: Sha256
    placements: int = Field(ge=0)
    unplaced: int = Field(ge=0)
    published_at: AwareDatetime


class RoundSuperseded(RoundFact):
    """Another run's allocation took the place of the one published before, which stays on record."""

    run_id: RunId = Field(description="The run that no longer stands")
    by_run_id: RunId


class RoundSettled(RoundFact):
    """Nothing in this round is open any more."""

    run_id: RunId
    settled_at: AwareDatetime
