"""Use case of views: whoever shows a student's record to a person notes it, in the transaction that read it."""

from collections.abc import Iterable
from uuid import UUID

from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal

_SEEN = """
    INSERT INTO student_view (hub_id, staff_id, student_id, page)
    SELECT $1, $2, student_id, $4 FROM unnest($3::uuid[]) AS shown (student_id)
"""


async def students_seen(tx: Transaction, by: Principal, student_ids: Iterable[UUID], *, page: str) -> None:
    """Note that a person was shown these students' records.

    Args:
        tx: the transaction that read them: what is not noted is not shown.
        by: the person.
        student_ids: of the records on the page; none is fine.
        page: what it was shown on, in a word or two ("student", "students", "results", "letters", "api").
    """
    shown = list(student_ids)
    if shown:
        await tx.conn.execute(_SEEN, by.hub_id, by.staff_id, shown, page)
