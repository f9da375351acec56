"""Who goes where in a published round, for the hub: by school and employer, and as a file."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from hub_registry.audit.views import students_seen
from hub_registry.errors import RoundNotPublished
from hub_registry.notices import repository as notices
from hub_registry.notices import service as notice_service
from hub_registry.outcomes import standing
from hub_registry.outcomes.planning import count_by_hashing
from hub_registry.rounds import repository as rounds
from hub_registry.rounds.model import Round
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page, redirect
from hub_registry.web.paging import Pages
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.runs.result import Number, Words
from hub_registry.web.tables import download
from hub_schemas.ids import RoundId, RunId

router = APIRouter(route_class=PageRoute)
Ending = Annotated[str, Path(pattern="^(csv|json)$")]


@router.get("/rounds/{round_id}/placements")
async def show_placements(
    request: Request,
    tx: Tx,
    me: Coordinator,
    *,
    round_id: UUID,
    school: Words = "",
    employer: Words = "",
    number: Number = 1,
) -> Response:
    """List the placements that stand."""
    round_, run_id = await _standing(tx, round_id)
    asked = Pages.at(number)
    rows = await standing.list_placements(
        tx.conn, run_id, school_id=school, employer=employer.strip(), limit=asked.size, offset=asked.offset
    )
    await students_seen(tx, me, {row["student_id"] for row in rows}, page="results")
    return page(
        request,
        "runs/placements.html",
        round=round_,
        rows=rows,
        pages=Pages.of(rows, number),
        schools=await standing.list_schools(tx.conn, run_id),
        school=school,
        employer=employer,
        held=await notices.is_held(tx.conn, me.hub_id),
        counts=await notice_service.counts(tx),
    )


@router.get("/rounds/{round_id}/placements.{ending}")
async def download_placements(
    request: Request,
    tx: Tx,
    me: Coordinator,
    *,
    round_id: UUID,
    ending: Ending,
    school: Words = "",
    employer: Words = "",
) -> Response:
    """Give the placements that stand, as far as the filters say, as a file."""
    _, run_id = await _standing(tx, round_id)
    rows = await standing.list_placements(tx.conn, run_id, school_id=school, employer=employer.strip())
    await students_seen(tx, me, {row["student_id"] for row in rows}, page="downloads")
    return download("placements", ending, standing.COLUMNS, rows)


@router.post("/notices/hold")
async def hold_notices(request: Request, tx: Tx, me: Coordinator, form: Sent) -> Response:
    """Let no notice of the hub go out until they are released."""
    await notice_service.set_held(tx, held=True)
    return redirect(request, _back(form.text("round")), said="No notice goes out until you release them.")


@router.post("/notices/release")
async def release_notices(request: Request, tx: Tx, me: Coordinator, form: Sent) -> Response:
    """Let the hub's notices go out again."""
    await notice_service.set_held(tx, held=False)
    return redirect(request, _back(form.text("round")), said="Notices go out again.")


def _back(asked: str) -> str:
    """Give the page of a round to go back to; anything else is the home page."""
    try:
        return f"/rounds/{UUID(asked)}/placements"
    except ValueError:
        return "/"


async def _standing(tx: Tx, round_id: UUID) -> tuple[Round, RunId]:
    round_ = await rounds.load_round(tx.conn, RoundId(round_id))
    if round_.published_run_id is None:
        raise RoundNotPublished(f"the round is {round_.state}: nothing has been published yet", state=round_.state)
    await count_by_hashing(tx.conn)
    return round_, round_.published_run_id
