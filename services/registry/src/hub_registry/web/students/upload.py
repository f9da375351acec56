"""Sending a file of students."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.errors import Invalid
from hub_registry.students.columns import STUDENTS
from hub_registry.web.only import Adviser
from hub_registry.web.page import page
from hub_registry.web.route import PageRoute, Sent, Tx, UploadPage
from hub_registry.web.students.school import school_of
from hub_registry.web.tables import download
from hub_registry.web.uploads.sending import sent_file, take_in

router = APIRouter(route_class=PageRoute, prefix="/students/upload")
files = APIRouter(route_class=UploadPage, prefix="/students/upload")


@router.get("")
async def show_upload(request: Request, tx: Tx, me: Adviser) -> Response:
    """Show where to send a file, and what its columns mean."""
    return page(request, "students/upload.html", columns=STUDENTS.columns, absent="keep")


@router.get("/template.csv")
async def show_template(me: Adviser) -> Response:
    """Give an empty file with the columns."""
    return download("students", "csv", [column.name for column in STUDENTS.columns], [])


@files.post("")
async def send(request: Request, tx: Tx, me: Adviser, form: Sent) -> Response:
    """Keep the file, and check it once the page has been answered."""
    absent = "left" if form.text("absent") == "left" else "keep"
    try:
        file = await sent_file(request)
    except Invalid as refused:
        return page(request, "students/upload.html", columns=STUDENTS.columns, absent=absent, refused=refused)
    return await take_in(request, tx, "students", file, about={"school_id": school_of(me), "absent": absent}, by=me)
