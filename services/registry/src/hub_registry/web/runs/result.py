"""What a run came to: its summary, and the tables behind it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from hub_registry.access.principal import Principal
from hub_registry.approvals import service as approvals
from hub_registry.approvals.looking import note_look
from hub_registry.audit.views import students_seen
from hub_registry.errors import NotKnown, RunNotSolved
from hub_registry.outcomes import groups, reasons, slots
from hub_registry.outcomes.planning import count_by_hashing
from hub_registry.outcomes.policies import differences
from hub_registry.pictures import flow, journeys, ranks
from hub_registry.pictures.kept import whole_of_run
from hub_registry.placements import repository as placements
from hub_registry.placements import service as summaries
from hub_registry.rounds import repository as rounds
from hub_registry.runs import repository
from hub_registry.runs.model import Run
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page
from hub_registry.web.paging import Pages
from hub_registry.web.route import PageRoute, Tx
from hub_registry.web.runs.words import value as policy_value
from hub_schemas.ids import RunId

router = APIRouter(route_class=PageRoute)
Number = Annotated[int, Query(alias="page", ge=1, le=100_000)]
Words = Annotated[str, Query(max_length=200)]


async def show_summary(request: Request, tx: Tx, me: Principal, run: Run) -> Response:
    """Show what a run came to."""
    await note_look(tx.conn, run, me, "summary")
    await count_by_hashing(tx.conn)
    round_ = await rounds.load_round(tx.conn, run.round_id)
    listed = await approvals.list_approvals(tx, run.run_id)
    return page(
        request,
        "runs/summary.html",
        run=run,
        round=round_,
        summary=await summaries.summarise(tx, run.run_id),
        pictures=await whole_of_run(tx, me, run.run_id, ranks.NAME, flow.NAME, journeys.NAME),
        changes=differences(round_.policy.model_dump(mode="json"), run.policy.model_dump(mode="json")),
        names=policy_value,
        approvals=listed,
        approved_by_me=any(one.staff_id == me.staff_id for one in listed),
    )


@router.get("/runs/{run_id}/schools")
async def show_schools(request: Request, tx: Tx, me: Coordinator, run_id: UUID) -> Response:
    """Show what each school's students got."""
    run = await with_result(tx, run_id)
    await note_look(tx.conn, run, me, "schools")
    schools = await placements.load_by_school(tx.conn, run.run_id)
    return page(request, "runs/schools.html", run=run, schools=schools)


@router.get("/runs/{run_id}/slots")
async def show_slots(
    request: Request, tx: Tx, me: Coordinator, *, run_id: UUID, number: Number = 1, q: Words = "", reason: Words = ""
) -> Response:
    """Show how full each slot is, and why seats stay empty."""
    run = await with_result(tx, run_id)
    await note_look(tx.conn, run, me, "slots")
    asked = Pages.at(number)
    rows = await slots.list_slots(tx.conn, run, reason=reason, words=q.strip(), limit=asked.size, offset=asked.offset)
    pages = Pages.of(rows, number)
    empty = await slots.empty_by_reason(tx.conn, run)
    return page(request, "runs/slots.html", run=run, rows=rows, pages=pages, empty=empty, q=q, reason=reason)


@router.get("/runs/{run_id}/groups")
async def show_groups(request: Request, tx: Tx, me: Coordinator, run_id: UUID) -> Response:
    """Show the outcome by group, small numbers hidden."""
    run = await with_result(tx, run_id)
    await note_look(tx.conn, run, me, "groups")
    found = await groups.by_group(tx.conn, run.run_id)
    return page(
        request, "runs/groups.html", run=run, groupings=found, outcomes=groups.OUTCOMES, threshold=groups.THRESHOLD
    )


@router.get("/runs/{run_id}/unplaced")
async def show_unplaced(
    request: Request,
    tx: Tx,
    me: Coordinator,
    *,
    run_id: UUID,
    number: Number = 1,
    reason: Words = "",
    school: Words = "",
) -> Response:
    """Show who has no place and why."""
    run = await with_result(tx, run_id)
    await note_look(tx.conn, run, me, "unplaced")
    wanted = reasons.Wanted(reason=reason, school_id=school, unplaced=True)
    rows, pages = await _found(tx, me, run, wanted, number)
    return page(
        request,
        "runs/unplaced.html",
        run=run,
        rows=rows,
        pages=pages,
        by_reason=await placements.load_reasons(tx.conn, run.run_id),
        schools=[one for one in await placements.load_by_school(tx.conn, run.run_id) if one["unplaced"]],
        reason=reason,
        school=school,
    )


@router.get("/runs/{run_id}/explanations")
async def show_explanations(
    request: Request, tx: Tx, me: Coordinator, *, run_id: UUID, number: Number = 1, q: Words = "", slot: Words = ""
) -> Response:
    """Search what students are told, by their name, MIS id, or a slot that they ranked."""
    run = await with_result(tx, run_id)
    await note_look(tx.conn, run, me, "explanations")
    slot_id = await slots.find_slot(tx.conn, run, slot.strip()) if slot.strip() else None
    unknown = bool(slot.strip()) and slot_id is None
    wanted = reasons.Wanted(words=q.strip(), slot_id=slot_id)
    rows, pages = ([], Pages(0, 1)) if unknown else await _found(tx, me, run, wanted, number)
    return page(
        request, "runs/explanations.html", run=run, rows=rows, pages=pages, q=q, slot=slot, unknown_slot=unknown
    )


@router.get("/runs/{run_id}/students/{student_id}")
async def show_student(request: Request, tx: Tx, me: Coordinator, run_id: UUID, student_id: UUID) -> Response:
    """Show what one student got in a run and why."""
    run = await with_result(tx, run_id)
    told = await reasons.load_told(tx.conn, run, student_id)
    if told is None:
        raise NotKnown("this run has nothing about such a student")
    await students_seen(tx, me, [student_id], page="run")
    return page(request, "runs/student.html", run=run, told=told)


@router.get("/runs/{run_id}/moves")
async def show_moves(request: Request, tx: Tx, me: Coordinator, *, run_id: UUID, number: Number = 1) -> Response:
    """Show who moves in a change run, from where to where."""
    run = await with_result(tx, run_id)
    await note_look(tx.conn, run, me, "moves")
    pages = Pages(int((run.report or {}).get("moves") or 0), number)
    rows = await placements.load_moves(tx.conn, run.run_id, after=pages.offset - 1, limit=pages.size)
    await students_seen(tx, me, {row["student_id"] for row in rows}, page="run")
    return page(request, "runs/moves.html", run=run, rows=rows, pages=pages)


async def with_result(tx: Tx, run_id: UUID) -> Run:
    """Read a run whose result is here; raises RunNotKnown, RunNotSolved."""
    run = await repository.load_run(tx.conn, RunId(run_id))
    if run.solved_at is None:
        raise RunNotSolved(f"the run is {run.state} and has no result", state=run.state)
    await count_by_hashing(tx.conn)
    return run


async def _found(
    tx: Tx, me: Principal, run: Run, wanted: reasons.Wanted, number: int
) -> tuple[list[reasons.Row], Pages]:
    asked = Pages.at(number)
    rows = await reasons.search(tx.conn, run, wanted, limit=asked.size, offset=asked.offset)
    await students_seen(tx, me, [row["student_id"] for row in rows], page="run")
    return rows, Pages.of(rows, number)
