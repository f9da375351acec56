"""Programmes of the hub."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.errors import AlreadyExists, Finding, Invalid, Stale
from hub_registry.programmes import repository, service
from hub_registry.rounds import repository as rounds
from hub_registry.web.attempt import attempt
from hub_registry.web.forms import Form
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page, redirect
from hub_registry.web.programmes import forms
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.stale import differences
from hub_schemas.ids import ProgrammeId

router = APIRouter(route_class=PageRoute)
MOST = 200


@router.get("/programmes")
async def list_programmes(request: Request, tx: Tx, _: Coordinator) -> Response:
    """List the hub's programmes."""
    rows = await repository.load_programmes(tx.conn, after=UUID(int=0), limit=MOST)
    return page(request, "programmes/list.html", programmes=rows)


@router.get("/programmes/new")
async def show_new(request: Request, _: Coordinator) -> Response:
    """Offer the form of a new programme."""
    return _form(request, forms.blank())


@router.post("/programmes/new")
async def make(request: Request, tx: Tx, _: Coordinator, form: Sent) -> Response:
    """Set up a programme."""
    try:
        values = forms.read(form, stored_points={})
        async with attempt(tx):
            made = await service.make_programme(tx, values)
    except (Invalid, AlreadyExists) as refused:
        return _form(request, _as_sent(form), refused=_invalid(refused))
    return redirect(request, f"/programmes/{made['programme_id']}", said=f"{made['name']} was set up.")


@router.get("/programmes/{programme_id}")
async def show(request: Request, tx: Tx, _: Coordinator, programme_id: UUID) -> Response:
    """Show one programme with its rounds."""
    row = await repository.load_programme(tx.conn, programme_id)
    of_it = await rounds.list_of_programme(tx.conn, ProgrammeId(programme_id))
    counts = await repository.count_slots(tx.conn, programme_id)
    return page(request, "programmes/show.html", programme=row, rounds=of_it, slots=counts, needs=forms.NEEDS)


@router.get("/programmes/{programme_id}/edit")
async def show_change(request: Request, tx: Tx, _: Coordinator, programme_id: UUID) -> Response:
    """Offer the form of a programme as it is."""
    row = await repository.load_programme(tx.conn, programme_id)
    return _form(request, {**forms.filled(row), "version": row["version"]}, programme=row)


@router.post("/programmes/{programme_id}/edit")
async def change(request: Request, tx: Tx, _: Coordinator, programme_id: UUID, form: Sent) -> Response:
    """Change a programme; if somebody else did meanwhile, show both."""
    stored = await repository.load_programme(tx.conn, programme_id)
    try:
        values = forms.read(form, stored_points=stored["support_points"])
        async with attempt(tx):
            await service.change_programme(tx, programme_id, values, if_match=form.text("version"))
    except (Invalid, AlreadyExists) as refused:
        return _form(request, _as_sent(form), programme=stored, refused=_invalid(refused))
    except Stale:
        differing = differences(forms.plain(stored), forms.plain(values), forms.LABELS)
        again = {**_as_sent(form), "version": stored["version"]}
        return _form(request, again, programme=stored, status=409, differing=differing)
    return redirect(request, f"/programmes/{programme_id}", said="The programme was changed.")


def _as_sent(form: Form) -> dict[str, Any]:
    return {**form.values(), "year_groups": form.many("year_groups")}


def _invalid(refused: Invalid | AlreadyExists) -> Invalid:
    if isinstance(refused, Invalid):
        return refused
    return Invalid(refused.detail, [Finding(refused.detail, code="exists", field="name")])


def _form(request: Request, values: dict[str, Any], **more: Any) -> Response:
    return page(request, "programmes/form.html", values=values, needs=forms.NEEDS, **more)
