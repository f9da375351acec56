"""Rounds: listed, made, changed; a round's page."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.access.principal import Role
from hub_registry.errors import Invalid, RoundNotKnown, Stale
from hub_registry.inputs import repository as inputs
from hub_registry.programmes import repository as programmes
from hub_registry.rounds import repository, service
from hub_registry.rounds.countdown import countdown
from hub_registry.rounds.timeline import timeline
from hub_registry.runs import repository as runs
from hub_registry.web.attempt import attempt
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page, redirect
from hub_registry.web.rounds import forms
from hub_registry.web.route import Me, PageRoute, Sent, Tx
from hub_registry.web.stale import differences
from hub_schemas.ids import ProgrammeId, RoundId

router = APIRouter(route_class=PageRoute)
AT_ONCE = 50
MOST_RUNS = 20
OTHERS: Final = (Role.ADVISER, Role.EMPLOYER)
"""Those who take part in a round and don't run it: their home says what there is for them."""


@router.get("/rounds")
async def list_rounds(request: Request, tx: Tx, _: Coordinator, before: UUID | None = None) -> Response:
    """List the hub's rounds, newest first."""
    found = await repository.list_newest(tx.conn, before=RoundId(before) if before else None, limit=AT_ONCE + 1)
    rows = await programmes.load_programmes(tx.conn, after=UUID(int=0), limit=1000)
    names = {row["programme_id"]: row["name"] for row in rows}
    older = found[AT_ONCE - 1].round_id if len(found) > AT_ONCE else None
    return page(request, "rounds/list.html", rounds=found[:AT_ONCE], programmes=names, older=older)


@router.get("/programmes/{programme_id}/rounds/new")
async def show_new(request: Request, tx: Tx, _: Coordinator, programme_id: UUID) -> Response:
    """Offer the form of a new round."""
    return _form(request, {"closes_at-time": "17:00"}, await programmes.load_programme(tx.conn, programme_id))


@router.post("/programmes/{programme_id}/rounds/new")
async def make(request: Request, tx: Tx, me: Coordinator, programme_id: UUID, form: Sent) -> Response:
    """Make a draft."""
    programme = await programmes.load_programme(tx.conn, programme_id)
    try:
        values = forms.read(form)
        async with attempt(tx):
            made = await service.create_round(tx, ProgrammeId(programme_id), **values, policy={}, by=me.staff_id)
    except Invalid as refused:
        return _form(request, form.values(), programme, refused=refused)
    return redirect(request, f"/rounds/{made.round_id}", said=f"{made.name} is a draft now. Next, look at its policy.")


@router.get("/rounds/{round_id}")
async def show(request: Request, tx: Tx, me: Me, round_id: UUID) -> Response:
    """Show where a round stands, and what can be done with it now; links in mails bring advisers and employers here."""
    round_ = await repository.load_round(tx.conn, RoundId(round_id))
    if me.role is Role.ADVISER and round_.published_run_id:
        return redirect(request, f"/results/{round_id}")
    if me.role is Role.EMPLOYER and round_.published_run_id:
        return redirect(request, "/coming")
    if me.role in OTHERS:
        return redirect(request, "/")
    if me.role is not Role.HUB:
        raise RoundNotKnown("check the address, or go back to the home page")
    programme = await programmes.load_programme(tx.conn, round_.programme_id)
    waited_for = await repository.count_schools_missing(tx.conn, round_.round_id) if round_.state == "open" else 0
    return page(
        request,
        "rounds/show.html",
        round=round_,
        programme=programme,
        steps=timeline(round_),
        left=countdown(round_.closes_at, now=datetime.now(UTC)),
        schools_missing=waited_for,
        input=await inputs.load_input(tx.conn, round_.input_id) if round_.input_id else None,
        runs=await runs.list_runs(tx.conn, round_.round_id, after=None, limit=MOST_RUNS),
        reasons=forms.CANCEL_REASONS,
    )


@router.get("/rounds/{round_id}/edit")
async def show_change(request: Request, tx: Tx, _: Coordinator, round_id: UUID) -> Response:
    """Offer the form of a draft as it is."""
    round_ = await repository.load_round(tx.conn, RoundId(round_id))
    programme = await programmes.load_programme(tx.conn, round_.programme_id)
    return _form(request, forms.filled(round_), programme, round=round_)


@router.post("/rounds/{round_id}/edit")
async def change(request: Request, tx: Tx, _: Coordinator, round_id: UUID, form: Sent) -> Response:
    """Change a draft's name and timetable; if somebody else did meanwhile, show both."""
    stored = await repository.load_round(tx.conn, RoundId(round_id))
    programme = await programmes.load_programme(tx.conn, stored.programme_id)
    try:
        values = forms.read(form)
        async with attempt(tx):
            await service.change_round(tx, stored.round_id, values, if_match=form.text("version"))
    except Invalid as refused:
        return _form(request, form.values(), programme, round=stored, refused=refused)
    except Stale:
        theirs = {"name": stored.name, "opens_at": stored.opens_at, "closes_at": stored.closes_at}
        differing = differences(forms.plain(theirs), forms.plain(values), forms.LABELS)
        again = {**form.values(), "version": stored.version}
        return _form(request, again, programme, round=stored, status=409, differing=differing)
    return redirect(request, f"/rounds/{round_id}", said="The round was changed.")


def _form(request: Request, values: dict[str, Any], programme: dict[str, Any], **more: Any) -> Response:
    return page(request, "rounds/form.html", values=values, programme=programme, **more)
