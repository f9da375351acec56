"""Use cases of files that were sent: keep one, confirm it, and work on it beside other requests.

Working on one may be stopped at any moment and done again: all it writes is one transaction, which ends with noting
that the file is taken, and only one at a time is at work on it.
"""

import asyncio
import contextlib
import hashlib
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import structlog

from hub_chassis.database import Database
from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal
from hub_registry.errors import FileRefused, RegistryError
from hub_registry.imports.progress import Progress, Step, told_to
from hub_registry.imports.upload import Received
from hub_registry.uploads import repository
from hub_registry.uploads.kinds import KINDS
from hub_registry.uploads.model import BUSY, SILENT_S
from hub_schemas.ids import new_id

log = structlog.get_logger(__name__)

BEAT_S: Final = 0.5
OURS: Final = "something went wrong on our side; nothing was changed"


async def keep(
    tx: Transaction, kind: str, content: bytes, *, name: str, about: Mapping[str, Any], by: Principal
) -> UUID:
    """Keep a file that was sent; ``work`` checks it after the commit."""
    upload_id = new_id()
    row = {
        "upload_id": upload_id,
        "hub_id": tx.hub_id,
        "staff_id": by.staff_id,
        "kind": kind,
        "about": dict(about),
        "name": name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_bytes": len(content),
    }
    await repository.insert(tx.conn, row, content)
    return upload_id


async def confirm(tx: Transaction, upload_id: UUID) -> bool:
    """Say that the file shall be taken, or gone on with after a stop; False when it was said before.

    Raises:
        UploadNotKnown: it is not the caller's, or too old.
    """
    await repository.load(tx.conn, upload_id)
    if await repository.confirm(tx.conn, upload_id, silent_s=SILENT_S):
        return True
    return await repository.again(tx.conn, upload_id, silent_s=SILENT_S)


async def work(database: Database, upload_id: UUID, *, by: Principal) -> None:
    """Check or take a file, as its state says, and note what came of it; never raises for what is in the file."""
    try:
        async with _heard(database, upload_id, by=by) as progress:
            ended = await _import(database, upload_id, progress, by=by)
    except FileRefused as refused:
        ended = "refused", _refusal(refused)
    except RegistryError as refused:
        ended = "failed", {"detail": refused.detail}
    except Exception as error:  # the person who waits is told; whoever operates the service reads the log
        log.exception("an upload failed", upload_id=str(upload_id), error=repr(error))
        ended = "failed", {"detail": OURS}
    if ended is not None:
        await note(database, upload_id, *ended, by=by)


async def note(database: Database, upload_id: UUID, state: str, outcome: Mapping[str, Any], *, by: Principal) -> None:
    """Note what came of a file that was not taken."""
    async with database.transaction(hub_id=by.hub_id, scope=by.settings()) as tx:
        await repository.end(tx.conn, upload_id, state=state, outcome=outcome)


async def _import(
    database: Database, upload_id: UUID, progress: Progress, *, by: Principal
) -> tuple[str, dict[str, Any]] | None:
    """Check or take the file; gives what is still to be noted: what was taken is, in the same transaction."""
    async with database.transaction(hub_id=by.hub_id, scope=by.settings()) as tx:
        if not await repository.claim(tx.conn, upload_id):
            return None
        found = await repository.load(tx.conn, upload_id)
        if found.state not in BUSY:
            return None
        content = await repository.load_content(tx.conn, upload_id)
        received = Received(io.BytesIO(content), found.sha256, found.size_bytes)
        preview = found.state == "checking"
        with told_to(progress):
            receipt = await KINDS[found.kind].take(tx, by, found.about, received, preview)
        outcome = {"receipt": receipt.model_dump(mode="json")}
        if preview:
            return "checked", outcome
        await repository.end(tx.conn, upload_id, state="taken", outcome=outcome)
    return None


@asynccontextmanager
async def _heard(database: Database, upload_id: UUID, *, by: Principal) -> AsyncIterator[Progress]:
    """Say now and then how far the work is, in transactions of their own: those of the work are not seen yet."""
    progress = Progress()

    async def tell(step: Step) -> None:
        async with database.transaction(hub_id=by.hub_id, scope=by.settings()) as tx:
            await repository.beat(tx.conn, upload_id, step)

    async def telling() -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            await tell(progress.step)

    beats = asyncio.create_task(telling())
    try:
        yield progress
    finally:
        beats.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await beats


def _refusal(refused: FileRefused) -> dict[str, Any]:
    findings = [{"row": one.row, "column": one.column, "message": one.message} for one in refused.findings]
    return {"detail": refused.detail, "error_count": refused.facts["error_count"], "findings": findings}
