"""Where to recruit, after what a run came to: tables on a page and as files."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.approvals.looking import note_look
from hub_registry.outcomes.recruiting import load_recruiting
from hub_registry.pictures import demand, region
from hub_registry.pictures.kept import whole_of_run
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page
from hub_registry.web.route import PageRoute, Tx
from hub_registry.web.runs.result import with_result
from hub_registry.web.tables import download

router = APIRouter(route_class=PageRoute)
BEST = 25
"""Slots that the page shows; the file has all."""
DEMAND = (
    "sector", "area", "first_choices", "ranked_by", "could_go", "seats", "placed", "unplaced_who_could_go",
)  # fmt: skip
MOST_ROWS = 60
"""Of demand on the page, so that it stays light; the file has all."""


@router.get("/runs/{run_id}/recruit")
async def show_recruit(request: Request, tx: Tx, me: Coordinator, run_id: UUID) -> Response:
    """Show demand beside supply by sector and area, and the slots where one more seat gains most."""
    run = await with_result(tx, run_id)
    await note_look(tx.conn, run, me, "recruit")
    found = await load_recruiting(tx.conn, run.run_id, best=BEST)
    levels = list(found.gains[0]["gain"]) if found.gains else []
    return page(
        request,
        "runs/recruit.html",
        run=run,
        pictures=await whole_of_run(tx, me, run.run_id, demand.BY_SECTOR, demand.BY_AREA, region.NAME),
        demand=found.demand[:MOST_ROWS],
        cells=len(found.demand),
        gains=[row for row in found.gains if any(row["gain"].values())],
        levels=levels,
    )


@router.get("/runs/{run_id}/demand.csv")
async def download_demand(request: Request, tx: Tx, me: Coordinator, run_id: UUID) -> Response:
    """Give demand beside supply as a file."""
    run = await with_result(tx, run_id)
    found = await load_recruiting(tx.conn, run.run_id, best=0)
    return download("demand", "csv", DEMAND, found.demand)


@router.get("/runs/{run_id}/recruit.csv")
async def download_recruit(request: Request, tx: Tx, me: Coordinator, run_id: UUID) -> Response:
    """Give what one more seat at each slot would gain as a file."""
    run = await with_result(tx, run_id)
    gains = (await load_recruiting(tx.conn, run.run_id)).gains
    levels = list(gains[0]["gain"]) if gains else []
    columns = ("slot_ref", "title", "sector", "area", "kind", *levels)
    return download("recruit", "csv", columns, ({**row, **row["gain"]} for row in gains))
