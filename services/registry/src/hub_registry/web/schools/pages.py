"""Schools and their progress in a round."""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.inputs.looking import GOOD_FOR_S, Look, look
from hub_registry.progress import repository as progress
from hub_registry.progress.repository import SchoolProgress
from hub_registry.rounds import repository as rounds
from hub_registry.rounds.model import Round, RoundState
from hub_registry.schools import repository as schools
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page
from hub_registry.web.route import PageRoute, Tx
from hub_schemas.ids import RoundId

router = APIRouter(route_class=PageRoute)
AT_ONCE: Final = 50
MOST_ROUNDS: Final = 50
SHOWS: Final[Mapping[str, str]] = {
    "all": "All schools",
    "missing": "Not submitted yet",
    "submitted": "Submitted",
    "consent": "With parents who have not answered",
    "troubled": "With students who have no choice that can work",
}
_KEEPS: Final[Mapping[str, Callable[[SchoolProgress], bool]]] = {
    "missing": lambda one: one.submitted_at is None and one.students > one.refused,
    "submitted": lambda one: one.submitted_at is not None,
    "consent": lambda one: one.unanswered > 0,
}


@router.get("/schools")
async def list_schools(
    request: Request,
    tx: Tx,
    _: Coordinator,
    *,
    round_id: UUID | None = None,
    show: str = "all",
    words: str = "",
    number: int = 1,
) -> Response:
    """List the hub's schools with their progress in a round: the one asked for, else an open one, else the newest."""
    choices = await rounds.list_newest(tx.conn, before=None, limit=MOST_ROUNDS)
    round_ = await rounds.load_round(tx.conn, RoundId(round_id)) if round_id else _usual(choices)
    if round_ is None:
        found = await schools.load_schools(tx.conn, after="", limit=1000)
        return page(request, "schools/plain.html", schools=found)
    show = show if show in SHOWS else "all"
    seen: Look | None = None
    troubled: dict[str, int] = {}
    if show == "troubled":
        seen = await look(tx, round_, good_for_s=0 if request.query_params.get("look") == "again" else GOOD_FOR_S)
        troubled = seen.missing.troubled()
    folded = words.replace("\x00", "").strip()[:100]
    listed = [
        one
        for one in await progress.load_schools(tx.conn, round_)
        if _is_shown(one, show, troubled) and folded.casefold() in f"{one.name} {one.school_id} {one.la}".casefold()
    ]
    last = max(1, -(-len(listed) // AT_ONCE))
    number = min(max(number, 1), last)
    return page(
        request,
        "schools/list.html",
        schools=listed[(number - 1) * AT_ONCE : number * AT_ONCE],
        total=len(listed),
        round=round_,
        rounds=choices,
        show=show,
        shows=SHOWS,
        words=folded,
        number=number,
        last=last,
        troubled=troubled,
        look=seen,
        again=f"/schools?{urlencode({'round_id': round_.round_id, 'show': show, 'words': folded, 'look': 'again'})}",
    )


def _is_shown(one: SchoolProgress, show: str, troubled: Mapping[str, int]) -> bool:
    if show == "troubled":
        return one.school_id in troubled
    return show not in _KEEPS or _KEEPS[show](one)


def _usual(choices: list[Round]) -> Round | None:
    opened = [one for one in choices if one.state is RoundState.OPEN]
    return next(iter([*opened, *choices]), None)
