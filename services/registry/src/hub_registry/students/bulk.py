"""Use case: the same change for many students of a school at once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from hub_chassis.transaction import Transaction
from hub_registry.errors import Stale
from hub_registry.students import repository
from hub_schemas.events.entries import StudentsEntered
from hub_schemas.ids import SchoolId

FIELDS: Final = ("consent", "max_travel_minutes", "travel_modes", "available")
"""What may be changed for many."""


async def change_many(
    tx: Transaction, school_id: SchoolId, student_ids: Sequence[UUID], values: Mapping[str, Any]
) -> int:
    """Write these values to all of these students of a school, or to none; gives how many were not so already.

    Raises:
        Stale: one of them is no longer there, or has left.
    """
    known = await repository.lock_some(tx.conn, sorted(student_ids))
    if any(one["school_id"] != school_id or one["left_at"] is not None for one in known) or len(known) != len(
        set(student_ids)
    ):
        raise Stale("some of these students have left meanwhile: look at the list again")
    changed = {name: values[name] for name in FIELDS if name in values}
    updated = [{**one, **changed} for one in known if any(one[name] != value for name, value in changed.items())]
    if updated:
        await repository.update_students(tx.conn, updated)
        await tx.outbox.add(StudentsEntered(school_id=school_id, created=0, updated=len(updated), unchanged=0))
    return len(updated)
