"""The runs of a round, and starting one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from hub_registry.errors import Finding, Invalid
from hub_registry.outcomes import listing
from hub_registry.outcomes.planning import count_by_hashing
from hub_registry.outcomes.policies import differences
from hub_registry.progress.repository import load_withdrawn
from hub_registry.rounds import repository as rounds
from hub_registry.rounds.model import Round, RoundState
from hub_registry.runs import service
from hub_registry.web.attempt import attempt
from hub_registry.web.forms import Form
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page, redirect
from hub_registry.web.paging import Pages
from hub_registry.web.policies import forms
from hub_registry.web.policies.settings import SETTINGS, filled
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.runs.options import options
from hub_registry.web.runs.words import value as policy_value
from hub_registry.web.slots.words import WITHDRAWN
from hub_schemas.events.run_requests import ChangeMode
from hub_schemas.ids import RoundId, RunId

router = APIRouter(route_class=PageRoute)
ON_A_PAGE = 20
RUNNABLE = (RoundState.CLOSED, RoundState.PUBLISHED)
ASKED = "The run was asked for. This page follows it."


@router.get("/rounds/{round_id}/runs")
async def show_runs(
    request: Request, tx: Tx, me: Coordinator, *, round_id: UUID, number: Annotated[int, Query(alias="page", ge=1)] = 1
) -> Response:
    """List a round's runs, newest first."""
    round_ = await rounds.load_round(tx.conn, RoundId(round_id))
    await count_by_hashing(tx.conn)
    pages = Pages(await listing.count_runs(tx.conn, round_.round_id), number, size=ON_A_PAGE)
    runs = await listing.list_newest(tx.conn, round_.round_id, limit=pages.size, offset=pages.offset)
    policy = round_.policy.model_dump(mode="json")
    return page(
        request,
        "runs/list.html",
        round=round_,
        runnable=round_.state in RUNNABLE,
        runs=[(run, differences(policy, run.policy)) for run in runs],
        comparable=options(await listing.list_with_result(tx.conn, round_.round_id), policy),
        pages=pages,
        names=policy_value,
    )


@router.post("/rounds/{round_id}/runs")
async def start_run(request: Request, tx: Tx, me: Coordinator, form: Sent, round_id: UUID) -> Response:
    """Ask for a run under the round's policy."""
    run = await service.request_run(tx, RoundId(round_id), {}, by=me.staff_id)
    return redirect(request, f"/runs/{run.run_id}", said=ASKED)


@router.get("/rounds/{round_id}/runs/what-if")
async def show_what_if(request: Request, tx: Tx, me: Coordinator, round_id: UUID) -> Response:
    """Show the round's policy as a form."""
    round_ = await rounds.load_round(tx.conn, RoundId(round_id))
    return _what_if(request, round_, filled(round_.policy))


@router.post("/rounds/{round_id}/runs/what-if")
async def start_what_if(request: Request, tx: Tx, me: Coordinator, form: Sent, round_id: UUID) -> Response:
    """Ask for a run under a policy that differs from the round's."""
    round_ = await rounds.load_round(tx.conn, RoundId(round_id))
    try:
        overrides = _changed(form, round_)
        if not overrides:
            raise Invalid(
                "nothing is changed", [Finding("change at least one setting: this is the round's own policy")]
            )
        async with attempt(tx):
            run = await service.request_run(tx, round_.round_id, overrides, by=me.staff_id)
    except Invalid as refused:
        return _what_if(request, round_, form.values(), refused=forms.of_fields(refused))
    return redirect(request, f"/runs/{run.run_id}", said=ASKED)


def _changed(form: Form, round_: Round) -> dict[str, Any]:
    """Read the keys of the policy that the form has other than the round; what it leaves out is as the round has it."""
    as_it_is = {name: [value] for name, value in filled(round_.policy).items()}
    asked = forms.read(Form({**as_it_is, **form.fields}))
    return {one.key: one.other for one in differences(round_.policy.model_dump(mode="json"), asked) if one.key in asked}


def _what_if(request: Request, round_: Round, values: dict[str, Any], *, refused: Invalid | None = None) -> Response:
    return page(
        request,
        "runs/what_if.html",
        round=round_,
        runnable=round_.state in RUNNABLE,
        settings=SETTINGS,
        values=values,
        refused=refused,
    )


@router.get("/rounds/{round_id}/runs/change")
async def show_change(request: Request, tx: Tx, me: Coordinator, round_id: UUID, parent: str = "") -> Response:
    """Show what a change run may start from."""
    round_ = await rounds.load_round(tx.conn, RoundId(round_id))
    return await _change(request, tx, round_, {"parent_run_id": parent or str(round_.published_run_id or "")})


@router.post("/rounds/{round_id}/runs/change")
async def start_change(request: Request, tx: Tx, me: Coordinator, form: Sent, round_id: UUID) -> Response:
    """Ask for a change run."""
    round_ = await rounds.load_round(tx.conn, RoundId(round_id))
    try:
        change, overrides = await _read_change(tx, form, round_)
        async with attempt(tx):
            run = await service.request_run(tx, round_.round_id, overrides, change=change, by=me.staff_id)
    except Invalid as refused:
        return await _change(request, tx, round_, form.values(), refused=refused)
    return redirect(request, f"/runs/{run.run_id}", said=ASKED)


async def _read_change(tx: Tx, form: Sent, round_: Round) -> tuple[service.Change, dict[str, Any]]:
    """Read the form of a change run: what it starts from, and what its policy has other than the round's."""
    found = []
    parents = {str(run.run_id): run for run in await listing.list_with_result(tx.conn, round_.round_id)}
    parent = parents.get(form.text("parent_run_id"))
    if parent is None:
        found.append(Finding("choose the run whose allocation is to be changed", field="parent_run_id"))
    if form.text("mode") not in {"best", "frozen"}:
        found.append(Finding("choose how much may move", field="mode"))
    if form.text("policy") not in {"parent", "round"}:
        found.append(Finding("choose the policy", field="policy"))
    if found or parent is None:
        raise Invalid("there is a problem", found)
    policy = round_.policy.model_dump(mode="json")
    kept = differences(policy, parent.policy) if form.text("policy") == "parent" else []
    overrides = {one.key: one.other for one in kept}
    mode: ChangeMode = "frozen" if form.text("mode") == "frozen" else "best"
    return service.Change(RunId(parent.run_id), mode), overrides


async def _change(
    request: Request, tx: Tx, round_: Round, values: dict[str, Any], *, refused: Invalid | None = None
) -> Response:
    parents = await listing.list_with_result(tx.conn, round_.round_id)
    return page(
        request,
        "runs/change.html",
        round=round_,
        runnable=round_.state in RUNNABLE,
        withdrawn=await load_withdrawn(tx.conn, round_.round_id),
        reasons=WITHDRAWN,
        parents=options(parents, round_.policy.model_dump(mode="json")),
        values=values,
        refused=refused,
    )
