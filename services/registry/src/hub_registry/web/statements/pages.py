"""Statements, for anybody."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.web.page import page
from hub_registry.web.route import OpenPage

router = APIRouter(route_class=OpenPage)


@router.get("/accessibility")
async def show_accessibility(request: Request) -> Response:
    """Say how usable the pages are, and how that was tested."""
    return page(request, "statements/accessibility.html")


@router.get("/privacy")
async def show_privacy(request: Request) -> Response:
    """Say what is kept of whom, why, for how long, and who sees it."""
    return page(request, "statements/privacy.html")


@router.get("/data-sources")
async def show_data_sources(request: Request) -> Response:
    """Say where open data comes from, with its attributions."""
    return page(request, "statements/data_sources.html")
