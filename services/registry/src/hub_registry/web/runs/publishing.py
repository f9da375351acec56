"""Publishing a run, and in the place of another one: what it does to whom is shown before it is done."""

from collections import Counter
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.approvals import publication
from hub_registry.approvals.publication import Published, Rejected
from hub_registry.errors import Finding, Invalid
from hub_registry.notices import repository as notices
from hub_registry.notices.service import concerned
from hub_registry.outcomes import comparing
from hub_registry.outcomes.planning import count_by_hashing
from hub_registry.rounds import repository as rounds
from hub_registry.runs import repository
from hub_registry.runs.model import Run
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.words import plural
from hub_schemas.ids import RunId

router = APIRouter(route_class=PageRoute)


@router.get("/runs/{run_id}/publish")
async def show_publishing(request: Request, tx: Tx, me: Coordinator, run_id: UUID) -> Response:
    """Say what publishing this run does, and to whom."""
    run = await repository.load_run(tx.conn, RunId(run_id))
    run.check_approved()
    return await _shown(request, tx, run)


@router.post("/runs/{run_id}/publish")
async def publish(request: Request, tx: Tx, me: Coordinator, form: Sent, run_id: UUID) -> Response:
    """Let a run's allocation stand, if what stood when the person looked still stands."""
    run = await repository.load_run(tx.conn, RunId(run_id))
    run.check_approved()
    round_ = await rounds.lock_round(tx.conn, run.round_id)
    if form.text("standing") != str(round_.published_run_id or ""):
        said = "another run was published meanwhile: see what changes now, then publish again"
        return await _shown(request, tx, run, refused=Invalid(said, [Finding(said)]))
    match await publication.publish(tx, run.run_id):
        case Published(run=stands):
            told = plural(stands.recipients or 0, "school or employer contact", "school and employer contacts")
            said = f"The round is published. {told} will be told."
            return redirect(request, f"/rounds/{run.round_id}/placements", said=said)
        case Rejected(reasons=reasons):
            return page(request, "runs/rejected.html", status=409, run=run, reasons=reasons[:200])


async def _shown(request: Request, tx: Tx, run: Run, *, refused: Invalid | None = None) -> Response:
    round_ = await rounds.load_round(tx.conn, run.round_id)
    standing = None
    if round_.published_run_id is not None:
        standing = await repository.load_run(tx.conn, round_.published_run_id)
        await count_by_hashing(tx.conn)
    told = Counter(kind for _, kind in await concerned(tx.conn, run))
    return page(
        request,
        "runs/publish.html",
        status=409 if refused else 200,
        run=run,
        round=round_,
        advisers=told["adviser"],
        employers=told["employer"],
        held=await notices.is_held(tx.conn, run.hub_id),
        standing=standing,
        changes=await comparing.count_changes(tx.conn, standing, run) if standing else None,
        refused=refused,
    )
