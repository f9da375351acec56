"""Use cases about slots."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from hub_chassis.saying import say_day
from hub_chassis.transaction import Transaction
from hub_registry.employers.repository import load_by_ref, load_employer
from hub_registry.errors import AlreadyExists, Conflict, Finding, Invalid, Stale
from hub_registry.imports import (
    Comparison,
    Findings,
    Receipt,
    Received,
    Record,
    Table,
    compare,
    make_receipt,
    read,
    record_receipt,
)
from hub_registry.imports.repository import lock
from hub_registry.imports.sheet import Complaint
from hub_registry.postcodes.service import notice_unknown
from hub_registry.programmes.repository import load_programme
from hub_registry.slots import repository
from hub_registry.slots.columns import SLOTS, check
from hub_registry.slots.model import completed, outside
from hub_registry.slots.shifting import shifted
from hub_schemas.events.entries import SlotChanged, SlotPublished, SlotWithdrawn
from hub_schemas.ids import EmployerId, ProgrammeId, SlotId, StaffId, new_id

MOST_WEEKS = 20
"""Most weeks over which a slot is repeated at once: half a school year."""

_OFFERED = {"state": "published", "withdrawn_reason": None}


async def import_slots(
    tx: Transaction, programme_id: ProgrammeId, upload: Received, *, by: StaffId, preview: bool
) -> Receipt:
    """Publish slots of a programme, or bring them up to date; those that the file lacks stay.

    Raises:
        ProgrammeNotKnown: there is none, as far as the caller may know.
        FileRefused: nothing was taken.
    """
    programme = await load_programme(tx.conn, programme_id)
    table = await read(upload, SLOTS)
    await lock(tx.conn, f"slots {programme_id}")
    stored = await repository.lock_by_ref(tx.conn, programme_id, table.column("slot_ref"))
    findings = Findings()
    records = await _resolved(tx, table, findings, programme=programme)
    comparison = compare(records, lambda record: stored.get(record.values["slot_ref"]))
    for update in comparison.updated:
        _add(findings, update.record, list(check(update.merged())))
    findings.refuse(SLOTS)
    notices = await notice_unknown(tx, table.column("postcode"))
    if withdrawn := sum(1 for slot in stored.values() if slot["state"] == "withdrawn"):
        notices.append(f"{withdrawn} of the slots are withdrawn and stay so")
    if not preview:
        await _write(tx, programme_id, comparison)
    return await record_receipt(tx, make_receipt(table, upload, comparison, preview=preview, notices=notices), by=by)


async def _resolved(tx: Transaction, table: Table, findings: Findings, *, programme: Mapping[str, Any]) -> list[Record]:
    """Put the employers' ids and the derived fields into the rows."""
    employers = await load_by_ref(tx.conn, tx.hub_id, sorted(set(table.column("employer_ref"))))
    records = []
    for record in table.records:
        values = completed(record.values)
        reference = values.pop("employer_ref")
        if reference not in employers:
            message = f"there is no employer {reference}: import employers first, or correct it"
            findings.add(record, "employer_ref", "unknown", message)
            continue
        if (day := outside(values, first=programme["first_date"], last=programme["last_date"])) is not None:
            span = f"{programme['first_date']} to {programme['last_date']}"
            findings.add(record, "dates", "impossible_date", f"{day} lies outside the programme ({span})")
        owner = employers[reference]["merged_into"] or employers[reference]["employer_id"]
        records.append(Record(record.row, {**values, "employer_id": owner}))
    return records


async def _write(tx: Transaction, programme_id: ProgrammeId, comparison: Comparison) -> None:
    blanks = {**SLOTS.blanks(), **_OFFERED, "hub_id": tx.hub_id, "programme_id": programme_id}
    created = [{**blanks, "slot_id": new_id(), **new.values} for new in comparison.created]
    updated = [update.merged() for update in comparison.updated]
    await repository.insert_slots(tx.conn, created)
    await repository.update_slots(tx.conn, updated)
    await tx.outbox.add_many(_published(row) for row in created)
    await tx.outbox.add_many(_changed(row) for row in updated if row["state"] == "published")


async def publish_slot(tx: Transaction, programme_id: ProgrammeId, values: Mapping[str, Any]) -> dict[str, Any]:
    """Publish one slot; raises ProgrammeNotKnown, EmployerNotKnown, Conflict (merged), AlreadyExists, Invalid."""
    programme = await load_programme(tx.conn, programme_id)
    if (await load_employer(tx.conn, values["employer_id"]))["merged_into"]:
        raise Conflict("this employer was entered twice and merged: publish the slot for the one that was kept")
    await lock(tx.conn, f"slots {programme_id}")
    if await repository.lock_by_ref(tx.conn, programme_id, [values["slot_ref"]]):
        raise AlreadyExists(f"the programme has a slot {values['slot_ref']} already", field="slot_ref")
    row = completed({**SLOTS.blanks(), **values, **_OFFERED, "hub_id": tx.hub_id, "slot_id": new_id()})
    row["programme_id"] = programme_id
    _must_be_within(row, programme)
    await repository.insert_slots(tx.conn, [row])
    await tx.outbox.add(_published(row))
    return await repository.load_slot(tx.conn, row["slot_id"])


