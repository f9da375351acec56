"""Use cases of doubles: suspected, said to be two, merged, parted again."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from hub_chassis.transaction import Transaction
from hub_registry.doubles import repository
from hub_registry.doubles.model import Suspicion, suspicions
from hub_registry.employers.repository import load_employer
from hub_registry.errors import Conflict, EmployerFrozen, Stale
from hub_schemas.events.entries import EmployersMerged, EmployersParted, SlotChanged
from hub_schemas.ids import EmployerId, ProgrammeId, SlotId, StaffId, new_id


async def suspect(tx: Transaction) -> list[Suspicion]:
    """List the hub's pairs that look like one employer and that nobody said are two, the likeliest first."""
    said = await repository.load_not_doubles(tx.conn)
    # In a thread: it looks at every employer of the hub.
    found = await asyncio.to_thread(suspicions, await repository.load_known(tx.conn))
    return [pair for pair in found if (pair.one, pair.other) not in said]


async def say_not_doubles(tx: Transaction, one: UUID, other: UUID, *, by: StaffId, at: datetime) -> None:
    """Remember that two employers are two; raises EmployerNotKnown."""
    for employer_id in (one, other):
        await load_employer(tx.conn, employer_id)
    await repository.say_not_doubles(tx.conn, (one, other), hub_id=tx.hub_id, by=by, at=at)


async def merge(
    tx: Transaction, kept_id: UUID, merged_id: UUID, *, versions: dict[UUID, str], by: StaffId, at: datetime
) -> UUID:
    """Make two employers one: slots, drafts, people and students' exclusions of the second go to the first.

    Args:
        tx: the caller's, a coordinator's.
        kept_id: stays, with its own details.
        merged_id: is kept on record, without slots and people.
        versions: of both as the caller read them.
        by: who decided.
        at: when.

    Returns:
        The id of the record by which it can be undone.

    Raises:
        EmployerNotKnown: there is no such employer.
        Stale: one of them was changed since it was read.
        Conflict: one of them is merged already.
        EmployerFrozen: a slot to come stands in the frozen input of a round, which is named.
    """
    kept, merged = await _both(tx, kept_id, merged_id)
    if any(versions.get(one["employer_id"]) != one["version"] for one in (kept, merged)):
        raise Stale("one of the employers was changed since you read it: look again")
    if kept["merged_into"] or merged["merged_into"] or kept_id == merged_id:
        raise Conflict("one of the employers is merged already")
    slot_ids = await repository.load_slot_ids(tx.conn, merged_id)
    await _must_not_be_frozen(tx, slot_ids, merged["name"])
    slots = await repository.move_slots(tx.conn, slot_ids, of=merged_id, to=kept_id)
    people, inactive = await repository.move_people(tx.conn, of=merged_id, to=kept_id)
    drafts = await repository.move_drafts(tx.conn, of=merged_id, to=kept_id)
    both, one = await repository.move_exclusions(tx.conn, of=merged["employer_ref"], to=kept["employer_ref"])
    await repository.set_merged_into(tx.conn, merged_id, kept_id)
    moved = {"slots": [str(s["slot_id"]) for s in slots], "people": people, "inactive": inactive, "drafts": drafts}
    record = {
        "merge_id": new_id(),
        "hub_id": tx.hub_id,
        "kept_id": kept_id,
        "merged_id": merged_id,
        "moved": {**moved, "both": both, "one": one},
        "merged_at": at,
        "merged_by": by,
    }
    await repository.insert_merge(tx.conn, record)
    await tx.outbox.add(EmployersMerged(employer_id=EmployerId(kept_id), merged_id=EmployerId(merged_id)))
    await _announce(tx, slots)
    return UUID(str(record["merge_id"]))


async def undo(tx: Transaction, merge_id: UUID, *, by: StaffId, at: datetime) -> None:
    """Make two employers of one again: what had moved goes back, unless somebody has moved it on since.

    Raises:
        MergeNotKnown: there is no such record.
        Conflict: it is undone already.
        EmployerFrozen: a slot that would go back stands in the frozen input of a round, which is named.
    """
    record = await repository.lock_merge(tx.conn, merge_id)
    if record["undone_at"] is not None:
        raise Conflict("this merge is undone already")
    kept, merged = await _both(tx, record["kept_id"], record["merged_id"])
    slot_ids = [UUID(one) for one in record["moved"]["slots"]]
    await _must_not_be_frozen(tx, slot_ids, kept["name"])
    slots = await repository.move_slots(tx.conn, slot_ids, of=record["kept_id"], to=record["merged_id"])
    await repository.move_back(tx.conn, record["moved"], kept=kept, merged=merged)
    await repository.set_merged_into(tx.conn, record["merged_id"], None)
    await repository.mark_undone(tx.conn, merge_id, by=by, at=at)
    fact = EmployersParted(employer_id=EmployerId(record["kept_id"]), parted_id=EmployerId(record["merged_id"]))
    await tx.outbox.add(fact)
    await _announce(tx, slots)


async def _both(tx: Transaction, one: UUID, other: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    await repository.lock(tx.conn, [one, other])
    return await load_employer(tx.conn, one), await load_employer(tx.conn, other)


async def _must_not_be_frozen(tx: Transaction, slot_ids: Sequence[UUID], name: str) -> None:
    if rounds := await repository.load_frozen(tx.conn, slot_ids):
        raise EmployerFrozen(
            f"slots of {name} stand in what was frozen for {', '.join(rounds)}: who hosts them can't change before "
            "their days are over, or they are withdrawn and the input is frozen anew",
            rounds=rounds,
        )


async def _announce(tx: Transaction, slots: Sequence[dict[str, Any]]) -> None:
    await tx.outbox.add_many(
        SlotChanged(
            slot_id=SlotId(slot["slot_id"]),
            employer_id=EmployerId(slot["employer_id"]),
            programme_id=ProgrammeId(slot["programme_id"]),
            capacity=slot["capacity"],
        )
        for slot in slots
        if slot["state"] == "published"
    )
