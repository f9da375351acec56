"""Programmes."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from hub_registry.access.principal import Role
from hub_registry.api.fields import IfMatch, Name, cursor_id, partial, tagged, version_of
from hub_registry.api.page import After, Limit, Page, page
from hub_registry.api.problem import RESPONSES
from hub_registry.api.route import Caller, ScopedRoute, Tx
from hub_registry.priority.model import DEFAULT_SUPPORT_POINTS
from hub_registry.programmes import repository, service

router = APIRouter(route_class=ScopedRoute, tags=["programmes"], responses=RESPONSES)

Points = Annotated[int, Field(ge=0, le=1000)]


class NewProgramme(BaseModel):
    """What a hub runs in a school year."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Work experience, summer 2027",
                    "school_year": "2026/27",
                    "first_date": "2027-06-01",
                    "last_date": "2027-07-31",
                    "year_groups": [10, 11],
                    "default_max_travel_minutes": 60,
                }
            ]
        },
    )

    name: Name
    school_year: str = Field(pattern=r"^20[0-9]{2}/[0-9]{2}$")
    first_date: date
    last_date: date
    year_groups: list[Literal[7, 8, 9, 10, 11, 12, 13]] = Field(min_length=1)
    default_max_travel_minutes: int = Field(default=60, ge=1, le=600)
    support_points: dict[str, Points] = Field(
        default=dict(DEFAULT_SUPPORT_POINTS), description="Points of the priority formula by support need"
    )


class ProgrammeChange(partial(NewProgramme)):  # type: ignore[misc]
    """Fields to change; what is absent stays."""


class Programme(BaseModel):
    """A programme as stored."""

    programme_id: UUID
    name: str
    school_year: str
    first_date: date
    last_date: date
    year_groups: list[int]
    default_max_travel_minutes: int
    support_points: dict[str, int]


@router.get("/programmes", summary="List programmes", response_model=Page[Programme])
async def list_programmes(tx: Tx, limit: Limit = 100, after: After = None) -> dict[str, Any]:
    """List the hub's programmes."""
    rows = await repository.load_programmes(tx.conn, after=cursor_id(after), limit=limit + 1)
    return page(rows, limit=limit, key="programme_id")


@router.post("/programmes", summary="Set up a programme", status_code=201, response_model=Programme)
async def make_programme(tx: Tx, caller: Caller, body: NewProgramme, response: Response) -> dict[str, Any]:
    """Set up a programme (hub only)."""
    caller.must_be(Role.HUB)
    return tagged(response, await service.make_programme(tx, body.model_dump()))


@router.get("/programmes/{programme_id}", summary="Show a programme", response_model=Programme)
async def show_programme(tx: Tx, programme_id: UUID, response: Response) -> dict[str, Any]:
    """Show one programme; its ETag serves If-Match."""
    return tagged(response, await repository.load_programme(tx.conn, programme_id))


@router.patch("/programmes/{programme_id}", summary="Change a programme", response_model=Programme)
async def change_programme(
    tx: Tx, caller: Caller, *, programme_id: UUID, body: ProgrammeChange, response: Response, if_match: IfMatch = None
) -> dict[str, Any]:
    """Change the given fields (hub only)."""
    await repository.load_programme(tx.conn, programme_id)
    caller.must_be(Role.HUB)
    values = body.model_dump(exclude_unset=True)
    return tagged(response, await service.change_programme(tx, programme_id, values, if_match=version_of(if_match)))
