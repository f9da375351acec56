"""Moves: who has another slot than in the allocation that a change run started from."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from hub_registry.access.principal import Role
from hub_registry.api.page import After, Limit, Page
from hub_registry.api.placements import place_after, standing_run, with_result
from hub_registry.api.problem import RESPONSES
from hub_registry.api.route import Caller, ScopedRoute, Tx
from hub_registry.placements import repository
from hub_schemas.ids import RunId

router = APIRouter(route_class=ScopedRoute, tags=["placements"], responses=RESPONSES)


class Moved(BaseModel):
    """One student leaves a slot, gets one, or both."""

    place: int
    student_id: UUID
    school_id: str
    mis_id: str
    first_name: str
    last_name: str
    from_slot_id: UUID | None
    from_slot_ref: str | None
    from_title: str | None
    to_slot_id: UUID | None
    to_slot_ref: str | None
    to_title: str | None
    reason: str = Field(
        description="withdrawn, lost_slot, declined, not_feasible:RULE, pinned, lost_seat, not_run, displaced,"
        " rearranged, improved, exchanged, new"
    )


@router.get("/runs/{run_id}/moves", summary="List who moves in a change run")
async def list_run_moves(tx: Tx, run_id: UUID, limit: Limit = 100, after: After = None) -> Page[Moved]:
    """List who moves, from where to where, in any change run with a result (hub); empty for other runs."""
    return await _moves(tx, await with_result(tx, run_id), limit=limit, after=after)


@router.get("/rounds/{round_id}/moves", summary="List who moved to what stands")
async def list_moves(tx: Tx, caller: Caller, round_id: UUID, limit: Limit = 100, after: After = None) -> Page[Moved]:
    """An adviser sees their own school's, the hub all; empty when what stands is no change run's."""
    run_id = await standing_run(tx, round_id)
    caller.must_be(Role.ADVISER, Role.HUB)
    return await _moves(tx, run_id, limit=limit, after=after)


async def _moves(tx: Tx, run_id: RunId, *, limit: int, after: str | None) -> Page[Moved]:
    rows = await repository.load_moves(tx.conn, run_id, after=place_after(after), limit=limit + 1)
    items = [Moved(**row) for row in rows[:limit]]
    return Page[Moved](items=items, next=str(items[-1].place) if len(rows) > limit else None)