async def change_slot(
    tx: Transaction, slot_id: UUID, values: Mapping[str, Any], *, if_match: str | None
) -> dict[str, Any]:
    """Change some of a slot's fields; raises SlotNotKnown, Stale, Invalid, and Conflict for a withdrawn one."""
    stored = await repository.load_slot(tx.conn, slot_id, lock=True)
    if if_match is not None and if_match != stored["version"]:
        raise Stale("the slot was changed since you read it: read it again")
    if stored["state"] == "withdrawn":
        raise Conflict("the slot is withdrawn: publish a new one")
    row = completed({**stored, **values})
    _must_be_within(row, await load_programme(tx.conn, row["programme_id"]))
    await repository.update_slots(tx.conn, [row])
    await tx.outbox.add(_changed(row))
    return await repository.load_slot(tx.conn, slot_id)


async def repeat_slot(tx: Transaction, slot_id: UUID, *, weeks: int) -> int:
    """Publish the slot again for each of the weeks that follow, on the same days of the week; gives how many.

    Raises:
        SlotNotKnown: there is none, as far as the caller may know.
        Invalid: a day would lie outside the programme; the caller undoes what was published before.
        Conflict: the slot is withdrawn.
    """
    stored = await repository.load_slot(tx.conn, slot_id)
    if stored["state"] == "withdrawn":
        raise Conflict("the slot is withdrawn: copy it to offer it anew")
    programme = await load_programme(tx.conn, stored["programme_id"])
    offered = {name: stored[name] for name in SLOTS.blanks() | {"employer_id": None} if name in stored}
    for week in range(1, weeks + 1):
        values = {**offered, "dates": shifted(stored["dates"], weeks=week), "slot_ref": f"S-{new_id().hex[-12:]}"}
        if day := outside(completed(values), first=programme["first_date"], last=programme["last_date"]):
            found = Finding(f"week {week} would take {say_day(day)}, after the programme's last day", field="weeks")
            raise Invalid("the slot can't be repeated so often", [found])
        await publish_slot(tx, ProgrammeId(stored["programme_id"]), values)
    return weeks


async def withdraw_slot(tx: Transaction, slot_id: UUID, *, reason: str) -> dict[str, Any]:
    """Take a slot back for a coded reason; doing it twice changes nothing. Raises SlotNotKnown."""
    stored = await repository.load_slot(tx.conn, slot_id, lock=True)
    if stored["state"] == "published":
        await repository.update_slots(tx.conn, [{**stored, "state": "withdrawn", "withdrawn_reason": reason}])
        await tx.outbox.add(
            SlotWithdrawn(
                slot_id=SlotId(stored["slot_id"]),
                employer_id=EmployerId(stored["employer_id"]),
                programme_id=ProgrammeId(stored["programme_id"]),
                reason=reason,
            )
        )
    return await repository.load_slot(tx.conn, slot_id)


def _must_be_within(row: Mapping[str, Any], programme: Mapping[str, Any]) -> None:
    complaints = list(check(row))
    if (day := outside(row, first=programme["first_date"], last=programme["last_date"])) is not None:
        span = f"{programme['first_date']} to {programme['last_date']}"
        complaints.append(Complaint("dates", "impossible_date", f"{day} lies outside the programme ({span})"))
    if complaints:
        found = [Finding(field=one.column, code=one.code, message=one.message) for one in complaints]
        raise Invalid("some fields do not go together", found)


def _add(findings: Findings, record: Record, complaints: list[Complaint]) -> None:
    for complaint in complaints:
        findings.add(record, complaint.column, complaint.code, complaint.message)


def _published(row: Mapping[str, Any]) -> SlotPublished:
    return SlotPublished(
        slot_id=SlotId(row["slot_id"]),
        employer_id=EmployerId(row["employer_id"]),
        programme_id=ProgrammeId(row["programme_id"]),
        capacity=row["capacity"],
    )


def _changed(row: Mapping[str, Any]) -> SlotChanged:
    return SlotChanged(
        slot_id=SlotId(row["slot_id"]),
        employer_id=EmployerId(row["employer_id"]),
        programme_id=ProgrammeId(row["programme_id"]),
        capacity=row["capacity"],
    )
