"""Schools."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from hub_registry.access.principal import Role
from hub_registry.api.page import After, Limit, Page, page
from hub_registry.api.problem import RESPONSES
from hub_registry.api.route import Caller, ScopedRoute, Tx, Upload, UploadRoute
from hub_registry.api.uploading import CSV, Preview
from hub_registry.imports import Receipt
from hub_registry.schools import repository, service

router = APIRouter(route_class=ScopedRoute, tags=["schools"], responses=RESPONSES)
uploads = APIRouter(route_class=UploadRoute, tags=["schools"], responses=RESPONSES)


class School(BaseModel):
    """A school of the national register that takes part."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "school_id": "148792",
                    "name": "Dixons Broadgreen Academy",
                    "la": "Liverpool",
                    "postcode": "L13 5UQ",
                    "phase": "Secondary",
                    "gender": "Mixed",
                    "status": "Open",
                }
            ]
        }
    )
    school_id: str
    name: str
    la: str
    postcode: str
    phase: str
    gender: str
    status: str


@router.get("/schools", summary="List schools", response_model=Page[School])
async def list_schools(tx: Tx, limit: Limit = 100, after: After = None) -> dict[str, Any]:
    """List the schools that the caller may know of: an adviser, their own."""
    rows = await repository.load_schools(tx.conn, after=after or "", limit=limit + 1)
    return page(rows, limit=limit, key="school_id")


@router.get("/schools/{urn}", summary="Show a school", response_model=School)
async def show_school(tx: Tx, urn: str) -> dict[str, Any]:
    """Show one school."""
    return await repository.load_school(tx.conn, urn)


@uploads.post("/schools/import", summary="Import schools from the national register", openapi_extra=CSV)
async def import_schools(tx: Tx, caller: Caller, upload: Upload, preview: Preview = False) -> Receipt:
    """Take the national register's own CSV (hub only); columns that are not used are ignored with a notice."""
    caller.must_be(Role.HUB)
    return await service.import_schools(tx, upload, by=caller.staff_id, preview=preview)
