"""Search: words in, what the person may see out."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from hub_registry.access.principal import Role
from hub_registry.audit.views import students_seen
from hub_registry.searching.repository import search
from hub_registry.web.page import page
from hub_registry.web.route import Me, PageRoute, Tx

router = APIRouter(route_class=PageRoute)
MOST: Final = 20
"""Of each kind: whoever has more on the page types another word."""
SHORTEST: Final = 2
LEADS_TO: Final = {
    Role.ADVISER: {"students": "/students/{}"},
    Role.EMPLOYER: {"slots": "/slots/{}"},
    Role.HUB: {"students": "/audit?what={}", "employers": "/employers/{}"},
    Role.OPERATOR: {},
}
"""Which page each kind of thing has, for each role; the others are shown without a link."""


@router.get("/search")
async def show_found(request: Request, tx: Tx, me: Me, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Show what is found."""
    words = q.strip()
    found = await search(tx.conn, me.role, words, limit=MOST) if len(words) >= SHORTEST else {}
    await students_seen(tx, me, (UUID(row["id"]) for row in found.get("students", ())), page="search")
    return page(
        request,
        "search/found.html",
        words=words,
        found=found,
        leads_to=LEADS_TO[me.role],
        shortest=SHORTEST,
        most=MOST,
    )
