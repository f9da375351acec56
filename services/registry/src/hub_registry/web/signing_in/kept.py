"""Nothing typed is lost when a session is over: the form is kept, and its person sends it again after signing in."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.errors import NotKnown
from hub_registry.kept_forms import repository
from hub_registry.web.forms import OURS
from hub_registry.web.page import page
from hub_registry.web.route import PageRoute, Tx
from hub_registry.web.signing_in.addresses import KEPT

router = APIRouter(route_class=PageRoute)


@router.get(KEPT + "/{kept_id}")
async def show_kept(request: Request, tx: Tx, kept_id: UUID) -> Response:
    """Show what was typed, with one button that sends it where it was to go."""
    kept = await repository.find_kept(tx.conn, kept_id)
    if kept is None:
        raise NotKnown("what you typed is kept for an hour, for you alone: open the page again")
    fields = [(name, value) for name, values in kept.fields.items() if name not in OURS for value in values]
    return page(request, "signing_in/kept.html", kept=kept, fields=fields)
