"""Use cases of files of students: keep a file, check it, take it; checking and taking run beside other requests."""

import hashlib
import io
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import structlog

from hub_chassis.database import Database
from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal
from hub_registry.errors import FileRefused, RegistryError
from hub_registry.imports.upload import Received
from hub_registry.student_files import repository
from hub_registry.students.service import Absent, import_students
from hub_schemas.ids import SchoolId, new_id

log = structlog.get_logger(__name__)

BUSY: Final = ("checking", "taking")
"""States in which something is at work, unless the service was stopped meanwhile."""


async def keep(
    tx: Transaction, school_id: SchoolId, content: bytes, *, name: str, absent: Absent, by: Principal
) -> UUID:
    """Keep a file that was sent; ``check`` looks at it after the commit."""
    file_id = new_id()
    row = {
        "file_id": file_id,
        "hub_id": tx.hub_id,
        "staff_id": by.staff_id,
        "school_id": school_id,
        "name": name,
        "absent": absent,
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_bytes": len(content),
    }
    await repository.insert(tx.conn, row, content)
    return file_id


async def confirm(tx: Transaction, file_id: UUID) -> bool:
    """Say that the file shall be taken; False when it was confirmed before. Raises UploadNotKnown."""
    await repository.load(tx.conn, file_id)
    return await repository.move(tx.conn, file_id, allowed=("checked", "failed"), to="taking")


async def run(database: Database, file_id: UUID, *, by: Principal) -> None:
    """Check or take a file, as its state says, and note what came of it; never raises."""
    try:
        outcome = await _import(database, file_id, by=by)
    except FileRefused as refused:
        outcome = {"state": "refused", **_refusal(refused)}
    except RegistryError as refused:
        outcome = {"state": "failed", "detail": refused.detail}
    except Exception as error:  # the person who waits is told; whoever operates the service reads the log
        log.exception("an upload failed", file_id=str(file_id), error=repr(error))
        outcome = {"state": "failed", "detail": "something went wrong on our side; nothing was changed"}
    if outcome["state"] != "taken":  # noted with what was taken, in its transaction
        async with database.transaction(hub_id=by.hub_id, scope=by.settings()) as tx:
            await repository.end(tx.conn, file_id, state=outcome["state"], outcome=outcome)


async def _import(database: Database, file_id: UUID, *, by: Principal) -> dict[str, Any]:
    async with database.transaction(hub_id=by.hub_id, scope=by.settings()) as tx:
        found = await repository.load(tx.conn, file_id)
        content = await repository.load_content(tx.conn, file_id)
        upload = Received(io.BytesIO(content), found["sha256"], found["size_bytes"])
        preview = found["state"] == "checking"
        receipt = await import_students(
            tx,
            SchoolId(found["school_id"]),
            upload,
            by=by,
            preview=preview,
            absent=found["absent"],
            at=datetime.now(UTC),
        )
        outcome = {"state": "checked" if preview else "taken", "receipt": receipt.model_dump(mode="json")}
        if not preview:
            await repository.end(tx.conn, file_id, state="taken", outcome=outcome)
    return outcome


def _refusal(refused: FileRefused) -> dict[str, Any]:
    findings = [{"row": one.row, "column": one.column, "message": one.message} for one in refused.findings]
    return {"detail": refused.detail, "error_count": refused.facts["error_count"], "findings": findings}
