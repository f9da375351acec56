"""What a calendar program reads: no session, only the secret in the address."""

import hashlib
from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from hub_chassis.database import Database
from hub_registry import metrics
from hub_registry.calendars import service
from hub_registry.calendars.writing import written
from hub_registry.errors import CalendarNotKnown, TooManyTries
from hub_registry.settings import Settings
from hub_registry.web.route import address_of

router = APIRouter()
_HEADERS: Final = {
    # Kept by its reader alone, and asked about before it is used again.
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


@router.api_route("/calendar/{secret}.ics", methods=["GET", "HEAD"])
async def read(request: Request, secret: str) -> Response:
    """Give the calendar of an address; 404: nobody's, 304: the reader has it already."""
    databases: dict[str, Database] = request.app.state.databases
    settings: Settings = request.app.state.settings
    try:
        calendar = await service.find(databases["app"], databases["door"], secret, address=address_of(request))
    except CalendarNotKnown:
        metrics.CALENDARS.labels("not_known").inc()
        return PlainTextResponse("Not found.\n", 404, _HEADERS)
    except TooManyTries as slow:
        metrics.CALENDARS.labels("too_often").inc()
        headers = {**_HEADERS, "Retry-After": str(slow.facts["wait_s"])}
        return PlainTextResponse("Too many requests: try again later.\n", 429, headers)
    async with databases["app"].transaction(hub_id=calendar.hub_id, scope=calendar.settings()) as tx:
        told = await service.tell(tx, calendar, at=datetime.now(UTC))
    content = written(told, name=f"{calendar.name} – Placement Hub", site=settings.public_url.rstrip("/"))
    return _answer(request, content)


def _answer(request: Request, content: bytes) -> Response:
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {**_HEADERS, "ETag": tag, "Content-Disposition": 'inline; filename="placements.ics"'}
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if known & {tag, "*"}:
        metrics.CALENDARS.labels("not_changed").inc()
        return Response(status_code=304, headers=headers)
    metrics.CALENDARS.labels("read").inc()
    return Response(content, headers=headers, media_type="text/calendar; charset=utf-8")
