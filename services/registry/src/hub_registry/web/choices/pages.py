"""A student's choices: the ordered list, and the search for slots with why each may or may not be had."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_chassis.transaction import Transaction
from hub_registry.eligibility import search
from hub_registry.eligibility.map import Map, draw
from hub_registry.eligibility.market import Judged
from hub_registry.eligibility.service import demand, judge_all
from hub_registry.errors import Invalid, RoundNotKnown
from hub_registry.preferences import choosing
from hub_registry.preferences.ranking import mark
from hub_registry.rounds.model import Round
from hub_registry.web.attempt import attempt
from hub_registry.web.choices import searching
from hub_registry.web.home.adviser import takes_preferences
from hub_registry.web.only import Adviser
from hub_registry.web.page import page, redirect
from hub_registry.web.paging import Pages
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.signing_in.addresses import own_page
from hub_registry.web.students.school import rounds_of, student_of
from hub_schemas.ids import StudentId

router = APIRouter(route_class=PageRoute, prefix="/students/{student_id}")

ON_MAP: Final = 150
"""Slots on the map: the nearest of those found."""
BANDS: Final[Mapping[str, str]] = {
    "low": "fewer than seats",
    "even": "about as many as seats",
    "more": "more than seats",
    "much_more": "much more than seats",
}
KEPT_OUT: Final[Mapping[str, str]] = {
    "withdrawn": "the employer has withdrawn it",
    "employer_not_verified": "the hub has not verified the employer yet",
    "verification_ends_before": "the hub's check of the employer ends before its last day",
    "insurance_unknown": "the employer's insurance is not known yet",
    "insurance_ends_before": "the employer's insurance ends before its last day",
}
SAID: Final[Mapping[str, str]] = {
    "add": "Added as the last choice.",
    "remove": "Removed from the choices.",
    "up": "Moved up.",
    "down": "Moved down.",
    "tie": "Now as good as the choice above.",
}


@router.get("/choices")
async def show_choices(request: Request, tx: Tx, me: Adviser, student_id: UUID) -> Response:
    """Show the list in order, each slot with whether it can work."""
    student = await student_of(tx, me, student_id, on="choices")
    round_ = _round((await rounds_of(tx)).current)
    judged = await judge_all(tx, round_, student)
    groups = await choosing.list_of(tx, round_, StudentId(student_id))
    ranked = [slot for group in groups for slot in group]
    return page(
        request,
        "choices/list.html",
        student=student,
        round=round_,
        takes=takes_preferences(round_, at=datetime.now(UTC)),
        rows=_rows(groups, judged),
        mark=mark(groups),
        bands=await _bands(tx, round_),
        map=_map(judged, [judged.market.place[slot] for slot in ranked if slot in judged.market.place]),
        labels=_labels(groups, judged),
    )


@router.post("/choices")
async def change_choices(request: Request, tx: Tx, me: Adviser, student_id: UUID, form: Sent) -> Response:
    """Take one step on the list (``do`` is "up:" and a slot), or take an order as it was dragged."""
    await student_of(tx, me, student_id, on="choices")
    round_ = (await rounds_of(tx)).current
    what, _, slot = form.text("do").partition(":")
    back = own_page(form.text("back") or f"/students/{student_id}/choices")
    async with attempt(tx):
        if what == "order":
            text, was = form.text("order"), form.text("was")
            await choosing.order(tx, round_, StudentId(student_id), text, was=was, by=me.staff_id)
            return redirect(request, back, said="The new order is kept.")
        await choosing.step(tx, round_, StudentId(student_id), what=what, slot=slot, by=me.staff_id)
    # Whoever orders by keyboard goes on where they are: the row's buttons are what comes next.
    there = f"#choice-{slot}" if what in {"up", "down", "tie"} else ""
    return redirect(request, back + there, said=SAID[what])


@router.get("/slots")
async def find_slots(request: Request, tx: Tx, me: Adviser, student_id: UUID) -> Response:
    """Search the round's slots for one student, a page at a time."""
    student = await student_of(tx, me, student_id, on="choices")
    round_ = _round((await rounds_of(tx)).current)
    asked = searching.read(request.query_params)
    judged = await judge_all(tx, round_, student)
    found = search.seek(judged, asked.sought)
    groups = await choosing.list_of(tx, round_, StudentId(student_id))
    first = (asked.page - 1) * search.PER_PAGE
    path = f"/students/{student_id}/slots"
    return page(
        request,
        "choices/search.html",
        refused=Invalid("there is a problem", asked.findings) if asked.findings else None,
        student=student,
        round=round_,
        takes=takes_preferences(round_, at=datetime.now(UTC)),
        asked=asked,
        here=f"{path}?{asked.address(page=asked.page)}",
        verdicts=[judged.verdict(at) for at in found[first : first + search.PER_PAGE]],
        total=len(found),
        of=len(judged.pairs),
        possible=int(judged.feasible.sum()),
        ranks={slot: rank for rank, group in enumerate(groups, 1) for slot in group},
        bands=await _bands(tx, round_),
        pagination=Pages(len(found), asked.page, size=search.PER_PAGE).links(path, asked.values),
        choices=search.choices_of(judged),
        map=_map(judged, found),
        most_on_map=ON_MAP,
    )


def _round(round_: Round | None) -> Round:
    if round_ is None:
        raise RoundNotKnown("no round is open yet: slots can be chosen once the hub opens one")
    return round_


def _rows(groups: list[list[str]], judged: Judged) -> list[dict[str, Any]]:
    """Give what the list shows of each choice, best first."""
    market = judged.market
    return [
        {
            "slot_id": slot,
            "rank": rank,
            "tied": place > 0,
            "verdict": judged.verdict(market.place[slot]) if slot in market.place else None,
            "why_not": KEPT_OUT.get(market.kept_out.get(slot, ""), "it is not among the round's slots"),
        }
        for rank, group in enumerate(groups, 1)
        for place, slot in enumerate(group)
    ]


def _labels(groups: list[list[str]], judged: Judged) -> dict[str, str]:
    """Give the ranks of the choices at each postcode, as the map writes them: "1, 3"."""
    market = judged.market
    ranks: dict[str, list[str]] = {}
    for rank, group in enumerate(groups, 1):
        for slot in group:
            if slot in market.place:
                ranks.setdefault(market.cards[market.place[slot]].postcode, []).append(str(rank))
    return {postcode: ", ".join(dict.fromkeys(found)) for postcode, found in ranks.items()}


def _map(judged: Judged, found: list[int]) -> Map | None:
    """Draw where the nearest of the slots found lie; further ones would make the page too large."""
    cards, able = judged.market.cards, judged.feasible
    home = judged.home_at.get(judged.homes[0]) if judged.homes else None
    nearest = [(cards[at].postcode, bool(able[at])) for at in found[:ON_MAP]]
    return draw(nearest, judged.market.where, home)


async def _bands(tx: Transaction, round_: Round) -> dict[str, str]:
    return {slot: BANDS[band] for slot, band in (await demand(tx, round_.round_id)).items()}
