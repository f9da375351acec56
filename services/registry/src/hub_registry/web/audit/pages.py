"""The record, searchable by the hub."""

from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from hub_registry.access.principal import Role
from hub_registry.audit.repository import Wanted, load_record
from hub_registry.errors import Invalid, NotKnown
from hub_registry.web.audit.asked import ACTIONS, KINDS, Asked, place_of
from hub_registry.web.page import page
from hub_registry.web.route import Me, PageRoute, Tx
from hub_registry.web.tables import download

router = APIRouter(route_class=PageRoute)
A_PAGE: Final = 50
MOST: Final = 20_000
"""Lines of the record in one file: ask for fewer days to have the rest."""
COLUMNS: Final = ("at", "who", "role", "action", "subject_kind", "subject_id", "before", "after")


@router.get("/audit")
async def show_record(request: Request, tx: Tx, me: Me, after: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Show who saw and changed what, newest first."""
    _for_hub(me.role)
    asked = Asked.of(request.query_params)
    refused: Invalid | None = None
    rows: list[dict[str, Any]] = []
    try:
        rows = await load_record(tx.conn, await asked.wanted(tx.conn), after=place_of(after), limit=A_PAGE + 1)
    except Invalid as wrong:
        refused = wrong
    shown = rows[:A_PAGE]
    more = ""
    if len(rows) > A_PAGE:
        last = shown[-1]
        place = f"{last['at'].isoformat()} {last['kind']} {last['number']}"
        more = urlencode({**asked.address(), "after": place})
    return page(
        request,
        "audit/record.html",
        refused=refused,
        asked=asked,
        actions=ACTIONS,
        kinds=KINDS,
        rows=shown,
        more=more,
        filters=urlencode(asked.address()),
    )


@router.get("/audit.{ending}")
async def download_record(request: Request, tx: Tx, me: Me, ending: str) -> Response:
    """Give the record as a file, by the same filters."""
    _for_hub(me.role)
    if ending not in {"csv", "json"}:
        raise NotKnown("there is no such page")
    wanted: Wanted = await Asked.of(request.query_params).wanted(tx.conn)
    rows = await load_record(tx.conn, wanted, after=None, limit=MOST)
    return download("audit", ending, COLUMNS, rows)


def _for_hub(role: Role) -> None:
    if role is not Role.HUB:
        raise NotKnown("there is no such page")
