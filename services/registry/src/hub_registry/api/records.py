"""What was imported, and who changed what."""

import re
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from hub_registry.access.principal import Role
from hub_registry.api.fields import cursor_id
from hub_registry.api.page import After, Limit, Page, page
from hub_registry.api.problem import RESPONSES
from hub_registry.api.route import Caller, ScopedRoute, Tx
from hub_registry.audit import repository as audit
from hub_registry.errors import Finding, Invalid
from hub_registry.imports import Receipt
from hub_registry.imports import repository as imports

router = APIRouter(route_class=ScopedRoute, tags=["records"], responses=RESPONSES)

LARGEST: Final = 2**63 - 1
"""Of PostgreSQL's bigint."""


class Import(Receipt):
    """A receipt, and whose it is."""

    at: datetime
    staff_id: UUID | None
    school_id: str | None


class AuditEntry(BaseModel):
    """One change of one thing; ``before`` and ``after`` have the fields that changed."""

    audit_id: int
    at: datetime
    staff_id: UUID | None
    action: Literal["created", "changed", "removed"]
    subject_kind: str
    subject_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@router.get("/imports", summary="List imports", response_model=Page[Import])
async def list_imports(tx: Tx, limit: Limit = 100, after: After = None) -> dict[str, Any]:
    """List receipts, newest first: the hub all, others their own."""
    rows = await imports.load_receipts(tx.conn, after=cursor_id(after) if after else None, limit=limit + 1)
    return page([_flat(row) for row in rows], limit=limit, key="import_id")


@router.get("/imports/{import_id}", summary="Show a receipt", response_model=Import)
async def show_import(tx: Tx, import_id: UUID) -> dict[str, Any]:
    """Show the receipt of one import."""
    return _flat(await imports.load_receipt(tx.conn, import_id))


@router.get("/audit", summary="List changes", response_model=Page[AuditEntry])
async def list_audit(
    tx: Tx,
    caller: Caller,
    *,
    limit: Limit = 100,
    after: After = None,
    subject_kind: str | None = None,
    subject_id: str | None = None,
) -> dict[str, Any]:
    """List who changed what and when, newest first (hub only)."""
    caller.must_be(Role.HUB)
    rows = await audit.load_entries(
        tx.conn,
        before=_cursor(after),
        limit=limit + 1,
        subject_kind=subject_kind,
        subject_id=subject_id,
    )
    return page(rows, limit=limit, key="audit_id")


def _cursor(after: str | None) -> int | None:
    """Read a cursor that is a number of the database's; None when there is none. Raises Invalid."""
    if after is None:
        return None
    if not re.fullmatch("[0-9]{1,19}", after) or int(after) > LARGEST:
        raise Invalid("the cursor is not one of ours", [Finding(field="after", message="is no cursor")])
    return int(after)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    return {**row["receipt"], "at": row["at"], "staff_id": row["staff_id"], "school_id": row["school_id"]}
