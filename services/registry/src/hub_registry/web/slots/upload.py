"""Many slots from a CSV file: checked first, with every error by row and column, then taken as a whole."""

import base64
import binascii
import hashlib
import io
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from hub_registry.employers.repository import load_employer
from hub_registry.errors import AlreadyExists, FileRefused, Finding, Invalid, ProgrammeNotKnown
from hub_registry.imports import Received
from hub_registry.slots.columns import SLOTS
from hub_registry.slots.service import import_slots
from hub_registry.web.attempt import attempt
from hub_registry.web.forms import Form
from hub_registry.web.only import Host
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Sent, Tx, UploadPage
from hub_registry.web.slots import forms
from hub_registry.web.slots.wizard import programmes_to_come
from hub_registry.web.words import plural
from hub_schemas.ids import ProgrammeId

router = APIRouter(route_class=PageRoute)
uploads = APIRouter(route_class=UploadPage)
LARGEST: Final = 500_000
"""Bytes: some thousands of slots. What is checked goes along in the page until it is taken."""


@router.get("/slots/upload")
async def show_upload(request: Request, tx: Tx, me: Host) -> Response:
    """Say what the file looks like, and ask for it."""
    return await _form(request, tx, me, {})


@uploads.post("/slots/upload")
async def upload(request: Request, tx: Tx, me: Host, form: Sent) -> Response:
    """Check a file, or take one that was checked."""
    taking = form.text("then") == "take"
    try:
        programme_id = ProgrammeId(forms.programme_of(form))
        content = _checked_before(form) if taking else await _sent_now(request)
        async with attempt(tx):
            received = Received(io.BytesIO(content), hashlib.sha256(content).hexdigest(), len(content))
            receipt = await import_slots(tx, programme_id, received, by=me.staff_id, preview=not taking)
    except Invalid as refused:
        return await _refused(request, tx, me, form, refused)
    except AlreadyExists as there:
        taken = Invalid("there is a problem", [Finding(there.detail, field="file")])
        return await _refused(request, tx, me, form, taken)
    except ProgrammeNotKnown:
        unknown = Invalid("there is a problem", [Finding("choose a programme", field="programme_id")])
        return await _refused(request, tx, me, form, unknown)
    if taking:
        made = plural(receipt.created, "slot was", "slots were")
        return redirect(request, "/slots", said=f"{made} published and {receipt.updated:,} changed.")
    kept = base64.b64encode(content).decode()
    return await _form(request, tx, me, form.values(), receipt=receipt, kept=kept)


async def _sent_now(request: Request) -> bytes:
    file = (await request.form()).get("file")
    content = await file.read(LARGEST + 1) if isinstance(file, UploadFile) else b""
    if not content:
        raise Invalid("there is a problem", [Finding("choose a CSV file", field="file")])
    if len(content) > LARGEST:
        raise Invalid("there is a problem", [Finding(f"the file is larger than {LARGEST:,} bytes", field="file")])
    return content


def _checked_before(form: Form) -> bytes:
    try:
        return base64.b64decode(form.text("kept"), validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("there is a problem", [Finding("choose the file once more", field="file")]) from None


async def _refused(request: Request, tx: Tx, me: Host, form: Form, refused: Invalid) -> Response:
    if not isinstance(refused, FileRefused):
        return await _form(request, tx, me, form.values(), refused=refused)
    found = refused.facts.get("error_count", len(refused.findings))
    told = Invalid(
        "there is a problem", [Finding(f"nothing was taken: the file has {plural(found, 'error')}", field="file")]
    )
    return await _form(request, tx, me, form.values(), refused=told, wrong=refused.findings, wrong_count=found)


async def _form(request: Request, tx: Tx, me: Host, values: dict[str, Any], **more: Any) -> Response:
    employer = await load_employer(tx.conn, me.employer_id or UUID(int=0))
    programmes = await programmes_to_come(tx)
    return page(
        request, "slots/upload.html", employer=employer, programmes=programmes, values=values, sheet=SLOTS, **more
    )
