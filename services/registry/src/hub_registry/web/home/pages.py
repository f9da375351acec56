"""Home, for each role."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.web.page import page
from hub_registry.web.route import Me, PageRoute, Tx

router = APIRouter(route_class=PageRoute)


@router.get("/")
async def show_home(request: Request, tx: Tx, me: Me) -> Response:
    """Show what needs doing."""
    return page(request, "home/home.html")
