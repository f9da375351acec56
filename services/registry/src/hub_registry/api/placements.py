"""Placements, the unplaced, explanations and summaries."""

import json
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from hub_registry.access.principal import Role
from hub_registry.api.fields import cursor_id
from hub_registry.api.page import After, Limit, Page
from hub_registry.api.problem import RESPONSES
from hub_registry.api.route import Caller, ScopedRoute, Tx
from hub_registry.errors import Finding, Invalid, RoundNotPublished, RunNotSolved
from hub_registry.placements import repository, service
from hub_registry.placements.service import Summary
from hub_registry.rounds import repository as rounds
from hub_registry.runs import repository as runs
from hub_schemas.ids import RoundId, RunId

router = APIRouter(route_class=ScopedRoute, tags=["placements"], responses=RESPONSES)


class Placed(BaseModel):
    """A placement as the student's school and the hub see it."""

    student_id: UUID
    school_id: str
    mis_id: str
    first_name: str
    last_name: str
    slot_id: UUID
    slot_ref: str
    title: str
    dates: str
    employer_id: UUID
    employer: str
    rank: int | None = Field(description="Among the student's choices that entered the round; null: an unranked pin")
    minutes: int = Field(description="One way")
    mode_used: str = Field(description="Blank when virtual")
    explanation: dict[str, Any] | None = Field(description="Why this slot, and what stood in the way of better ones")


class Hosted(BaseModel):
    """A placement as its employer sees it: who comes, and what they need on site."""

    student_id: UUID
    first_name: str
    year_group: int
    access_needs: list[str]
    slot_id: UUID
    slot_ref: str
    title: str
    dates: str


class Unplaced(BaseModel):
    """A student without a place, as their school and the hub see it."""

    student_id: UUID
    school_id: str
    mis_id: str
    first_name: str
    last_name: str
    reason: str
    explanation: dict[str, Any] | None


class Explained(BaseModel):
    """One line of the explanations: of a student, or of a slot with empty seats."""

    place: int
    student_id: UUID | None
    body: dict[str, Any]


@router.get("/rounds/{round_id}/placements", summary="List the placements that stand")
async def list_placements(
    tx: Tx, caller: Caller, round_id: UUID, limit: Limit = 100, after: After = None
) -> Page[Placed] | Page[Hosted]:
    """An adviser sees their own school's with rank and reasons, an employer who comes to its slots, the hub all."""
    run_id = await standing_run(tx, round_id)
    caller.must_be(Role.ADVISER, Role.EMPLOYER, Role.HUB)
    if caller.role is Role.EMPLOYER:
        hosted = await repository.load_hosted(tx.conn, run_id, after=_pair(after), limit=limit + 1)
        return Page[Hosted](items=[Hosted(**row) for row in hosted[:limit]], next=_next(hosted, limit))
    return await _placed(tx, run_id, limit=limit, after=after)


@router.get("/rounds/{round_id}/unplaced", summary="List who has no place in what stands")
async def list_unplaced(
    tx: Tx, caller: Caller, round_id: UUID, limit: Limit = 100, after: After = None
) -> Page[Unplaced]:
    """An adviser sees their own school's, the hub all; each with the reason."""
    run_id = await standing_run(tx, round_id)
    caller.must_be(Role.ADVISER, Role.HUB)
    return await _unplaced(tx, run_id, limit=limit, after=after)


@router.get("/rounds/{round_id}/summary", summary="Summarise what stands")
async def show_summary(tx: Tx, caller: Caller, round_id: UUID) -> Summary:
    """Counts by rank, minutes, unplaced by reason and by school, of the run that stands (hub)."""
    run_id = await standing_run(tx, round_id)
    caller.must_be(Role.HUB)
    return await service.summarise(tx, run_id)


@router.get("/runs/{run_id}/summary", summary="Summarise a run's result")
async def show_run_summary(tx: Tx, run_id: UUID) -> Summary:
    """The same of any run with a result, before anybody approves it (hub)."""
    return await service.summarise(tx, await with_result(tx, run_id))


@router.get("/runs/{run_id}/placements", summary="List a run's placements")
async def list_run_placements(tx: Tx, run_id: UUID, limit: Limit = 100, after: After = None) -> Page[Placed]:
    """List the placements of any run with a result (hub)."""
    return await _placed(tx, await with_result(tx, run_id), limit=limit, after=after)


@router.get("/runs/{run_id}/unplaced", summary="List who has no place in a run")
async def list_run_unplaced(tx: Tx, run_id: UUID, limit: Limit = 100, after: After = None) -> Page[Unplaced]:
    """List the unplaced of any run with a result (hub)."""
    return await _unplaced(tx, await with_result(tx, run_id), limit=limit, after=after)


@router.get("/runs/{run_id}/explanations", summary="List a run's explanations")
async def list_explanations(tx: Tx, run_id: UUID, limit: Limit = 100, after: After = None) -> Page[Explained]:
    """List the explanations of a run: each student's, then why seats stay empty (hub)."""
    known = await with_result(tx, run_id)
    rows = await repository.load_explanations(tx.conn, known, after=place_after(after), limit=limit + 1)
    items = [Explained(**{**row, "body": json.loads(row["body"])}) for row in rows[:limit]]
    return Page[Explained](items=items, next=str(items[-1].place) if len(rows) > limit else None)


async def standing_run(tx: Tx, round_id: UUID) -> RunId:
    """Find the run that stands; raises RoundNotKnown, RoundNotPublished."""
    round_ = await rounds.load_round(tx.conn, RoundId(round_id))
    if round_.published_run_id is None:
        raise RoundNotPublished(f"the round is {round_.state}: nothing has been published yet", state=round_.state)
    return RunId(round_.published_run_id)


async def with_result(tx: Tx, run_id: UUID) -> RunId:
    """Find a run whose result is here; raises RunNotKnown, RunNotSolved."""
    run = await runs.load_run(tx.conn, RunId(run_id))
    if run.solved_at is None:
        raise RunNotSolved(f"the run is {run.state} and has no result", state=run.state)
    return run.run_id


async def _placed(tx: Tx, run_id: RunId, *, limit: int, after: str | None) -> Page[Placed]:
    rows = await repository.load_placed(tx.conn, run_id, after=_pair(after), limit=limit + 1)
    return Page[Placed](items=[Placed(**_explained(row)) for row in rows[:limit]], next=_next(rows, limit))


async def _unplaced(tx: Tx, run_id: RunId, *, limit: int, after: str | None) -> Page[Unplaced]:
    rows = await repository.load_unplaced(tx.conn, run_id, after=cursor_id(after), limit=limit + 1)
    return Page[Unplaced](items=[Unplaced(**_explained(row)) for row in rows[:limit]], next=_next(rows, limit))


def _explained(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "explanation": json.loads(row["explanation"]) if row["explanation"] else None}


def _next(rows: list[dict[str, Any]], limit: int) -> str | None:
    return str(rows[limit - 1]["cursor"]) if len(rows) > limit else None


def _pair(after: str | None) -> tuple[UUID, UUID] | None:
    if after is None:
        return None
    student, _, slot = after.partition(".")
    return cursor_id(student), cursor_id(slot)


def place_after(after: str | None) -> int:
    """Read a cursor that is a place in a list; raises Invalid."""
    if after is None:
        return -1
    if not after.isdecimal() or len(after) > 9:
        raise Invalid("the cursor is not one of ours", [Finding(field="after", message="is no cursor")])
    return int(after)
