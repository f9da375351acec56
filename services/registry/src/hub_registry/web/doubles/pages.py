"""Suspected double employers."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.doubles import repository, service
from hub_registry.doubles.model import Known, compare
from hub_registry.employers.repository import load_employer
from hub_registry.errors import Conflict, Finding, Invalid, Stale
from hub_registry.web.attempt import attempt
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Sent, Tx

router = APIRouter(route_class=PageRoute)
AT_ONCE: Final = 50
MOST_MERGES: Final = 50


@router.get("/doubles")
async def list_doubles(request: Request, tx: Tx, _: Coordinator) -> Response:
    """List the pairs that look like one employer, and what was merged."""
    found = await service.suspect(tx)
    names = {one.employer_id: one for one in await repository.load_known(tx.conn)}
    merges = await repository.load_merges(tx.conn, limit=MOST_MERGES)
    return page(request, "doubles/list.html", pairs=found[:AT_ONCE], total=len(found), names=names, merges=merges)


@router.get("/doubles/{one_id}/{other_id}")
async def show_pair(request: Request, tx: Tx, _: Coordinator, one_id: UUID, other_id: UUID) -> Response:
    """Show two employers side by side."""
    return await _pair(request, tx, one_id, other_id)


@router.post("/doubles/{one_id}/{other_id}/merge")
async def merge(request: Request, tx: Tx, me: Coordinator, *, one_id: UUID, other_id: UUID, form: Sent) -> Response:
    """Make one of two employers."""
    ids = {str(one_id): one_id, str(other_id): other_id}
    for employer_id in ids.values():
        await load_employer(tx.conn, employer_id)
    if (kept := ids.pop(form.text("keep"), None)) is None:
        chosen = Invalid("there is a problem", [Finding("choose which one is kept", field="keep")])
        return await _pair(request, tx, one_id, other_id, refused=chosen)
    versions = {one_id: form.text("one_version"), other_id: form.text("other_version")}
    merged = next(iter(ids.values()), kept)
    try:
        async with attempt(tx):
            await service.merge(tx, kept, merged, versions=versions, by=me.staff_id, at=datetime.now(UTC))
    except (Conflict, Stale) as refused:
        said = Invalid(refused.detail, [Finding(refused.detail)])
        return await _pair(request, tx, one_id, other_id, refused=said, status=409)
    return redirect(request, "/doubles", said="The two employers are one now. You can undo it below.")


@router.post("/doubles/{one_id}/{other_id}/not-doubles")
async def say_two(request: Request, tx: Tx, me: Coordinator, *, one_id: UUID, other_id: UUID, form: Sent) -> Response:
    """Remember that the two are two."""
    await service.say_not_doubles(tx, one_id, other_id, by=me.staff_id, at=datetime.now(UTC))
    return redirect(request, "/doubles", said="Remembered: these are two employers.")


@router.post("/doubles/merges/{merge_id}/undo")
async def undo(request: Request, tx: Tx, me: Coordinator, merge_id: UUID, form: Sent) -> Response:
    """Part two employers again."""
    await service.undo(tx, merge_id, by=me.staff_id, at=datetime.now(UTC))
    return redirect(request, "/doubles", said="The merge was undone: the two are two again.")


async def _pair(
    request: Request, tx: Tx, one_id: UUID, other_id: UUID, *, refused: Invalid | None = None, status: int | None = None
) -> Response:
    sides = []
    for employer_id in (one_id, other_id):
        row = await load_employer(tx.conn, employer_id)
        moving = await repository.count_moving(tx.conn, employer_id, row["employer_ref"])
        sides.append({**row, **moving})
    one, other = (Known(side["employer_id"], side["name"], side["postcode"], side["contact_email"]) for side in sides)
    return page(request, "doubles/pair.html", sides=sides, found=compare(one, other), refused=refused, status=status)
