"""The receipt of an import: what came, what it changed, and its hash."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from hub_chassis.transaction import Transaction
from hub_registry.imports import repository
from hub_registry.imports.compare import Comparison
from hub_registry.imports.findings import SHOWN
from hub_registry.imports.rows import plain
from hub_registry.imports.sheet import Table
from hub_registry.imports.upload import Received
from hub_schemas.ids import SchoolId, StaffId, new_id


class Change(BaseModel):
    """What a preview shows of one row."""

    row: int
    key: str
    action: str = Field(description="create, update or leave")
    fields: dict[str, list[Any]] = Field(default={}, description="Field -> [stored, new]")


class Receipt(BaseModel):
    """Kept with every import, and given as its answer."""

    import_id: UUID
    kind: str
    rows: int = Field(ge=0, description="Rows below the header")
    created: int = Field(ge=0)
    updated: int = Field(ge=0)
    unchanged: int = Field(ge=0)
    left: int = Field(ge=0, description="Students that are marked as having left because the file lacks them")
    encoding: str = Field(description="utf-8, utf-8-bom or windows-1252")
    sha256: str = Field(description="Of the file as it came")
    size_bytes: int = Field(ge=0)
    preview: bool = Field(description="True: nothing was written")
    notices: list[str] = []
    changes: list[Change] = Field(default=[], description="In a preview: the first 200")


def make_receipt(
    table: Table,
    source: Received,
    comparison: Comparison,
    *,
    preview: bool,
    left: int = 0,
    notices: list[str] | None = None,
) -> Receipt:
    """Put together what an import changed, or would change."""
    return Receipt(
        import_id=new_id(),
        kind=table.sheet.kind,
        rows=len(table.records),
        created=len(comparison.created),
        updated=len(comparison.updated),
        unchanged=comparison.unchanged,
        left=left,
        encoding=table.encoding,
        sha256=source.sha256,
        size_bytes=source.size_bytes,
        preview=preview,
        notices=[*table.notices, *(notices or [])],
        changes=_changes(table, comparison) if preview else [],
    )


async def record_receipt(
    tx: Transaction, receipt: Receipt, *, by: StaffId | None, school_id: SchoolId | None = None
) -> Receipt:
    """Keep the receipt in the import's own transaction (by None: the hub command); one of a preview is not kept."""
    if not receipt.preview:
        await repository.insert_receipt(
            tx.conn, receipt.model_dump(mode="json"), hub_id=tx.hub_id, by=by, school_id=school_id
        )
    return receipt


def _changes(table: Table, comparison: Comparison) -> list[Change]:
    def key(values: dict[str, Any]) -> str:
        return " ".join(str(values.get(name)) for name in table.sheet.key)

    created = [Change(row=new.row, key=key(new.values), action="create") for new in comparison.created[:SHOWN]]
    updated = [
        Change(
            row=one.record.row,
            key=key(one.record.values),
            action="update",
            fields={name: [plain(one.stored.get(name)), plain(one.record.values[name])] for name in one.changed},
        )
        for one in comparison.updated[:SHOWN]
    ]
    return sorted([*created, *updated], key=lambda change: change.row)[:SHOWN]
