"""Use cases about employers."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from hub_chassis.transaction import Transaction
from hub_registry.applications.service import let_in
from hub_registry.employers import repository
from hub_registry.employers.columns import EMPLOYERS
from hub_registry.errors import AlreadyExists, Finding, Invalid, Stale
from hub_registry.imports import Receipt, Received, compare, make_receipt, read, record_receipt
from hub_registry.imports.repository import lock
from hub_registry.postcodes.service import notice_unknown
from hub_schemas.events.entries import EmployerRegistered, EmployerVerified
from hub_schemas.ids import EmployerId, StaffId, new_id


async def import_employers(tx: Transaction, upload: Received, *, by: StaffId, preview: bool, today: date) -> Receipt:
    """Register employers, or bring them up to date; those that the file lacks stay. Raises FileRefused."""
    table = await read(upload, EMPLOYERS)
    await lock(tx.conn, f"employers {tx.hub_id}")
    stored = await repository.load_by_ref(tx.conn, tx.hub_id, table.column("employer_ref"))
    comparison = compare(table.records, lambda record: stored.get(record.values["employer_ref"]))
    notices = await notice_unknown(tx, table.column("postcode"))
    if expired := sum(1 for day in table.column("insurance_valid_until") if day < today):
        notices.append(f"the insurance of {expired} employers has run out: they can't host until it is renewed")
    if not preview:
        blanks = {**EMPLOYERS.blanks(), "hub_id": tx.hub_id, "verified_at": None, "verified_by": None}
        rows = [{**blanks, "employer_id": new_id(), **new.values} for new in comparison.created]
        await repository.insert_employers(tx.conn, rows)
        await repository.update_employers(tx.conn, (update.merged() for update in comparison.updated))
        await tx.outbox.add_many(EmployerRegistered(employer_id=EmployerId(row["employer_id"])) for row in rows)
    return await record_receipt(tx, make_receipt(table, upload, comparison, preview=preview, notices=notices), by=by)


async def register_employer(tx: Transaction, values: Mapping[str, Any]) -> dict[str, Any]:
    """Register one employer; raises AlreadyExists."""
    await lock(tx.conn, f"employers {tx.hub_id}")
    if await repository.load_by_ref(tx.conn, tx.hub_id, [values["employer_ref"]]):
        raise AlreadyExists(f"there is an employer {values['employer_ref']} already", field="employer_ref")
    employer_id = EmployerId(new_id())
    blanks = {**EMPLOYERS.blanks(), "hub_id": tx.hub_id, "verified_at": None, "verified_by": None}
    await repository.insert_employers(tx.conn, [{**blanks, **values, "employer_id": employer_id}])
    await tx.outbox.add(EmployerRegistered(employer_id=employer_id))
    return await repository.load_employer(tx.conn, employer_id)


async def change_employer(
    tx: Transaction, employer_id: UUID, values: Mapping[str, Any], *, if_match: str | None
) -> dict[str, Any]:
    """Change some of an employer's fields; raises EmployerNotKnown, Stale."""
    stored = await repository.load_employer(tx.conn, employer_id, lock=True)
    if if_match is not None and if_match != stored["version"]:
        raise Stale("the employer was changed since you read it: read it again")
    await repository.update_employers(tx.conn, [{**stored, **values}])
    return await repository.load_employer(tx.conn, employer_id)


async def verify(tx: Transaction, refs: Sequence[str] | None, *, by: StaffId, at: datetime) -> int:
    """Note that the hub has checked employers (None: all); gives how many were not verified before.

    Raises:
        Invalid: a reference is not known; nothing was changed.
    """
    if refs is not None:
        unknown = sorted(set(refs) - set(await repository.load_by_ref(tx.conn, tx.hub_id, refs)))
        if unknown:
            findings = [Finding(field="employer_refs", code="unknown", message=f"no employer {ref}") for ref in unknown]
            raise Invalid("some employers are not known", findings[:200])
    verified = await repository.verify(tx.conn, refs, by=by, at=at)
    await tx.outbox.add_many(EmployerVerified(employer_id=employer_id) for employer_id in verified)
    await let_in(tx, verified, by=by)
    return len(verified)
