"""Downloads: every table a person may see, as CSV or JSON."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.downloads.service import find_table, load_table
from hub_registry.downloads.tables import TABLES
from hub_registry.errors import NotKnown
from hub_registry.web.page import page
from hub_registry.web.route import Me, PageRoute, Tx
from hub_registry.web.tables import download

router = APIRouter(route_class=PageRoute)


@router.get("/downloads")
async def show_downloads(request: Request, me: Me) -> Response:
    """List the tables."""
    return page(request, "downloads/downloads.html", tables=TABLES[me.role])


@router.get("/downloads/{table}.{ending}")
async def download_table(tx: Tx, me: Me, table: str, ending: str) -> Response:
    """Give a table as a file."""
    if ending not in {"csv", "json"}:
        raise NotKnown("there is no such file")
    columns, rows = await load_table(tx, me, find_table(me, table))
    # A region's preferences take a second to write: in a thread, so that other pages are answered meanwhile.
    return await asyncio.to_thread(download, table, ending, columns, rows)
