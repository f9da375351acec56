"""A school's or employer's calendar for other programs: give it an address, another one, or none."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry import metrics
from hub_registry.calendars import repository, service
from hub_registry.settings import Settings
from hub_registry.web.only import Member
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Tx

router = APIRouter(route_class=PageRoute)


@router.get("/calendar")
async def show(request: Request, tx: Tx, me: Member) -> Response:
    """Show whether the calendar has an address, and what stands in it."""
    return await _show(request, tx, me)


@router.post("/calendar")
async def make(request: Request, tx: Tx, me: Member) -> Response:
    """Give it an address and show that: the answer is this page, because the address is nowhere else."""
    settings: Settings = request.app.state.settings
    secret = await service.make_address(tx, me)
    metrics.CALENDARS.labels("address_made").inc()
    return await _show(request, tx, me, address=f"{settings.public_url.rstrip('/')}/calendar/{secret}.ics")


@router.post("/calendar/revoke")
async def revoke(request: Request, tx: Tx, me: Member) -> Response:
    """Let the address lead nowhere."""
    if await repository.revoke(tx.conn, me):
        metrics.CALENDARS.labels("address_revoked").inc()
    return redirect(request, "/calendar", said="The address leads nowhere any more.")


async def _show(request: Request, tx: Tx, me: Member, **more: Any) -> Response:
    return page(request, "calendars/show.html", calendar=await repository.load_own(tx.conn, me), **more)
