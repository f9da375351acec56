"""Use cases about schools."""

from hub_chassis.transaction import Transaction
from hub_registry.imports import Receipt, compare, make_receipt, read, record_receipt
from hub_registry.imports.repository import lock
from hub_registry.imports.upload import Received
from hub_registry.schools import repository
from hub_registry.schools.columns import SCHOOLS
from hub_schemas.events.entries import SchoolJoined
from hub_schemas.ids import SchoolId, StaffId


async def import_schools(tx: Transaction, upload: Received, *, by: StaffId | None, preview: bool) -> Receipt:
    """Bring in schools of the national register, or bring them up to date; raises FileRefused."""
    table = await read(upload, SCHOOLS)
    await lock(tx.conn, f"schools {tx.hub_id}")
    stored = await repository.load_some(tx.conn, tx.hub_id, table.column("school_id"))
    comparison = compare(table.records, lambda record: stored.get(record.values["school_id"]))
    closed = sum(1 for record in table.records if str(record.values.get("status", "")).startswith("Closed"))
    notices = [f"{closed} of the schools are closed according to the register"] if closed else []
    if not preview:
        blanks = {"hub_id": tx.hub_id, **SCHOOLS.blanks()}
        await repository.insert_schools(tx.conn, ({**blanks, **new.values} for new in comparison.created))
        await repository.update_schools(tx.conn, (update.merged() for update in comparison.updated))
        await tx.outbox.add_many(
            SchoolJoined(school_id=SchoolId(new.values["school_id"])) for new in comparison.created
        )
    return await record_receipt(tx, make_receipt(table, upload, comparison, preview=preview, notices=notices), by=by)
