"""What every page of an adviser begins with: the school, its rounds, one of its students."""

from typing import Any
from uuid import UUID

from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal
from hub_registry.audit.views import students_seen
from hub_registry.errors import StudentNotKnown
from hub_registry.rounds.repository import list_rounds
from hub_registry.rounds.working import Working, working
from hub_registry.students.repository import load_student
from hub_schemas.ids import SchoolId

MOST_ROUNDS = 500


def school_of(me: Principal) -> SchoolId:
    """Give an adviser's school."""
    assert me.school_id is not None  # noqa: S101 -- the database: an adviser has one
    return me.school_id


async def rounds_of(tx: Transaction) -> Working:
    """Find the round the school works on now, and the latest one whose result is out."""
    return working(await list_rounds(tx.conn, after=None, limit=MOST_ROUNDS))


async def student_of(tx: Transaction, me: Principal, student_id: UUID, *, on: str = "student") -> dict[str, Any]:
    """Read a student of the adviser's school, noting the page it is seen on; raises StudentNotKnown for others."""
    student = await load_student(tx.conn, student_id)
    if student["school_id"] != school_of(me):
        raise StudentNotKnown("there is no such student")
    await students_seen(tx, me, [student_id], page=on)
    return student
