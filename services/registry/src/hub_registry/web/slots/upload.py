"""Many slots from a CSV file: checked first, with every error by row and column, then taken as a whole."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.employers.repository import load_employer
from hub_registry.errors import Finding, Invalid
from hub_registry.slots.columns import SLOTS
from hub_registry.web.only import Host
from hub_registry.web.page import page
from hub_registry.web.route import PageRoute, Sent, Tx, UploadPage
from hub_registry.web.slots import forms
from hub_registry.web.slots.wizard import programmes_to_come
from hub_registry.web.uploads.sending import sent_file, take_in

router = APIRouter(route_class=PageRoute)
uploads = APIRouter(route_class=UploadPage)


@router.get("/slots/upload")
async def show_upload(request: Request, tx: Tx, me: Host) -> Response:
    """Say what the file looks like, and ask for it."""
    return await _form(request, tx, me, {})


@uploads.post("/slots/upload")
async def upload(request: Request, tx: Tx, me: Host, form: Sent) -> Response:
    """Keep a file, and check it once the page has been answered."""
    try:
        programme_id = forms.programme_of(form)
        if programme_id not in {one["programme_id"] for one in await programmes_to_come(tx)}:
            raise Invalid("there is a problem", [Finding("choose a programme", field="programme_id")])
        file = await sent_file(request)
    except Invalid as refused:
        return await _form(request, tx, me, form.values(), refused=refused)
    return await take_in(request, tx, "slots", file, about={"programme_id": str(programme_id)}, by=me)


async def _form(request: Request, tx: Tx, me: Host, values: dict[str, Any], **more: Any) -> Response:
    employer = await load_employer(tx.conn, me.employer_id or UUID(int=0))
    programmes = await programmes_to_come(tx)
    return page(
        request, "slots/upload.html", employer=employer, programmes=programmes, values=values, sheet=SLOTS, **more
    )
