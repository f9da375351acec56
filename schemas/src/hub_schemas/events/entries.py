"""hub.entries.v1: what people entered in the registry, as ids and counts."""

from typing import ClassVar

from pydantic import AwareDatetime, Field

from hub_schemas import topics
from hub_schemas.envelope import Fact
from hub_schemas.events.notices import PersonalAbout
from hub_schemas.ids import (
    EmployerId,
    NoticeRequestId,
    ParticipantId,
    ProgrammeId,
    RoundId,
    SchoolId,
    SlotId,
    StudentId,
)


class SchoolJoined(Fact):
    """A school of the national register takes part in a hub from now on."""

    topic: ClassVar[str] = topics.ENTRIES
    subject_field: ClassVar[str] = "school_id"

    school_id: SchoolId


class EmployerRegistered(Fact):
    """An employer is known to the hub; it may not host before it is verified."""

    topic: ClassVar[str] = topics.ENTRIES
    subject_field: ClassVar[str] = "employer_id"

    employer_id: EmployerId


class EmployerVerified(Fact):
    """The hub checked an employer (insurance, risk band); its slots may enter rounds."""

    topic: ClassVar[str] = topics.ENTRIES
    subject_field: ClassVar[str] = "employer_id"

    employer_id: EmployerId


class EmployerTurnedAway(Fact):
    """The hub looked at an employer and does not let it host; it may mend what is wrong and be looked at again."""

    topic: ClassVar[str] = topics.ENTRIES
    subject_field: ClassVar[str] = "employer_id"

    employer_id: EmployerId
    reason: str = Field(description="Coded reason")


class EmployersMerged(Fact):
    """Two employers were one entered twice: what the second had is the first's from now on."""

    topic: ClassVar[str] = topics.ENTRIES
    subject_field: ClassVar[str] = "employer_id"

    employer_id: EmployerId
    merged_id: EmployerId = Field(description="The one that is no longer used")


class EmployersParted(Fact):
    """A merge was undone: the two are two again, each with what it had."""

    topic: ClassVar[str] = topics.ENTRIES
    subject_field: ClassVar[str] = "employer_id"

    employer_id: EmployerId
    parted_id: EmployerId = Field(description="The one that is used again")


class SlotPublished(Fact):
    """An employer offers a slot; it enters every round of its programme that closes from now on."""

    topic: ClassVar[str] = topics.ENTRIES
    subject_field: ClassVar[str] = "slot_id"
    replaces_state: ClassVar[bool] = True

    slot_id: SlotId
    employer_id: EmployerId
    programme_id: ProgrammeId
    capacity: int = Field(ge=0, description="Seats")


class SlotChanged(Fact):
    """Something about a slot is different; what, is asked of the registry."""

    topic: ClassVar[str] = topics.ENTRIES
    subject_field: ClassVar[str] = "slot_id"
    replaces_state: ClassVar[bool] = True

    slot_id: SlotId
    employer_id: EmployerId
    programme_id: ProgrammeId
    capacity: int = Field(ge=0, description="Seats")


class SlotWithdrawn(Fact):
    """A slot is no longer offered."""

    topic: ClassVar[str] = topics.ENTRIES
    subject_field: ClassVar[str] = "slot_id"
    replaces_state: ClassVar[bool] = True

    slot_id: SlotId
    employer_id: EmployerId
    programme_id: ProgrammeId
    reason: str = Field(description="Coded reason")


class StudentsEntered(Fact):
    """A school brought in its students, or brought them up to date."""

    topic: ClassVar[str] = topics.ENTRIES
    subject_field: ClassVar[str] = "school_id"

    school_id: SchoolId
    created: int = Field(ge=0)
    updated: int = Field(ge=0)
    unchanged: int = Field(ge=0)


class PreferencesSubmitted(Fact):
    """A school submitted its students' ranked preferences for a round; they replace what it had submitted before."""

    topic: ClassVar[str] = topics.ENTRIES
    subject_field: ClassVar[str] = "school_id"

    school_id: SchoolId
    round_id: RoundId
    students: int = Field(ge=0, description="Students with at least one preference")
    preferences: int = Field(ge=0)


class StudentErased(Fact):
    """A student's rows are gone from the registry; readers drop theirs and remember the ids against any replay."""

    topic: ClassVar[str] = topics.ENTRIES
    subject_field: ClassVar[str] = "student_id"

    student_id: StudentId
    participant_ids: tuple[ParticipantId, ...] = Field(description="The student's ids in the rounds frozen so far")


class NoticeRequested(Fact):
    """One person is to be written to, with a link that only they may have: the notifier asks for it when it sends."""

    topic: ClassVar[str] = topics.ENTRIES
    subject_field: ClassVar[str] = "request_id"

    request_id: NoticeRequestId
    about: PersonalAbout = Field(description="An invitation to sign in, or an employer's address to be confirmed")
    state_sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="Of what it is about; nothing else is sent for it")
    requested_at: AwareDatetime
