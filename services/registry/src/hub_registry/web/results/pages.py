"""A school's results: who is placed where, why this and why not better; letters."""

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
from hub_registry.placements.telling import journey, slots_named, told
from hub_registry.rounds.model import Round
from hub_registry.rounds.repository import load_round
from hub_registry.schools.repository import load_school
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
    round_, run_id = await _published(tx, round_id)
    asked = Asked.of(request.query_params)
    counted = await of_school.count(tx.conn, run_id, school_of(me), placed=asked.placed, text=asked.text)
    results = await of_school.load_page(
        tx.conn, run_id, school_of(me), page=asked.page, placed=asked.placed, text=asked.text
    )
    await students_seen(tx, me, [one["student_id"] for one in results], page="results")
    path = f"/results/{round_id}"
    return page(
        request,
        "results/list.html",
        round=round_,
        asked=asked,
        counted=counted,
        everybody=await of_school.count(tx.conn, run_id, school_of(me)),
        results=await _told(tx, results),
        pagination=Pages(counted["students"], asked.page, size=of_school.PER_PAGE).links(path, asked.values),
    )


@router.get("/{round_id}/letters")
async def show_letters(request: Request, tx: Tx, me: Adviser, round_id: UUID) -> Response:
    """Show letters to take home, one student a sheet of paper."""
    round_, run_id = await _published(tx, round_id)
    asked = Asked.of(request.query_params)
    counted = await of_school.count(tx.conn, run_id, school_of(me), placed=asked.placed, text=asked.text)
    results = await of_school.load_page(
        tx.conn, run_id, school_of(me), page=asked.page, placed=asked.placed, text=asked.text
    )
    await students_seen(tx, me, [one["student_id"] for one in results], page="letters")
    path = f"/results/{round_id}/letters"
    return page(
        request,
        "results/letters.html",
        round=round_,
        asked=asked,
        me_name=me.name,
        school=await load_school(tx.conn, school_of(me)),
        total=counted["students"],
        results=await _told(tx, results),
        pagination=Pages(counted["students"], asked.page, size=of_school.PER_PAGE).links(path, asked.values),
    )


@router.get("/{round_id}/students/{student_id}")
async def show_result(request: Request, tx: Tx, me: Adviser, round_id: UUID, student_id: UUID) -> Response:
    """Show one student's result with the reasons."""
    round_, run_id = await _published(tx, round_id)
    result = await _one(tx, me, run_id, student_id)
    return page(request, "results/student.html", round=round_, result=result)


async def _one(tx: Transaction, me: Principal, run_id: RunId, student_id: UUID) -> dict[str, Any]:
    results = await of_school.load_page(tx.conn, run_id, school_of(me), student_id=student_id)
    if not results:
        raise StudentNotKnown("there is no such student in these results")
    await students_seen(tx, me, [student_id], page="results")
    return (await _told(tx, results))[0]


async def _published(tx: Transaction, round_id: UUID) -> tuple[Round, RunId]:
    """Find a round whose result is out; one whose result is not looks like one that is not there."""
    round_ = await load_round(tx.conn, RoundId(round_id))
    if round_.published_run_id is None:
        raise RoundNotKnown("nothing is published of this round")
    return round_, round_.published_run_id


async def _told(tx: Transaction, results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put each result into words, the slots named by their titles."""
    explained = [told(one["body"]) for one in results]
    slots = await load_slots(tx.conn, slots_named(explained))
    return [
        {
            **one,
            "text": why.text,
            "missed": [(missed, slots.get(missed.slot_id)) for missed in why.missed],
            "places": [{**place, "journey": journey(place)} for place in one["places"]],
        }
        for one, why in zip(results, explained, strict=True)
    ]
