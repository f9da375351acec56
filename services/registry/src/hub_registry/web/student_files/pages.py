"""A file of students: send it, see what it would change or what is wrong with it, confirm."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile
from starlette.responses import Response

from hub_registry.access.principal import Principal
from hub_registry.errors import Finding, Invalid
from hub_registry.student_files import repository, service
from hub_registry.students.columns import STUDENTS
from hub_registry.students.service import Absent
from hub_registry.web.only import Adviser
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Sent, Tx, UploadPage
from hub_registry.web.students.school import school_of
from hub_registry.web.tables import download

router = APIRouter(route_class=PageRoute, prefix="/students/upload")
files = APIRouter(route_class=UploadPage, prefix="/students/upload")

STALLED_S: Final = 120
"""A file that has been worked on for so long is not any more: the service was stopped meanwhile."""


@router.get("")
async def show_upload(request: Request, me: Adviser) -> Response:
    """Show where to send a file, and what its columns mean."""
    return page(request, "student_files/send.html", columns=STUDENTS.columns, absent="keep")


@router.get("/template.csv")
async def show_template(me: Adviser) -> Response:
    """Give an empty file with the columns."""
    return download("students", "csv", [column.name for column in STUDENTS.columns], [])


@files.post("")
async def send(request: Request, tx: Tx, me: Adviser, form: Sent) -> Response:
    """Keep the file, and check it once the page has been answered."""
    absent: Absent = "left" if form.text("absent") == "left" else "keep"
    sent = (await request.form()).get("file")
    content = await sent.read() if isinstance(sent, UploadFile) else b""
    if not isinstance(sent, UploadFile) or not content:
        refused = Invalid("there is a problem", [Finding("choose a file that is not empty", field="file")])
        return page(request, "student_files/send.html", columns=STUDENTS.columns, absent=absent, refused=refused)
    name = (sent.filename or "file")[:200]
    file_id = await service.keep(tx, school_of(me), content, name=name, absent=absent, by=me)
    return _going_on(request, me, file_id)


@router.get("/{file_id}")
async def show_state(request: Request, tx: Tx, me: Adviser, file_id: UUID) -> Response:
    """Show how far the file is: what is wrong, what it would change, what it changed."""
    upload = await repository.load(tx.conn, file_id)
    age_s = (datetime.now(UTC) - upload["changed_at"]).total_seconds()
    return page(
        request,
        "student_files/state.html",
        upload=upload,
        busy=upload["state"] in service.BUSY,
        stalled=upload["state"] in service.BUSY and age_s > STALLED_S,
        outcome=upload["outcome"] or {},
        columns=STUDENTS.columns,
    )


@router.post("/{file_id}")
async def confirm(request: Request, tx: Tx, me: Adviser, file_id: UUID) -> Response:
    """Take the file that was checked; also one whose taking did not end."""
    upload = await repository.load(tx.conn, file_id)
    age_s = (datetime.now(UTC) - upload["changed_at"]).total_seconds()
    if await service.confirm(tx, file_id) or (upload["state"] in service.BUSY and age_s > STALLED_S):
        return _going_on(request, me, file_id)
    return redirect(request, f"/students/upload/{file_id}")


def _going_on(request: Request, me: Principal, file_id: UUID) -> Response:
    """Answer at once, and work on the file after that."""
    response = redirect(request, f"/students/upload/{file_id}")
    database = request.app.state.databases["import"]
    response.background = BackgroundTask(service.run, database, file_id, by=me)
    return response
