"""Where to recruit: what one more seat would gain, demand against supply, and why students are unplaced (hub)."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from hub_registry.api.page import After, Limit, Page
from hub_registry.api.placements import place_after, with_result
from hub_registry.api.problem import RESPONSES
from hub_registry.api.route import ScopedRoute, Tx
from hub_registry.errors import NotKnown
from hub_registry.placements import repository
from hub_registry.results import repository as results
from hub_registry.results.model import table_cells

router = APIRouter(route_class=ScopedRoute, tags=["where to recruit"], responses=RESPONSES)


class SeatGain(BaseModel):
    """What one more seat at a slot would change."""

    slot_id: UUID
    slot_ref: str | None
    title: str | None
    sector: str
    area: str
    kind: str = Field(description="exact, or an estimate where rules beyond a network are at work")
    gain: dict[str, int] = Field(description="By level of the objective: what it would change by")


class Demand(BaseModel):
    """What is asked for in a sector and area beside what there is."""

    sector: str
    area: str
    counts: dict[str, int] = Field(description="Students by what they ask for and got, and seats")


class UnplacedCount(BaseModel):
    """How many students are unplaced for one reason."""

    reason: str
    limit: str = Field(description="What kept them from their best feasible choice; blank: none was feasible")
    students: int


@router.get("/runs/{run_id}/recruit", summary="See what one more seat at each slot would gain")
async def list_gains(tx: Tx, run_id: UUID, limit: Limit = 100, after: After = None) -> Page[SeatGain]:
    """List the gain of one more seat at each slot, in the order of slots."""
    rows, following = await _page(tx, run_id, "recruit.csv", limit=limit, after=after)
    slots = await repository.load_slots(tx.conn, [row["slot_id"] for row in rows])
    items = [
        SeatGain(
            slot_id=UUID(row["slot_id"]),
            slot_ref=slots.get(row["slot_id"], {}).get("slot_ref"),
            title=slots.get(row["slot_id"], {}).get("title"),
            sector=row["sector"],
            area=row["area"],
            kind=row["kind"],
            gain=_numbers(row, besides=("slot_id", "sector", "area", "kind")),
        )
        for row in rows
    ]
    return Page[SeatGain](items=items, next=following)


@router.get("/runs/{run_id}/demand", summary="See demand against supply")
async def list_demand(tx: Tx, run_id: UUID, limit: Limit = 100, after: After = None) -> Page[Demand]:
    """List what is asked for and what there is, by sector and area."""
    rows, following = await _page(tx, run_id, "demand.csv", limit=limit, after=after)
    items = [
        Demand(sector=row["sector"], area=row["area"], counts=_numbers(row, besides=("sector", "area"))) for row in rows
    ]
    return Page[Demand](items=items, next=following)


@router.get("/runs/{run_id}/aggregates", summary="See why students are unplaced")
async def list_aggregates(tx: Tx, run_id: UUID, limit: Limit = 100, after: After = None) -> Page[UnplacedCount]:
    """Count the unplaced by reason and by the first thing that stood in their way."""
    rows, following = await _page(tx, run_id, "aggregates.csv", limit=limit, after=after)
    items = [UnplacedCount(reason=row["reason"], limit=row["limit"], students=int(row["students"])) for row in rows]
    return Page[UnplacedCount](items=items, next=following)


async def _page(
    tx: Tx, run_id: UUID, name: str, *, limit: int, after: str | None
) -> tuple[list[dict[str, str]], str | None]:
    """A page of one of a result's tables, and the cursor of the next; raises RunNotKnown, RunNotSolved, NotKnown."""
    content = await results.load_file(tx.conn, await with_result(tx, run_id), name)
    if content is None:
        raise NotKnown(f"the result of this run has no {name}")
    rows = table_cells(content)
    start = place_after(after) + 1
    more = len(rows) > start + limit
    return rows[start : start + limit], str(start + limit - 1) if more else None


def _numbers(row: dict[str, str], *, besides: tuple[str, ...]) -> dict[str, int]:
    return {name: int(value) for name, value in row.items() if name not in besides}
