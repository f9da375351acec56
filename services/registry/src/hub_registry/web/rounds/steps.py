"""A round's steps, each asked for first on a page that says what it takes and what follows: open, close, cancel, …"""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.errors import Conflict, Finding, Invalid
from hub_registry.inputs.looking import GOOD_FOR_S, look
from hub_registry.rounds import repository, service
from hub_registry.rounds.model import Round
from hub_registry.schools import repository as schools
from hub_registry.web.attempt import attempt
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page, redirect
from hub_registry.web.rounds.forms import CANCEL_REASONS
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_schemas.ids import RoundId

router = APIRouter(route_class=PageRoute)


@router.get("/rounds/{round_id}/missing")
async def show_missing(request: Request, tx: Tx, _: Coordinator, round_id: UUID) -> Response:
    """Say what is missing before the round closes."""
    return await _step(request, tx, await _round(tx, round_id), "missing")


@router.get("/rounds/{round_id}/open")
async def ask_to_open(request: Request, tx: Tx, _: Coordinator, round_id: UUID) -> Response:
    """Say what opening means."""
    return await _step(request, tx, await _round(tx, round_id), "open")


@router.post("/rounds/{round_id}/open")
async def open_round(request: Request, tx: Tx, _: Coordinator, round_id: UUID, form: Sent) -> Response:
    """Open a draft."""
    round_ = await _round(tx, round_id)
    try:
        async with attempt(tx):
            await service.open_round(tx, round_.round_id)
    except (Invalid, Conflict) as refused:
        return await _step(request, tx, round_, "open", refused=refused)
    return redirect(request, f"/rounds/{round_id}", said="The round is open: schools can enter preferences.")


@router.get("/rounds/{round_id}/close")
async def ask_to_close(request: Request, tx: Tx, _: Coordinator, round_id: UUID) -> Response:
    """Say what is missing, and what closing means."""
    return await _step(request, tx, await _round(tx, round_id), "close")


@router.post("/rounds/{round_id}/close")
async def close_round(request: Request, tx: Tx, _: Coordinator, round_id: UUID, form: Sent) -> Response:
    """Close a round now."""
    round_ = await _round(tx, round_id)
    try:
        async with attempt(tx):
            await service.close_round(tx, round_.round_id)
    except Conflict as refused:
        return await _step(request, tx, round_, "close", refused=refused)
    return redirect(request, f"/rounds/{round_id}", said="The round is closed and its input is frozen.")


@router.get("/rounds/{round_id}/cancel")
async def ask_to_cancel(request: Request, tx: Tx, _: Coordinator, round_id: UUID) -> Response:
    """Ask for the reason."""
    return _cancelling(request, await _round(tx, round_id), "")


@router.post("/rounds/{round_id}/cancel")
async def cancel_round(request: Request, tx: Tx, _: Coordinator, round_id: UUID, form: Sent) -> Response:
    """Cancel a round that has not been published."""
    round_ = await _round(tx, round_id)
    reason = form.text("reason")
    if reason not in CANCEL_REASONS:
        chosen = Invalid("there is a problem", [Finding("choose a reason", field="reason")])
        return _cancelling(request, round_, reason, refused=chosen)
    try:
        async with attempt(tx):
            await service.cancel_round(tx, round_.round_id, reason)
    except Conflict as refused:
        return _cancelling(request, round_, reason, refused=_said(refused), status=409)
    return redirect(request, f"/rounds/{round_id}", said="The round was cancelled.")


@router.get("/rounds/{round_id}/freeze")
async def ask_to_freeze(request: Request, tx: Tx, _: Coordinator, round_id: UUID) -> Response:
    """Say what freezing anew means."""
    return await _step(request, tx, await _round(tx, round_id), "freeze")


@router.post("/rounds/{round_id}/freeze")
async def freeze(request: Request, tx: Tx, _: Coordinator, round_id: UUID, form: Sent) -> Response:
    """Freeze what stands now in the place of what was frozen."""
    round_ = await _round(tx, round_id)
    try:
        async with attempt(tx):
            await service.revise_input(tx, round_.round_id)
    except Conflict as refused:
        return await _step(request, tx, round_, "freeze", refused=refused)
    return redirect(
        request, f"/rounds/{round_id}", said="The input was frozen anew: runs asked for from now on use it."
    )


async def _round(tx: Tx, round_id: UUID) -> Round:
    return await repository.load_round(tx.conn, RoundId(round_id))


async def _step(
    request: Request, tx: Tx, round_: Round, step: str, *, refused: Invalid | Conflict | None = None
) -> Response:
    seen = await look(tx, round_, good_for_s=0 if request.query_params.get("look") == "again" else GOOD_FOR_S)
    names = {row["school_id"]: row["name"] for row in await schools.load_schools(tx.conn, after="", limit=10_000)}
    said = _said(refused) if refused else None
    return page(
        request,
        f"rounds/{step}.html",
        round=round_,
        look=seen,
        missing=seen.missing,
        again=f"/rounds/{round_.round_id}/{step}?look=again",
        schools=names,
        refused=said,
        status=409 if isinstance(refused, Conflict) else 200,
    )


def _said(refused: Invalid | Conflict) -> Invalid:
    if isinstance(refused, Invalid):
        return refused
    lines = [Finding(one["message"]) for one in refused.facts.get("errors", [])[:20]]
    return Invalid(refused.detail, [Finding(refused.detail), *lines])


def _cancelling(
    request: Request, round_: Round, chosen: str, *, refused: Invalid | None = None, status: int | None = None
) -> Response:
    return page(
        request,
        "rounds/cancel.html",
        round=round_,
        reasons=CANCEL_REASONS,
        chosen=chosen,
        refused=refused,
        status=status,
    )
