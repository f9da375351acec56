"""Approving a run: what was looked at and changed, a comment, two people."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.access.principal import Principal
from hub_registry.approvals import looking
from hub_registry.approvals import service as approvals
from hub_registry.approvals.history import load_history
from hub_registry.errors import ApprovedAlready, Finding, Invalid, NeedsPerson
from hub_registry.outcomes.policies import differences
from hub_registry.rounds import repository as rounds
from hub_registry.runs.model import Run, RunState
from hub_registry.web.attempt import attempt
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.runs.result import with_result
from hub_registry.web.runs.words import value as policy_value

router = APIRouter(route_class=PageRoute)


@router.get("/runs/{run_id}/approve")
async def show_approving(request: Request, tx: Tx, me: Coordinator, run_id: UUID) -> Response:
    """Show what an approval rests on, and its form."""
    return await _shown(request, tx, me, await with_result(tx, run_id), values={})


@router.post("/runs/{run_id}/approve")
async def approve(request: Request, tx: Tx, me: Coordinator, form: Sent, run_id: UUID) -> Response:
    """Take a person's approval."""
    run = await with_result(tx, run_id)
    try:
        async with attempt(tx):
            approved = await looking.approve_after_looking(
                tx,
                run.run_id,
                by=me,
                comment=form.text("comment"),
                sure=bool(form.many("sure")),
                demo=request.app.state.settings.demo,
            )
    except Invalid as refused:
        return await _shown(request, tx, me, run, values=form.values(), refused=refused)
    except (ApprovedAlready, NeedsPerson) as refused:
        said = Invalid(refused.detail, [Finding(refused.detail)])
        return await _shown(request, tx, me, run, values=form.values(), refused=said)
    if approved.state is RunState.APPROVED:
        return redirect(request, f"/runs/{run_id}", said="Two people have approved this run. It can be published.")
    return redirect(request, f"/runs/{run_id}", said="You approved this run. It takes a second person.")


async def _shown(
    request: Request, tx: Tx, me: Principal, run: Run, *, values: dict[str, Any], refused: Invalid | None = None
) -> Response:
    round_ = await rounds.load_round(tx.conn, run.round_id)
    policy = round_.policy.model_dump(mode="json")
    looks = await looking.load_looks(tx.conn, run.run_id)
    listed = await approvals.list_approvals(tx, run.run_id)
    history = await load_history(tx.conn, run)
    return page(
        request,
        "runs/approve.html",
        run=run,
        round=round_,
        needed=looking.NEEDED,
        mine={look.page: look for look in looks if look.staff_id == me.staff_id},
        approvals=[(one, looking.before(looks, one.staff_id, one.approved_at)) for one in listed],
        mine_given=any(one.staff_id == me.staff_id for one in listed),
        history=history,
        before=[(row, differences(policy, row["policy"])) for row in history.before],
        changes=differences(policy, run.policy.model_dump(mode="json")),
        names=policy_value,
        values=values,
        refused=refused,
    )
