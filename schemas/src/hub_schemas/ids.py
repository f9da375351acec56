"""The names of things on the wire: one type per concept, so that a round's id can't be passed for a run's.

Ids are UUID version 7 (time-ordered), except a school's (its number in the national register) and a participant's
(a student in one round's frozen input, opaque and of no use in any other round).
"""

from typing import NewType
from uuid import UUID

import uuid_utils.compat as uuid_utils

HubId = NewType("HubId", UUID)
ProgrammeId = NewType("ProgrammeId", UUID)
StaffId = NewType("StaffId", UUID)
StudentId = NewType("StudentId", UUID)
EmployerId = NewType("EmployerId", UUID)
SlotId = NewType("SlotId", UUID)
RoundId = NewType("RoundId", UUID)
InputId = NewType("InputId", UUID)
RunId = NewType("RunId", UUID)
NoticeId = NewType("NoticeId", UUID)
ChaseId = NewType("ChaseId", UUID)
NoticeRequestId = NewType("NoticeRequestId", UUID)

SchoolId = NewType("SchoolId", str)
ParticipantId = NewType("ParticipantId", str)


def new_id() -> UUID:
    """Make a UUID version 7: unique everywhere, and later ones sort after earlier ones (RFC 9562)."""
    return uuid_utils.uuid7()
