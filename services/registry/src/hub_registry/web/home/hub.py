"""The hub's home: where each round stands, and what to do next."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from fastapi import Request
from starlette.responses import Response

from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal
from hub_registry.doubles.service import suspect
from hub_registry.employers import checks
from hub_registry.pictures.model import Picture
from hub_registry.pictures.service import demand_of_round
from hub_registry.progress import repository as progress
from hub_registry.rounds import repository as rounds
from hub_registry.rounds.countdown import countdown
from hub_registry.rounds.model import Round, RoundState
from hub_registry.web.page import page
from hub_registry.web.words import plural

SHOWN: Final = 20
_OVER: Final = (RoundState.SETTLED, RoundState.CANCELLED)


@dataclass(frozen=True, slots=True)
class InHand:
    """A round that is not over, and how far its schools are."""

    round: Round
    left: str
    schools: int
    submitted: int
    demand: Picture | None = None
    """What is wanted beside what is offered, while schools and employers can still do something about it."""


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing to do next, and where."""

    text: str
    href: str


async def show(request: Request, tx: Transaction, me: Principal) -> Response:
    """Show the hub what needs doing."""
    found = [one for one in await rounds.list_newest(tx.conn, before=None, limit=SHOWN) if one.state not in _OVER]
    in_hand = [await _in_hand(tx, one) for one in found]
    return page(request, "home/hub.html", in_hand=in_hand, todos=await _todos(tx, in_hand))


async def _in_hand(tx: Transaction, round_: Round) -> InHand:
    left = countdown(round_.closes_at, now=datetime.now(UTC))
    if round_.state is not RoundState.OPEN:
        return InHand(round_, left, 0, 0)
    schools = [one for one in await progress.load_schools(tx.conn, round_) if one.students > one.refused]
    return InHand(
        round_,
        left,
        len(schools),
        sum(1 for one in schools if one.submitted_at),
        await demand_of_round(tx, round_.round_id),
    )


async def _todos(tx: Transaction, in_hand: list[InHand]) -> list[ToDo]:
    todos = []
    for run in await progress.load_to_decide(tx.conn):
        what = "Publish" if run.state == "approved" else "Look at and approve"
        todos.append(ToDo(f"{what} a run of {run.name}", f"/runs/{run.run_id}"))
    todos += [_withdrawn(one) for one in await progress.load_withdrawn_by_round(tx.conn)]
    for one in in_hand:
        here = f"/rounds/{one.round.round_id}"
        if one.round.closing_failed:
            todos.append(ToDo(f"{one.round.name} could not be closed: see why", here))
        if one.round.state is RoundState.DRAFT:
            todos.append(ToDo(f"Open {one.round.name}", f"{here}/open"))
        if missing := one.schools - one.submitted:
            todos.append(ToDo(f"{one.round.name}: {plural(missing, 'school has', 'schools have')} not submitted", here))
        if one.round.state is RoundState.CLOSED:
            todos.append(ToDo(f"Ask for a run of {one.round.name}", f"{here}/runs"))
    employers = await checks.load_counts(tx.conn)
    if employers["waiting"]:
        todos.append(
            ToDo(f"{plural(employers['waiting'], 'employer waits', 'employers wait')} for verification", "/employers")
        )
    if employers["ending"]:
        who = plural(employers["ending"], "employer")
        soon = f"Look again at {who} whose check or insurance ends within {checks.ENDING_WITHIN_DAYS} days"
        todos.append(ToDo(soon, "/employers?show=ending"))
    if doubles := len(await suspect(tx)):
        words = plural(doubles, "pair of employers looks", "pairs of employers look")
        todos.append(ToDo(f"{words} like one entered twice", "/doubles"))
    return todos


def _withdrawn(of: progress.WithdrawnOfRound) -> ToDo:
    who = plural(of.students, "student is", "students are")
    return ToDo(f"{of.name}: {who} placed where the employer has withdrawn since", f"/rounds/{of.round_id}/runs/change")
