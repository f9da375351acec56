"""Slots."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from hub_registry.access.principal import Principal, Role
from hub_registry.api.fields import (
    IfMatch,
    Name,
    Postcode,
    Ref,
    Sector,
    Spans,
    Tag,
    cursor_id,
    partial,
    tagged,
    version_of,
)
from hub_registry.api.page import After, Limit, Page, page
from hub_registry.api.problem import RESPONSES
from hub_registry.api.route import Caller, ScopedRoute, Tx, Upload, UploadRoute
from hub_registry.api.uploading import CSV, Preview
from hub_registry.errors import EmployerNotKnown
from hub_registry.imports import Receipt
from hub_registry.slots import repository, service
from hub_schemas.ids import ProgrammeId

router = APIRouter(route_class=ScopedRoute, tags=["slots"], responses=RESPONSES)
uploads = APIRouter(route_class=UploadRoute, tags=["slots"], responses=RESPONSES)

Seats = Field(default=None, ge=0, le=100_000)
Year = Literal[7, 8, 9, 10, 11, 12, 13]


class SlotFields(BaseModel):
    """What an employer offers."""

    model_config = ConfigDict(extra="forbid")

    title: Name
    sector: Sector
    kind: Literal["placement", "visit", "talk", "tour"]
    mode: Literal["in_person", "virtual", "hybrid"]
    postcode: Postcode = ""
    dates: Spans = Field(min_length=1, examples=["2027-06-28/2027-07-02"])
    capacity: int = Field(ge=0, le=100_000, description="Seats")
    min_group: int | None = Seats
    max_per_school: int | None = Seats
    single_school: bool = False
    min_age: int | None = Field(default=None, ge=0, le=25)
    year_groups: list[Year] = []
    access_provided: list[Tag] = []
    reserved: int = Field(default=0, ge=0)


class NewSlot(SlotFields):
    """A slot to publish."""

    slot_ref: Ref
    employer_id: UUID


class SlotChange(partial(SlotFields)):  # type: ignore[misc]
    """Fields to change; what is absent stays."""


class Slot(BaseModel):
    """A slot as stored."""

    slot_id: UUID
    programme_id: UUID
    employer_id: UUID
    slot_ref: str
    title: str
    sector: str
    kind: str
    mode: str
    postcode: str
    dates: str
    first_date: date
    last_date: date
    capacity: int
    min_group: int | None
    max_per_school: int | None
    single_school: bool
    min_age: int | None
    year_groups: list[int]
    access_provided: list[str]
    reserved: int
    state: str
    withdrawn_reason: str | None


class Withdrawal(BaseModel):
    """Why a slot is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: Literal["not_hosting", "capacity", "staffing", "safety", "closed", "error", "other"]


def _must_offer(caller: Principal, employer_id: UUID) -> None:
    caller.must_be(Role.HUB, Role.EMPLOYER)
    if caller.role is Role.EMPLOYER and caller.employer_id != employer_id:
        raise EmployerNotKnown(f"there is no employer {employer_id}")


@router.get("/slots", summary="List slots", response_model=Page[Slot])
async def list_slots(
    tx: Tx,
    *,
    limit: Limit = 100,
    after: After = None,
    programme_id: UUID | None = None,
    employer_id: UUID | None = None,
    slot_ref: str | None = None,
    state: Literal["published", "withdrawn"] | None = None,
) -> dict[str, Any]:
    """List the slots that the caller may know of: an employer, its own."""
    rows = await repository.load_slots(
        tx.conn,
        after=cursor_id(after),
        limit=limit + 1,
        programme_id=programme_id,
        employer_id=employer_id,
        slot_ref=slot_ref,
        state=state,
    )
    return page(rows, limit=limit, key="slot_id")


@router.post("/programmes/{programme_id}/slots", summary="Publish a slot", status_code=201, response_model=Slot)
async def publish_slot(tx: Tx, caller: Caller, programme_id: UUID, body: NewSlot, response: Response) -> dict[str, Any]:
    """Publish one slot (the hub, or the employer itself)."""
    _must_offer(caller, body.employer_id)
    row = await service.publish_slot(tx, ProgrammeId(programme_id), body.model_dump())
    return tagged(response, row)


@router.get("/slots/{slot_id}", summary="Show a slot", response_model=Slot)
async def show_slot(tx: Tx, slot_id: UUID, response: Response) -> dict[str, Any]:
    """Show one slot; its ETag serves If-Match."""
    return tagged(response, await repository.load_slot(tx.conn, slot_id))


@router.patch("/slots/{slot_id}", summary="Change a slot", response_model=Slot)
async def change_slot(
    tx: Tx, caller: Caller, *, slot_id: UUID, body: SlotChange, response: Response, if_match: IfMatch = None
) -> dict[str, Any]:
    """Change the given fields (the hub, or the employer itself)."""
    await repository.load_slot(tx.conn, slot_id)
    caller.must_be(Role.HUB, Role.EMPLOYER)
    values = body.model_dump(exclude_unset=True)
    return tagged(response, await service.change_slot(tx, slot_id, values, if_match=version_of(if_match)))


@router.post("/slots/{slot_id}/withdrawal", summary="Withdraw a slot", response_model=Slot)
async def withdraw_slot(tx: Tx, caller: Caller, slot_id: UUID, body: Withdrawal, response: Response) -> dict[str, Any]:
    """Take a slot back for a coded reason (the hub, or the employer itself)."""
    await repository.load_slot(tx.conn, slot_id)
    caller.must_be(Role.HUB, Role.EMPLOYER)
    return tagged(response, await service.withdraw_slot(tx, slot_id, reason=body.reason))


@uploads.post("/programmes/{programme_id}/slots/import", summary="Import slots", openapi_extra=CSV)
async def import_slots(tx: Tx, caller: Caller, upload: Upload, programme_id: UUID, preview: Preview = False) -> Receipt:
    """Take slots of a programme (the hub, or an employer its own): all or nothing."""
    caller.must_be(Role.HUB, Role.EMPLOYER)
    return await service.import_slots(tx, ProgrammeId(programme_id), upload, by=caller.staff_id, preview=preview)
