"""How full each day of a run is at each employer: some employers at a time, those with most seats used first."""

from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.outcomes.planning import count_by_hashing
from hub_registry.patterns import containing
from hub_registry.pictures.model import Picture
from hub_registry.pictures.service import of_employers
from hub_registry.placements.figures import load_employers
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page
from hub_registry.web.paging import Pages
from hub_registry.web.pictures.drawn import Drawn
from hub_registry.web.route import PageRoute, Tx
from hub_registry.web.runs.result import Number, Words, with_result
from hub_schemas.ids import RunId

router = APIRouter(route_class=PageRoute, prefix="/runs/{run_id}/days")
AT_ONCE: Final = 12
"""Employers in one picture."""


@router.get("")
async def show_days(
    request: Request, tx: Tx, _: Coordinator, *, run_id: UUID, q: Words = "", number: Number = 1
) -> Response:
    """Show how full each day is at some employers, found by name or reference."""
    run = await with_result(tx, run_id)
    picture, pages = await _picture(tx, run.run_id, q, number)
    asked = {"q": q.strip()} if q.strip() else {}
    return page(
        request,
        "pictures/employer_days.html",
        run=run,
        picture=picture,
        query=f"?{urlencode({**asked, 'page': pages.number})}",
        q=q,
        pages=pages,
        pagination=pages.links(f"/runs/{run_id}/days", asked),
    )


@router.get("/{name}-{width}.svg")
async def draw_days(
    request: Request, tx: Tx, _: Coordinator, *, run_id: UUID, name: str, width: str, q: Words = "", number: Number = 1
) -> Response:
    """Draw the same."""
    run = await with_result(tx, run_id)
    picture, _pages = await _picture(tx, run.run_id, q, number)
    return Drawn(request, picture, width, name=name)


async def _picture(tx: Tx, run_id: RunId, words: str, number: int) -> tuple[Picture, Pages]:
    await count_by_hashing(tx.conn)
    asked = Pages.at(number, size=AT_ONCE)
    pattern = containing(words.strip()) if words.strip() else ""
    found, total = await load_employers(tx.conn, run_id, pattern=pattern, limit=asked.size, offset=asked.offset)
    return await of_employers(tx, run_id, found), Pages(total, number, size=AT_ONCE)
