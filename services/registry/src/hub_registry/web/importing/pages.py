"""Bring files in: choose, look, confirm; receipts."""

import hashlib
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from hub_registry.errors import FileRefused, Finding, Invalid
from hub_registry.imports import Received
from hub_registry.imports import repository as receipts
from hub_registry.programmes import repository as programmes
from hub_registry.schools import repository as schools
from hub_registry.uploads import repository as uploads
from hub_registry.web.attempt import attempt
from hub_registry.web.forms import Form
from hub_registry.web.importing.kinds import KINDS
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Sent, Tx, UploadPage
from hub_registry.web.words import plural

router = APIRouter(route_class=PageRoute)
files = APIRouter(route_class=UploadPage)
AT_ONCE: Final = 50


@router.get("/imports")
async def list_receipts(request: Request, tx: Tx, _: Coordinator, before: UUID | None = None) -> Response:
    """List what was brought in, newest first."""
    rows = await receipts.load_receipts(tx.conn, after=before, limit=AT_ONCE + 1)
    older = rows[AT_ONCE - 1]["receipt"]["import_id"] if len(rows) > AT_ONCE else None
    return page(request, "importing/list.html", receipts=rows[:AT_ONCE], older=older, kinds=KINDS)


@router.get("/imports/new")
async def choose(
    request: Request, tx: Tx, _: Coordinator, kind: str = "schools", programme_id: str = "", school_id: str = ""
) -> Response:
    """Ask for a file."""
    return await _choosing(request, tx, {"kind": kind, "programme_id": programme_id, "school_id": school_id})


@files.post("/imports/new")
async def send(request: Request, tx: Tx, me: Coordinator, form: Sent) -> Response:
    """Keep the file until it is confirmed."""
    received = await _received(request)
    if (wrong := await _wrong(tx, form, received)) or received is None:
        return await _choosing(request, tx, form.values(), refused=Invalid("there is a problem", wrong))
    about = {name: form.text(name) for name in ("programme_id", "school_id", "absent")}
    kind = form.text("kind")
    upload_id = await uploads.keep(tx.conn, hub_id=me.hub_id, by=me.staff_id, kind=kind, about=about, received=received)
    return redirect(request, f"/imports/waiting/{upload_id}")


@files.get("/imports/waiting/{upload_id}")
async def look(request: Request, tx: Tx, me: Coordinator, upload_id: UUID) -> Response:
    """Say what the file would change, or everything that is wrong with it; nothing is written."""
    waiting = await uploads.load(tx.conn, upload_id)
    try:
        async with attempt(tx):
            receipt = await KINDS[waiting.kind].take(tx, me, waiting.about, waiting.received, True)
    except FileRefused as refused:
        return await _refused(request, tx, waiting, refused)
    return page(
        request, "importing/preview.html", receipt=receipt, kind=KINDS[waiting.kind], place=await _place(tx, waiting)
    )


@files.post("/imports/waiting/{upload_id}")
async def confirm(request: Request, tx: Tx, me: Coordinator, upload_id: UUID, form: Sent) -> Response:
    """Take the file."""
    waiting = await uploads.load(tx.conn, upload_id)
    try:
        async with attempt(tx):
            receipt = await KINDS[waiting.kind].take(tx, me, waiting.about, waiting.received, False)
            await uploads.drop(tx.conn, upload_id)
    except FileRefused as refused:
        return await _refused(request, tx, waiting, refused)
    said = f"The file was taken: {receipt.created} new, {receipt.updated} changed, {receipt.unchanged} as before."
    return redirect(request, f"/imports/{receipt.import_id}", said=said)


@router.get("/imports/{import_id}")
async def show_receipt(request: Request, tx: Tx, _: Coordinator, import_id: UUID) -> Response:
    """Show one receipt."""
    row = await receipts.load_receipt(tx.conn, import_id)
    return page(request, "importing/receipt.html", **row, kinds=KINDS)


async def _received(request: Request) -> Received | None:
    for _, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile) and value.filename:
            digest, size = hashlib.sha256(), 0
            while part := await value.read(1 << 20):
                digest.update(part)
                size += len(part)
            await value.seek(0)
            return Received(value.file, digest.hexdigest(), size)
    return None


async def _wrong(tx: Tx, form: Form, received: Received | None) -> list[Finding]:
    found: list[Finding] = []
    kind = KINDS.get(form.text("kind"))
    if kind is None:
        found.append(Finding("choose what the file holds", field="kind"))
    elif kind.of == "programme" and form.text("programme_id") not in await _programmes(tx):
        found.append(Finding("choose the programme", field="programme_id"))
    elif kind.of == "school" and form.text("school_id") not in await _schools(tx):
        found.append(Finding("choose the school", field="school_id"))
    if received is None or not received.size_bytes:
        found.append(Finding("choose a file that is not empty", field="file"))
    return found


async def _programmes(tx: Tx) -> dict[str, str]:
    rows = await programmes.load_programmes(tx.conn, after=UUID(int=0), limit=1000)
    return {str(row["programme_id"]): f"{row['name']}, {row['school_year']}" for row in rows}


async def _schools(tx: Tx) -> dict[str, str]:
    rows = await schools.load_schools(tx.conn, after="", limit=10_000)
    return {row["school_id"]: f"{row['name']} ({row['school_id']})" for row in rows}


async def _place(tx: Tx, waiting: uploads.Waiting) -> str:
    """Name what the file belongs to; '' where it is the hub's."""
    match KINDS[waiting.kind].of:
        case "programme":
            return (await _programmes(tx)).get(waiting.about["programme_id"], "")
        case "school":
            return (await _schools(tx)).get(waiting.about["school_id"], "")
        case _:
            return ""


async def _refused(request: Request, tx: Tx, waiting: uploads.Waiting, refused: FileRefused) -> Response:
    values = {"kind": waiting.kind, **waiting.about}
    total = refused.facts.get("error_count", len(refused.findings))
    detail = f"{plural(total, 'error')} in the file: nothing of it was taken. Mend it, then choose it again."
    summary = Invalid(detail, [Finding(detail, field="file")])
    return await _choosing(request, tx, values, refused=summary, wrong=refused.findings, total=total)


async def _choosing(request: Request, tx: Tx, values: dict[str, Any], **more: Any) -> Response:
    values = {**values, "kind": values.get("kind") if values.get("kind") in KINDS else "schools"}
    return page(
        request,
        "importing/new.html",
        values=values,
        kind=KINDS[values["kind"]],
        kinds=KINDS,
        programmes=await _programmes(tx),
        schools=await _schools(tx),
        **more,
    )
