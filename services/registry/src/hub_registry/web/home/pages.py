"""Home, for each role: what needs doing now, and by when."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal, Role
from hub_registry.web.home import adviser, employer, hub
from hub_registry.web.page import page
from hub_registry.web.route import Me, PageRoute, Tx

router = APIRouter(route_class=PageRoute)
Home = Callable[[Request, Transaction, Principal], Awaitable[Response]]
HOMES: Final[Mapping[Role, Home]] = {
    Role.HUB: hub.show,
    Role.ADVISER: adviser.show,
    Role.EMPLOYER: employer.show,
}


@router.get("/")
async def show_home(request: Request, tx: Tx, me: Me) -> Response:
    """Show what needs doing."""
    if home := HOMES.get(me.role):
        return await home(request, tx, me)
    return page(request, "home/home.html")
