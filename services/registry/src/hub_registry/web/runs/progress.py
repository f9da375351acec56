"""A run as far as it has come: its page, its events, cancelling it."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from hub_chassis.service import Running
from hub_registry.outcomes.policies import differences
from hub_registry.rounds import repository as rounds
from hub_registry.runs import repository, service
from hub_registry.runs.live import Live, live
from hub_registry.runs.model import Run
from hub_registry.runs.watching import LOOK_S, watch
from hub_registry.sessions.model import Session
from hub_registry.settings import Settings
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.runs import figures, result
from hub_registry.web.runs.words import value as policy_value
from hub_schemas.ids import RunId

router = APIRouter(route_class=PageRoute)
MOST_STREAMS: Final = 4
"""Followed at once by one person; a browser keeps few connections to one site, so more would starve its pages."""
LONGEST_S: Final = 300
"""A stream ends after that; the page's script opens another while the run is on its way."""
BEAT: Final = ": beat\n\n"
_BEATS_APART: Final = 10


@router.get("/runs/{run_id}")
async def show_run(request: Request, tx: Tx, me: Coordinator, run_id: UUID) -> Response:
    """Show how far a run is, or what it came to."""
    run = await repository.load_run(tx.conn, RunId(run_id))
    if run.solved_at is not None:
        return await result.show_summary(request, tx, me, run)
    round_ = await rounds.load_round(tx.conn, run.round_id)
    return page(
        request,
        "runs/live.html",
        run=run,
        round=round_,
        changes=differences(round_.policy.model_dump(mode="json"), run.policy.model_dump(mode="json")),
        names=policy_value,
        live=live(run),
        figures=figures.of(live(run)),
    )


@router.get("/runs/{run_id}/events")
async def stream(request: Request, tx: Tx, me: Coordinator, run_id: UUID) -> Response:
    """Tell of each change of a run as server-sent events; 204, which keeps a browser from asking again, when over."""
    run = await repository.load_run(tx.conn, RunId(run_id))
    streams: Counter[UUID] = _streams(request)
    if live(run).over or streams[me.staff_id] >= MOST_STREAMS:
        return Response(status_code=204)
    session: Session = request.state.session
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(_events(request, session, run, streams), media_type="text/event-stream", headers=headers)


@router.post("/runs/{run_id}/cancel")
async def cancel(request: Request, tx: Tx, me: Coordinator, form: Sent, run_id: UUID) -> Response:
    """Tell matching that the run is no longer wanted."""
    await service.request_cancel(tx, RunId(run_id))
    said = "The solver was told to stop. The run is cancelled once it has."
    return redirect(request, f"/runs/{run_id}", said=said)


def _streams(request: Request) -> "Counter[UUID]":
    """How many streams each person follows in this process."""
    found: Counter[UUID] = getattr(request.app.state, "run_streams", None) or Counter()
    request.app.state.run_streams = found
    return found


async def _events(request: Request, session: Session, run: Run, streams: "Counter[UUID]") -> AsyncIterator[str]:
    settings: Settings = request.app.state.settings
    me = session.principal
    streams[me.staff_id] += 1
    try:
        seen = watch(
            request.app.state.databases["app"],
            me,
            run.run_id,
            session_id=session.session_id,
            idle=timedelta(minutes=settings.session_idle_minutes),
            looks=int(LONGEST_S / LOOK_S),
            wait=_pause(request),
        )
        async for text in events(seen):
            yield text
    finally:
        streams[me.staff_id] -= 1
        streams += Counter()  # forgets those who follow nothing


async def events(seen: AsyncIterator[Live]) -> AsyncIterator[str]:
    """Write what is seen as server-sent events: one for each change, a beat now and then, ``over`` at the end."""
    told: Live | None = None
    quiet = 0
    yield "retry: 3000\n\n"
    async for one in seen:
        if one != told:
            told, quiet = one, 0
            yield f"data: {json.dumps(figures.of(one))}\n\n"
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
