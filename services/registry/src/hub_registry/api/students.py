"""Students."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from hub_registry.access.principal import Role
from hub_registry.api.fields import (
    Email,
    IfMatch,
    Line,
    Name,
    Postcode,
    Ref,
    Sector,
    Spans,
    Tag,
    Upn,
    cursor_id,
    judge,
    partial,
    tagged,
    version_of,
)
from hub_registry.api.page import After, Limit, Page, page
from hub_registry.api.problem import RESPONSES
from hub_registry.api.route import Caller, ScopedRoute, Tx, Upload, UploadRoute
from hub_registry.api.uploading import CSV, Preview
from hub_registry.audit.views import students_seen
from hub_registry.imports import Receipt
from hub_registry.students import repository, service
from hub_registry.students.columns import STUDENTS
from hub_registry.students.service import Absent
from hub_schemas.ids import SchoolId

router = APIRouter(route_class=ScopedRoute, tags=["students"], responses=RESPONSES)
uploads = APIRouter(route_class=UploadRoute, tags=["students"], responses=RESPONSES)

Mode = Literal["walk", "cycle", "public_transport", "car"]


class StudentFields(BaseModel):
    """What a school says of a student."""

    model_config = ConfigDict(extra="forbid")

    upn: Upn | None = None
    mis_id: Ref
    first_name: Name
    last_name: Name
    date_of_birth: date
    year_group: int = Field(ge=7, le=13)
    gender: Line = ""
    home_postcode: Postcode = ""
    email: Email = ""
    free_school_meals: bool = False
    send_status: Literal["N", "K", "E"] = "N"
    access_needs: list[Tag] = []
    travel_modes: list[Mode] = Field(min_length=1)
    max_travel_minutes: int | None = Field(default=None, ge=0, le=600)
    available: Spans = ""
    interests: list[Sector] = []
    past_sectors: list[Sector] = []
    excluded_employers: list[Ref] = []
    companion_mis_id: Ref | None = None
    consent: Literal["yes", "no", ""] = ""


class NewStudent(StudentFields):
    """A student to enter."""

    school_id: str


class StudentChange(partial(StudentFields)):  # type: ignore[misc]
    """Fields to change; what is absent stays."""

    left_at: AwareDatetime | None = Field(default=None, description="When the student left; null: is here")


class Student(BaseModel):
    """A student as stored."""

    student_id: UUID
    school_id: str
    upn: str | None
    mis_id: str
    first_name: str
    last_name: str
    date_of_birth: date
    year_group: int
    gender: str
    home_postcode: str
    email: str
    free_school_meals: bool
    send_status: str
    access_needs: list[str]
    travel_modes: list[str]
    max_travel_minutes: int | None
    available: str
    interests: list[str]
    past_sectors: list[str]
    excluded_employers: list[str]
    companion_mis_id: str | None
    consent: str
    left_at: datetime | None


@router.get("/students", summary="List students", response_model=Page[Student])
async def list_students(
    tx: Tx,
    caller: Caller,
    *,
    limit: Limit = 100,
    after: After = None,
    school_id: str | None = None,
    mis_id: str | None = None,
    upn: str | None = None,
    left: Annotated[bool, Query(description="Also those who have left")] = False,
) -> dict[str, Any]:
    """List students: an adviser's own school, a hub's all; nobody else may."""
    caller.must_be(Role.ADVISER, Role.HUB)
    rows = await repository.load_students(
        tx.conn,
        after=cursor_id(after),
        limit=limit + 1,
        school_id=school_id,
        mis_id=mis_id,
        upn=upn,
        left=left,
    )
    found = page(rows, limit=limit, key="student_id")
    await students_seen(tx, caller, (row["student_id"] for row in found["items"]), page="api")
    return found


@router.post("/students", summary="Enter a student", status_code=201, response_model=Student)
async def add_student(tx: Tx, caller: Caller, body: NewStudent, response: Response) -> dict[str, Any]:
    """Enter one student by hand."""
    values = body.model_dump()
    judge(STUDENTS, values)
    return tagged(response, await service.add_student(tx, values, by=caller))


@router.get("/students/{student_id}", summary="Show a student", response_model=Student)
async def show_student(tx: Tx, caller: Caller, student_id: UUID, response: Response) -> dict[str, Any]:
    """Show one student; its ETag serves If-Match."""
    student = await repository.load_student(tx.conn, student_id)
    await students_seen(tx, caller, [student_id], page="api")
    return tagged(response, student)


@router.patch("/students/{student_id}", summary="Change a student", response_model=Student)
async def change_student(
    tx: Tx, student_id: UUID, body: StudentChange, response: Response, if_match: IfMatch = None
) -> dict[str, Any]:
    """Change the given fields; 412 if it was changed since the caller read it."""
    values = body.model_dump(exclude_unset=True)
    judge(STUDENTS, values)
    row = await service.change_student(tx, student_id, values, if_match=version_of(if_match))
    return tagged(response, row)


@uploads.post("/schools/{urn}/students/import", summary="Import a school's students", openapi_extra=CSV)
async def import_students(
    tx: Tx,
    caller: Caller,
    upload: Upload,
    *,
    urn: str,
    preview: Preview = False,
    absent: Annotated[Absent, Query(description="Students that are not in the file: keep them, or they left")] = "keep",
) -> Receipt:
    """Take the school's wide file: all or nothing. A re-import updates; see it first with `preview=true`."""
    caller.must_be(Role.ADVISER, Role.HUB)
    return await service.import_students(
        tx, SchoolId(urn), upload, by=caller, preview=preview, absent=absent, at=datetime.now(UTC)
    )
