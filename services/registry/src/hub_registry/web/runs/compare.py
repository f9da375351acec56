"""Two runs of a round side by side."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from hub_registry.approvals.looking import note_look
from hub_registry.audit.views import students_seen
from hub_registry.errors import NotKnown, RunNotKnown
from hub_registry.outcomes import comparing
from hub_registry.outcomes.policies import differences
from hub_registry.pictures.service import of_two
from hub_registry.placements import service as summaries
from hub_registry.rounds import repository as rounds
from hub_registry.runs.model import Run
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page
from hub_registry.web.paging import Pages
from hub_registry.web.pictures.drawn import Drawn
from hub_registry.web.route import PageRoute, Tx
from hub_registry.web.runs.result import Number, Words, with_result
from hub_registry.web.runs.words import value as policy_value
from hub_schemas.ids import RoundId

router = APIRouter(route_class=PageRoute)
Change = Annotated[str, Query(pattern="^(gains|loses|elsewhere)$")]


@router.get("/rounds/{round_id}/compare")
async def compare(request: Request, tx: Tx, me: Coordinator, *, round_id: UUID, one: UUID, other: UUID) -> Response:
    """Show what two runs of a round come to, and how many gain and lose from one to the other."""
    round_ = await rounds.load_round(tx.conn, RoundId(round_id))
    runs = await _pair(tx, round_id, one, other)
    for run in runs:
        await note_look(tx.conn, run, me, "comparison")
    changes = await comparing.count_changes(tx.conn, *runs)
    pictures = await of_two(tx, runs[0].run_id, runs[1].run_id, changes)
    summaries_ = [await summaries.summarise(tx, run.run_id) for run in runs]
    return page(
        request,
        "runs/compare.html",
        round=round_,
        one=runs[0],
        other=runs[1],
        summaries=summaries_,
        levels=_levels(*runs),
        reasons=sorted({reason for each in summaries_ for reason in each.unplaced_by_reason}),
        pictures=pictures,
        query=f"?one={one}&other={other}",
        policy=differences(*(run.policy.model_dump(mode="json") for run in runs)),
        names=policy_value,
        same_input=runs[0].input_id == runs[1].input_id,
        same_result=runs[0].result_sha256 == runs[1].result_sha256,
        changes=changes,
    )


@router.get("/rounds/{round_id}/compare/{name}-{width}.svg")
async def draw(
    request: Request, tx: Tx, _: Coordinator, *, round_id: UUID, name: str, width: str, one: UUID, other: UUID
) -> Response:
    """Draw one picture of two runs."""
    runs = await _pair(tx, round_id, one, other)
    changes = await comparing.count_changes(tx.conn, *runs)
    pictures = {each.name: each for each in await of_two(tx, runs[0].run_id, runs[1].run_id, changes)}
    if name not in pictures:
        raise NotKnown("there is no such picture")
    return Drawn(request, pictures[name], width)


@router.get("/rounds/{round_id}/compare/students")
async def compare_students(
    request: Request,
    tx: Tx,
    me: Coordinator,
    *,
    round_id: UUID,
    one: UUID,
    other: UUID,
    change: Change = "loses",
    school: Words = "",
    number: Number = 1,
) -> Response:
    """List who gains, or loses, from one run to the other."""
    runs = await _pair(tx, round_id, one, other)
    asked = Pages.at(number)
    rows = await comparing.list_changes(
        tx.conn, *runs, change=change, school_id=school, limit=asked.size, offset=asked.offset
    )
    await students_seen(tx, me, [row["student_id"] for row in rows], page="run")
    return page(
        request,
        "runs/compare_students.html",
        round_id=round_id,
        one=runs[0],
        other=runs[1],
        change=change,
        school=school,
        rows=rows,
        pages=Pages.of(rows, number),
        outcome=comparing.outcome,
    )


async def _pair(tx: Tx, round_id: UUID, *run_ids: UUID) -> tuple[Run, Run]:
    """Read two runs with a result; raises RunNotKnown also for runs of another round."""
    one, other = [await with_result(tx, run_id) for run_id in run_ids]
    if round_id not in {one.round_id} & {other.round_id}:
        raise RunNotKnown("there is no such run in this round")
    return one, other


def _levels(one: Run, other: Run) -> list[tuple[str, Any, Any]]:
    """Put the levels of two runs side by side: (name, level of the one, of the other); None where it has none."""
    reports = [{level["name"]: level for level in (run.report or {}).get("levels", ())} for run in (one, other)]
    names = [*reports[0], *(name for name in reports[1] if name not in reports[0])]
    return [(name, reports[0].get(name), reports[1].get(name)) for name in names]
