"""Pages that change by themselves: what happens to a run or a file, as server-sent events."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from hub_chassis.service import Running
from hub_chassis.transaction import Transaction
from hub_registry.sessions.model import Session
from hub_registry.sessions.watching import LOOK_S, Seen, watch
from hub_registry.settings import Settings

MOST_STREAMS: Final = 4
"""Followed at once by one person; a browser keeps few connections to one site, so more would starve its pages."""
LONGEST_S: Final = 300
"""A stream ends after that; the page's script opens another while there is something to follow."""
BEAT: Final = ": beat\n\n"
_BEATS_APART: Final = 10

Figures = Mapping[str, object]


async def follow(
    request: Request,
    tx: Transaction,
    look: Callable[[Transaction], Awaitable[Seen]],
    figures: Callable[[Seen], Figures],
) -> Response:
    """Tell of each change of something as figures, and when it is over; who follows too much is told nothing, by 204.

    What is over already is told so, too: it may have ended while the browser was loading its page.
    """
    session: Session = request.state.session
    streams = _streams(request)
    await look(tx)  # raises NotKnown while there can still be an answer that says so
    if streams[session.principal.staff_id] >= MOST_STREAMS:
        return Response(status_code=204)
    told = _events(request, session, streams, look, figures)
    return StreamingResponse(told, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _streams(request: Request) -> "Counter[UUID]":
    """How many streams each person follows in this process."""
    found: Counter[UUID] | None = getattr(request.app.state, "streams", None)
    if found is None:  # an empty one is kept: those who ask at the same moment count in the same one
        found = request.app.state.streams = Counter()
    return found


async def _events(
    request: Request,
    session: Session,
    streams: "Counter[UUID]",
    look: Callable[[Transaction], Awaitable[Seen]],
    figures: Callable[[Seen], Figures],
) -> AsyncIterator[str]:
    settings: Settings = request.app.state.settings
    me = session.principal
    if streams[me.staff_id] >= MOST_STREAMS:  # many asked at once, before one of them had begun
        return
    streams[me.staff_id] += 1
    try:
        seen = watch(
            request.app.state.databases["app"],
            me,
            look,
            session_id=session.session_id,
            idle=timedelta(minutes=settings.session_idle_minutes),
            looks=int(LONGEST_S / LOOK_S),
            wait=_pause(request),
        )
        async for text in events(seen, figures):
            yield text
    finally:
        streams[me.staff_id] -= 1
        streams += Counter()  # forgets those who follow nothing


async def events(seen: AsyncIterator[Seen], figures: Callable[[Seen], Figures]) -> AsyncIterator[str]:
    """Write what is seen as server-sent events: one for each change, a beat now and then, ``over`` at the end."""
    told: Figures | None = None
    quiet = 0
    yield "retry: 3000\n\n"
    async for one in seen:
        if (now := figures(one)) != told:
            told, quiet = now, 0
            yield f"data: {json.dumps(now)}\n\n"
        else:
            quiet += 1
            if quiet % _BEATS_APART == 0:
                yield BEAT
        if one.over:
            yield f"event: over\ndata: {json.dumps({'state': one.state})}\n\n"


def _pause(request: Request) -> Callable[[], Awaitable[bool]]:
    """Wait until the next look; says no when the service stops, which must not wait for streams."""
    running: Running | None = getattr(request.app.state, "running", None)

    async def pause() -> bool:
        if running is None:
            await asyncio.sleep(LOOK_S)
            return True
        try:
            await asyncio.wait_for(running.stop.wait(), LOOK_S)
        except TimeoutError:
            return True
        return False

    return pause
