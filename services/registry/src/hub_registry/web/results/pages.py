"""A school's results: who is placed where, why this and why not better; letters."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal
from hub_registry.audit.views import students_seen
from hub_registry.errors import RoundNotKnown, StudentNotKnown
from hub_registry.placements import of_school
from hub_registry.placements.repository import load_slots
from hub_registry.placements.telling import Told, journey, slots_named, told
from hub_registry.rounds.model import Round
from hub_registry.rounds.repository import load_round
from hub_registry.schools.repository import load_school
from hub_registry.travel.repository import load_seen
from hub_registry.travel.telling import Doubted
from hub_registry.web.only import Adviser
from hub_registry.web.page import page, redirect
from hub_registry.web.paging import Pages
from hub_registry.web.results.asked import Asked
from hub_registry.web.route import PageRoute, Tx
from hub_registry.web.students.school import rounds_of, school_of
from hub_schemas.ids import RoundId, RunId

router = APIRouter(route_class=PageRoute, prefix="/results")


@router.get("")
async def show_latest(request: Request, tx: Tx, me: Adviser) -> Response:
    """Go to the latest results; say so while there are none."""
    published = (await rounds_of(tx)).published
    if published is None:
        return page(request, "results/none.html")
    return redirect(request, f"/results/{published.round_id}")


@router.get("/{round_id}")
async def show_results(request: Request, tx: Tx, me: Adviser, round_id: UUID) -> Response:
    """List the school's students with where they go, a page at a time."""
    run_id, listed = await _listed(request, tx, me, round_id, seen_on="results")
    everybody = await of_school.count(tx.conn, run_id, school_of(me))
    return page(request, "results/list.html", everybody=everybody, **listed)


@router.get("/{round_id}/letters")
async def show_letters(request: Request, tx: Tx, me: Adviser, round_id: UUID) -> Response:
    """Show letters to take home, one student a sheet of paper."""
    _, listed = await _listed(request, tx, me, round_id, seen_on="letters")
    school = await load_school(tx.conn, school_of(me))
    return page(request, "results/letters.html", me_name=me.name, school=school, **listed)


@router.get("/{round_id}/students/{student_id}")
async def show_result(request: Request, tx: Tx, me: Adviser, round_id: UUID, student_id: UUID) -> Response:
    """Show one student's result with the reasons."""
    round_, run_id = await _published(tx, round_id)
    result = await _one(tx, me, run_id, student_id)
    return page(request, "results/student.html", round=round_, result=result)


async def _listed(
    request: Request, tx: Transaction, me: Principal, round_id: UUID, *, seen_on: str
) -> tuple[RunId, dict[str, Any]]:
    """Read a page of the results that the address asks for; its students count as seen."""
    round_, run_id = await _published(tx, round_id)
    asked = Asked.of(request.query_params)
    counted = await of_school.count(tx.conn, run_id, school_of(me), placed=asked.placed, text=asked.text)
    results = await of_school.load_page(
        tx.conn, run_id, school_of(me), page=asked.page, placed=asked.placed, text=asked.text
    )
    await students_seen(tx, me, [one["student_id"] for one in results], page=seen_on)
    pages = Pages(counted["students"], asked.page, size=of_school.PER_PAGE)
    return run_id, {
        "round": round_,
        "asked": asked,
        "counted": counted,
        "results": await _told(tx, me, results),
        "pagination": pages.links(request.url.path, asked.values),
    }


async def _one(tx: Transaction, me: Principal, run_id: RunId, student_id: UUID) -> dict[str, Any]:
    results = await of_school.load_page(tx.conn, run_id, school_of(me), student_id=student_id)
    if not results:
        raise StudentNotKnown("there is no such student in these results")
    await students_seen(tx, me, [student_id], page="results")
    return (await _told(tx, me, results))[0]


async def _published(tx: Transaction, round_id: UUID) -> tuple[Round, RunId]:
    """Find a round whose result is out; one whose result is not looks like one that is not there."""
    round_ = await load_round(tx.conn, RoundId(round_id))
    if round_.published_run_id is None:
        raise RoundNotKnown("nothing is published of this round")
    return round_, round_.published_run_id


async def _told(tx: Transaction, me: Principal, results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put each result into words: slots by their titles, and times that an adviser set called so."""
    explained = [told(one["body"]) for one in results]
    slots = await load_slots(tx.conn, slots_named(explained))
    doubted = Doubted(await load_seen(tx.conn))
    school = await load_school(tx.conn, school_of(me))
    return [
        _one_told(one, why, slots, doubted, home=one["home_postcode"] or school["postcode"])
        for one, why in zip(results, explained, strict=True)
    ]


def _one_told(
    one: dict[str, Any], why: Told, slots: Mapping[str, Any], doubted: Doubted, *, home: str
) -> dict[str, Any]:
    missed = [(each, slots.get(each.slot_id)) for each in why.missed]
    places = []
    for place in one["places"]:
        said = doubted.of_time(home, place["postcode"], mode=place["mode_used"], minutes=place["minutes"])
        places.append({**place, "journey": journey(place), "time": said or ("estimate" if why.estimate else "")})
    return {
        **one,
        "text": why.text,
        "missed": [
            (each, slot, doubted.of_journey(home, slot["postcode"]) if slot and each.of_time else "")
            for each, slot in missed
        ],
        "places": places,
        "standing": [place for place in places if not place["withdrawn"]],
    }
