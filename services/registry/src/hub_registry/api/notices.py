"""Notices: the ledger, holding and releasing."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from hub_registry.access.principal import Role
from hub_registry.api.fields import cursor_id
from hub_registry.api.page import After, Limit
from hub_registry.api.problem import RESPONSES
from hub_registry.api.route import Caller, ScopedRoute, Tx
from hub_registry.notices import repository, service
from hub_schemas.ids import RoundId

router = APIRouter(route_class=ScopedRoute, tags=["notices"], responses=RESPONSES)


class NoticeShown(BaseModel):
    """A line of the ledger."""

    notice_id: UUID
    round_id: UUID
    run_id: UUID
    recipient_kind: str
    recipient_id: str
    state: str
    reason: str
    sent_at: datetime | None
    recorded_at: datetime


class Ledger(BaseModel):
    """A page of the ledger, and the counts of all of it."""

    items: list[NoticeShown]
    next: str | None
    held: bool
    counts: dict[str, int]


class Held(BaseModel):
    """Whether notices are held."""

    held: bool


@router.get("/notices", summary="List notices")
async def list_notices(
    tx: Tx, caller: Caller, limit: Limit = 100, after: After = None, round_id: UUID | None = None
) -> Ledger:
    """List what became of each notice (hub); ``counts.expected`` is how many all that stands gives rise to."""
    caller.must_be(Role.HUB)
    rows = await repository.load_notices(
        tx.conn, after=cursor_id(after), limit=limit + 1, round_id=RoundId(round_id) if round_id else None
    )
    items = [NoticeShown(**row) for row in rows[:limit]]
    return Ledger(
        items=items,
        next=str(items[-1].notice_id) if len(rows) > limit else None,
        held=await repository.is_held(tx.conn, caller.hub_id),
        counts=await service.counts(tx),
    )


@router.post("/notices/hold", summary="Hold all notices")
async def hold(tx: Tx, caller: Caller) -> Held:
    """Let no notice of the hub go out until they are released."""
    caller.must_be(Role.HUB)
    await service.set_held(tx, held=True)
    return Held(held=True)


@router.post("/notices/release", summary="Release notices")
async def release(tx: Tx, caller: Caller) -> Held:
    """Let the hub's notices go out again."""
    caller.must_be(Role.HUB)
    await service.set_held(tx, held=False)
    return Held(held=False)
