"""A page's form with a file, on its way to being kept."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile
from starlette.responses import Response

from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal
from hub_registry.errors import Finding, Invalid
from hub_registry.uploads import service
from hub_registry.uploads.workshop import Workshop
from hub_registry.web.page import redirect

MOST_NAME = 200


async def sent_file(request: Request) -> tuple[str, bytes]:
    """Give the form's file, by name and content; raises Invalid on the field ``file``."""
    sent = (await request.form()).get("file")
    content = await sent.read() if isinstance(sent, UploadFile) else b""
    if not isinstance(sent, UploadFile) or not content:
        raise Invalid("there is a problem", [Finding("choose a file that is not empty", field="file")])
    return (sent.filename or "file")[:MOST_NAME], content


async def take_in(
    request: Request, tx: Transaction, kind: str, file: tuple[str, bytes], *, about: Mapping[str, Any], by: Principal
) -> Response:
    """Keep a file, answer with the page that says how far it is, and have it checked after that."""
    name, content = file
    upload_id = await service.keep(tx, kind, content, name=name, about=about, by=by)
    return going_on(request, upload_id, len(content), by=by)


def going_on(request: Request, upload_id: UUID, size_bytes: int, *, by: Principal) -> Response:
    """Answer at once, and work on the file after that."""
    response = redirect(request, f"/uploads/{upload_id}")
    workshop: Workshop = request.app.state.workshop
    response.background = BackgroundTask(workshop.take_up, upload_id, size_bytes, by=by)
    return response
