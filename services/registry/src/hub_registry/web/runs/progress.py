"""A run as far as it has come: its page, its events, cancelling it."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_chassis.transaction import Transaction
from hub_registry.outcomes.policies import differences
from hub_registry.rounds import repository as rounds
from hub_registry.runs import repository, service
from hub_registry.runs.live import Live, live
from hub_registry.web.following import follow
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.runs import figures, result
from hub_registry.web.runs.words import value as policy_value
from hub_schemas.ids import RunId

router = APIRouter(route_class=PageRoute)


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
    """Tell of each change of a run as server-sent events."""

    async def look(tx: Transaction) -> Live:
        return live(await repository.load_run(tx.conn, RunId(run_id)))

    return await follow(request, tx, look, figures.of)


@router.post("/runs/{run_id}/cancel")
async def cancel(request: Request, tx: Tx, me: Coordinator, form: Sent, run_id: UUID) -> Response:
    """Tell matching that the run is no longer wanted."""
    await service.request_cancel(tx, RunId(run_id))
    said = "The solver was told to stop. The run is cancelled once it has."
    return redirect(request, f"/runs/{run_id}", said=said)
