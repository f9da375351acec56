"""Use cases about postcodes."""

from collections.abc import Iterable

from hub_chassis.transaction import Transaction
from hub_registry.imports import Receipt, Received, compare, make_receipt, read, record_receipt
from hub_registry.imports.repository import lock
from hub_registry.postcodes import repository
from hub_registry.postcodes.columns import POSTCODES
from hub_schemas.ids import StaffId


async def import_postcodes(tx: Transaction, upload: Received, *, by: StaffId | None, preview: bool) -> Receipt:
    """Bring in where postcodes lie; those that the file lacks stay. Raises FileRefused."""
    table = await read(upload, POSTCODES)
    await lock(tx.conn, "postcodes")
    stored = await repository.load_some(tx.conn, table.column("postcode"))
    comparison = compare(table.records, lambda record: stored.get(record.values["postcode"]))
    if not preview:
        blanks = POSTCODES.blanks()
        await repository.insert_postcodes(tx.conn, ({**blanks, **new.values} for new in comparison.created))
        await repository.update_postcodes(tx.conn, (update.merged() for update in comparison.updated))
    return await record_receipt(tx, make_receipt(table, upload, comparison, preview=preview), by=by)


async def notice_unknown(tx: Transaction, postcodes: Iterable[str]) -> list[str]:
    """Say how many postcodes of a file lie nobody knows where."""
    unknown = await repository.count_unknown(tx.conn, postcodes)
    if not unknown:
        return []
    return [f"{unknown} postcodes are not in the reference table: no travel can be estimated for them"]
