"""Bring files in: choose one and send it; receipts of what was taken."""

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.errors import Finding, Invalid
from hub_registry.imports import repository as receipts
from hub_registry.programmes import repository as programmes
from hub_registry.schools import repository as schools
from hub_registry.uploads.kinds import KINDS
from hub_registry.web.forms import Form
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page
from hub_registry.web.route import PageRoute, Sent, Tx, UploadPage
from hub_registry.web.uploads.sending import sent_file, take_in

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
    """Keep the file, and check it once the page has been answered."""
    wrong = await _wrong(tx, form)
    try:
        file = await sent_file(request)
    except Invalid as refused:
        wrong += refused.findings
    if wrong:
        return await _choosing(request, tx, form.values(), refused=Invalid("there is a problem", wrong))
    about = {name: form.text(name) for name in ("programme_id", "school_id", "absent")}
    return await take_in(request, tx, form.text("kind"), file, about=about, by=me)


@router.get("/imports/{import_id}")
async def show_receipt(request: Request, tx: Tx, _: Coordinator, import_id: UUID) -> Response:
    """Show one receipt."""
    row = await receipts.load_receipt(tx.conn, import_id)
    return page(request, "importing/receipt.html", **row, kinds=KINDS)


async def _wrong(tx: Tx, form: Form) -> list[Finding]:
    found: list[Finding] = []
    kind = KINDS.get(form.text("kind"))
    if kind is None:
        found.append(Finding("choose what the file holds", field="kind"))
    elif kind.of == "programme" and form.text("programme_id") not in await _programmes(tx):
        found.append(Finding("choose the programme", field="programme_id"))
    elif kind.of == "school" and form.text("school_id") not in await _schools(tx):
        found.append(Finding("choose the school", field="school_id"))
    return found


async def _programmes(tx: Tx) -> dict[str, str]:
    rows = await programmes.load_programmes(tx.conn, after=UUID(int=0), limit=1000)
    return {str(row["programme_id"]): f"{row['name']}, {row['school_year']}" for row in rows}


async def _schools(tx: Tx) -> dict[str, str]:
    rows = await schools.load_schools(tx.conn, after="", limit=10_000)
    return {row["school_id"]: f"{row['name']} ({row['school_id']})" for row in rows}


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
