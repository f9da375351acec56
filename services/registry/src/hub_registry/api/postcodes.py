"""Postcodes."""

from fastapi import APIRouter

from hub_registry.access.principal import Role
from hub_registry.api.problem import RESPONSES
from hub_registry.api.route import Caller, Tx, Upload, UploadRoute
from hub_registry.api.uploading import CSV, Preview
from hub_registry.imports import Receipt
from hub_registry.postcodes import service

uploads = APIRouter(route_class=UploadRoute, tags=["postcodes"], responses=RESPONSES)


@uploads.post("/postcodes/import", summary="Import where postcodes lie", openapi_extra=CSV)
async def import_postcodes(tx: Tx, caller: Caller, upload: Upload, preview: Preview = False) -> Receipt:
    """Take postcode, lat, lon and perhaps lsoa21 (hub only); postcodes that the file lacks stay."""
    caller.must_be(Role.HUB)
    return await service.import_postcodes(tx, upload, by=caller.staff_id, preview=preview)
