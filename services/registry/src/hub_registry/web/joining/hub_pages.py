"""The hub's side: the address where employers register, whether it is open, and who waits to be verified."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.applications import repository
from hub_registry.settings import Settings
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Sent, Tx

router = APIRouter(route_class=PageRoute)


@router.get("/employers/joining")
async def show(request: Request, tx: Tx, me: Coordinator) -> Response:
    """Show the address to pass on and who waits."""
    settings: Settings = request.app.state.settings
    hub = await repository.load_takes(tx.conn, me.hub_id)
    return page(
        request,
        "joining/hub.html",
        hub=hub,
        open_page=f"/join/{hub['slug']}",
        address=f"{settings.public_url.rstrip('/')}/join/{hub['slug']}",
        waiting=await repository.load_waiting(tx.conn),
        unconfirmed=await repository.count_unconfirmed(tx.conn),
    )


@router.post("/employers/joining")
async def switch(request: Request, tx: Tx, me: Coordinator, form: Sent) -> Response:
    """Open the page, or close it."""
    takes = form.text("takes") == "yes"
    await repository.switch(tx.conn, me.hub_id, takes=takes)
    return redirect(request, "/employers/joining", said=f"The page is {'open' if takes else 'closed'}.")
