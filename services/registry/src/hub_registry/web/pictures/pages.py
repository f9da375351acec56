"""Pictures of a run, for the hub; of its part of a published round, for a school."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.access.principal import Principal, Role
from hub_registry.errors import NotKnown, RunNotSolved
from hub_registry.pictures.kept import whole_of_run
from hub_registry.pictures.model import Picture
from hub_registry.pictures.service import FOR_SCHOOLS, OF_RUN, demand_of_round, of_run
from hub_registry.rounds import repository as rounds
from hub_registry.rounds.model import Round
from hub_registry.runs import repository as runs
from hub_registry.runs.model import Run
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page
from hub_registry.web.pictures.drawn import Drawn
from hub_registry.web.route import Me, PageRoute, Tx
from hub_schemas.ids import RoundId, RunId

router = APIRouter(route_class=PageRoute)


@router.get("/runs/{run_id}/pictures")
async def show_run(request: Request, tx: Tx, me: Coordinator, run_id: UUID) -> Response:
    """Show a run in pictures."""
    run = await _with_result(tx, run_id)
    round_ = await rounds.load_round(tx.conn, run.round_id)
    pictures = await whole_of_run(tx, me, run.run_id, *OF_RUN)
    return page(request, "pictures/run.html", run=run, round=round_, pictures=pictures)


@router.get("/runs/{run_id}/pictures/{name}-{width}.svg")
async def draw_run(request: Request, tx: Tx, me: Coordinator, run_id: UUID, *, name: str, width: str) -> Response:
    """Draw one picture of a run."""
    run = await _with_result(tx, run_id)
    (picture,) = await whole_of_run(tx, me, run.run_id, name)
    return Drawn(request, picture, width)


@router.get("/rounds/{round_id}/pictures")
async def show_round(request: Request, tx: Tx, me: Me, round_id: UUID) -> Response:
    """Show a published round in pictures: to a school, its own students' part."""
    round_, run_id = await _published(tx, me, round_id)
    pictures = await _seen(tx, me, run_id, *_names(me))
    return page(request, "pictures/round.html", round=round_, pictures=pictures, own=me.role is Role.ADVISER)


@router.get("/rounds/{round_id}/pictures/{name}-{width}.svg")
async def draw_round(request: Request, tx: Tx, me: Me, round_id: UUID, *, name: str, width: str) -> Response:
    """Draw one picture of a published round."""
    _, run_id = await _published(tx, me, round_id)
    if name not in _names(me):
        raise NotKnown("there is no such picture")
    (picture,) = await _seen(tx, me, run_id, name)
    return Drawn(request, picture, width)


@router.get("/rounds/{round_id}/demand/{name}-{width}.svg")
async def draw_demand(request: Request, tx: Tx, _: Coordinator, round_id: UUID, *, name: str, width: str) -> Response:
    """Draw what is wanted beside what is offered in a round, as entered so far."""
    round_ = await rounds.load_round(tx.conn, RoundId(round_id))
    picture = await demand_of_round(tx, round_.round_id)
    return Drawn(request, picture, width, name=name)


def _names(me: Principal) -> tuple[str, ...]:
    return tuple(OF_RUN) if me.role is Role.HUB else FOR_SCHOOLS


async def _seen(tx: Tx, me: Principal, run_id: RunId, *names: str) -> list[Picture]:
    """Make pictures of what the person may see of a run: all of it, or their school's part."""
    return await (whole_of_run(tx, me, run_id, *names) if me.role is Role.HUB else of_run(tx, run_id, *names))


async def _with_result(tx: Tx, run_id: UUID) -> Run:
    run = await runs.load_run(tx.conn, RunId(run_id))
    if run.solved_at is None:
        raise RunNotSolved(f"the run is {run.state} and has no result", state=run.state)
    return run


async def _published(tx: Tx, me: Principal, round_id: UUID) -> tuple[Round, RunId]:
    """Read a round whose result stands; raises NotKnown, also for who may not see it."""
    if me.role not in {Role.HUB, Role.ADVISER}:
        raise NotKnown("check the address, or go back to the home page")
    round_ = await rounds.load_round(tx.conn, RoundId(round_id))
    if round_.published_run_id is None:
        raise NotKnown("nothing is published in this round yet")
    return round_, round_.published_run_id
