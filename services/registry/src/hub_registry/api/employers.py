"""Employers."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub_registry.access.principal import Role
from hub_registry.api.fields import (
    Email,
    IfMatch,
    Line,
    Name,
    Postcode,
    Ref,
    Sector,
    cursor_id,
    partial,
    tagged,
    version_of,
)
from hub_registry.api.page import After, Limit, Page, page
from hub_registry.api.problem import RESPONSES
from hub_registry.api.route import Caller, ScopedRoute, Tx, Upload, UploadRoute
from hub_registry.api.uploading import CSV, Preview
from hub_registry.employers import repository, service
from hub_registry.imports import Receipt

router = APIRouter(route_class=ScopedRoute, tags=["employers"], responses=RESPONSES)
uploads = APIRouter(route_class=UploadRoute, tags=["employers"], responses=RESPONSES)


class EmployerFields(BaseModel):
    """What is kept of an employer."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    sector: Sector
    postcode: Postcode = ""
    contact_name: Line = ""
    contact_email: Email = ""
    insurance_valid_until: date | None = None
    risk_band: Literal["low", "less_familiar", "higher"] = "low"
    max_at_once: int | None = Field(default=None, ge=0, le=100_000)


class NewEmployer(EmployerFields):
    """An employer to register."""

    employer_ref: Ref


class EmployerChange(partial(EmployerFields)):  # type: ignore[misc]
    """Fields to change; what is absent stays."""


class Employer(BaseModel):
    """An employer; advisers are not shown the contact."""

    employer_id: UUID
    employer_ref: str
    name: str
    sector: str
    postcode: str
    contact_name: str | None
    contact_email: str | None
    insurance_valid_until: date | None
    risk_band: str
    max_at_once: int | None
    verified_at: datetime | None
    merged_into: UUID | None = Field(description="The employer that this one turned out to be")


class Verification(BaseModel):
    """Which employers the hub has checked."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"employer_refs": ["E-TERN"]}]})

    employer_refs: list[Ref] | None = Field(default=None, max_length=10_000)
    all: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> "Verification":
        if self.all == (self.employer_refs is not None):
            raise ValueError("give employer_refs, or all: true")
        return self


class Verified(BaseModel):
    """How many were verified that were not before."""

    verified: int


def _as_seen(row: dict[str, Any], role: Role) -> dict[str, Any]:
    return {**row, "contact_name": None, "contact_email": None} if role is Role.ADVISER else row


@router.get("/employers", summary="List employers", response_model=Page[Employer])
async def list_employers(
    tx: Tx,
    caller: Caller,
    *,
    limit: Limit = 100,
    after: After = None,
    employer_ref: str | None = None,
    verified: bool | None = None,
    merged: Annotated[bool, Query(description="Also those that were merged into another")] = False,
) -> dict[str, Any]:
    """List the employers that the caller may know of: an employer, itself."""
    caller.must_be(Role.HUB, Role.ADVISER, Role.EMPLOYER)
    rows = await repository.load_employers(
        tx.conn,
        after=cursor_id(after),
        limit=limit + 1,
        employer_ref=employer_ref,
        verified=verified,
        merged=merged,
    )
    return page([_as_seen(row, caller.role) for row in rows], limit=limit, key="employer_id")


@router.post("/employers", summary="Register an employer", status_code=201, response_model=Employer)
async def register_employer(tx: Tx, caller: Caller, body: NewEmployer, response: Response) -> dict[str, Any]:
    """Register one employer (hub only)."""
    caller.must_be(Role.HUB)
    return tagged(response, await service.register_employer(tx, body.model_dump()))


@router.post("/employers/verifications", summary="Verify employers")
async def verify_employers(tx: Tx, caller: Caller, body: Verification) -> Verified:
    """Note that the hub has checked employers (hub only): insurance, risk band. They may host from then on."""
    caller.must_be(Role.HUB)
    refs = None if body.all else body.employer_refs
    return Verified(verified=await service.verify(tx, refs, by=caller.staff_id, at=datetime.now(UTC)))


@router.get("/employers/{employer_id}", summary="Show an employer", response_model=Employer)
async def show_employer(tx: Tx, caller: Caller, employer_id: UUID, response: Response) -> dict[str, Any]:
    """Show one employer; its ETag serves If-Match."""
    row = await repository.load_employer(tx.conn, employer_id)
    return _as_seen(tagged(response, row), caller.role)


@router.patch("/employers/{employer_id}", summary="Change an employer", response_model=Employer)
async def change_employer(
    tx: Tx, caller: Caller, *, employer_id: UUID, body: EmployerChange, response: Response, if_match: IfMatch = None
) -> dict[str, Any]:
    """Change the given fields (the hub, or the employer itself, but for its risk band)."""
    await repository.load_employer(tx.conn, employer_id)
    caller.must_be(Role.HUB, Role.EMPLOYER)
    values = body.model_dump(exclude_unset=True)
    if "risk_band" in values:
        caller.must_be(Role.HUB)
    return tagged(response, await service.change_employer(tx, employer_id, values, if_match=version_of(if_match)))


@uploads.post("/employers/import", summary="Import employers", openapi_extra=CSV)
async def import_employers(tx: Tx, caller: Caller, upload: Upload, preview: Preview = False) -> Receipt:
    """Take employers with their contacts (hub only): all or nothing."""
    caller.must_be(Role.HUB)
    today = datetime.now(UTC).date()
    return await service.import_employers(tx, upload, by=caller.staff_id, preview=preview, today=today)
