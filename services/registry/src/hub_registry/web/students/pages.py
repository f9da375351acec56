"""Students: the list, one student, entering, changing, leaving."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_chassis.transaction import Transaction
from hub_registry.audit.views import students_seen
from hub_registry.eligibility.service import judge_wishes
from hub_registry.errors import AlreadyExists, Finding, Invalid, Stale
from hub_registry.preferences.repository import load_of_student
from hub_registry.priority import service as priority
from hub_registry.rounds.model import Round
from hub_registry.students import finding, service
from hub_registry.students.vocabulary import USUAL_TAGS, Vocabulary, load_vocabulary
from hub_registry.web.attempt import attempt
from hub_registry.web.home.adviser import takes_preferences
from hub_registry.web.only import Adviser
from hub_registry.web.page import page, redirect
from hub_registry.web.paging import Pages
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.slots.words import access_words
from hub_registry.web.stale import differences
from hub_registry.web.students.fields import more_rows, rows_for
from hub_registry.web.students.forms import LABELS, filled, read, sent, typed
from hub_registry.web.students.listing import Asked, chosen
from hub_registry.web.students.school import rounds_of, school_of, student_of
from hub_schemas.ids import StudentId

router = APIRouter(route_class=PageRoute, prefix="/students")

MOST_SUGGESTED: Final = 200
"""Names of employers that a page carries to be picked from; any other can be typed."""


@router.get("")
async def list_students(request: Request, tx: Tx, me: Adviser) -> Response:
    """List the school's students who match the filters, a page at a time."""
    asked = Asked.of(request.query_params)
    round_ = (await rounds_of(tx)).current
    wanted, no_chance = await chosen(tx, school_of(me), round_, asked)
    total = await finding.count(tx.conn, school_of(me), round_, wanted)
    students = await finding.load_page(tx.conn, school_of(me), round_, wanted, page=asked.page)
    await students_seen(tx, me, [one["student_id"] for one in students], page="students")
    return page(
        request,
        "students/list.html",
        round=round_,
        asked=asked,
        years_named=[(year, f"Year {year}") for year in await finding.load_years(tx.conn, school_of(me))],
        students=students,
        total=total,
        no_chance=no_chance,
        pagination=Pages(total, asked.page, size=finding.PER_PAGE).links("/students", asked.values),
    )


@router.get("/new")
async def show_new(request: Request, tx: Tx, _: Adviser) -> Response:
    """Show the empty form of a student."""
    return _edit(request, await load_vocabulary(tx.conn), values={"consent": ""})


@router.post("/new")
async def add(request: Request, tx: Tx, me: Adviser, form: Sent) -> Response:
    """Enter a student."""
    known = await load_vocabulary(tx.conn)
    try:
        values = read(form, known, None)
        async with attempt(tx):
            added = await service.add_student(tx, {**values, "school_id": school_of(me)}, by=me)
    except (Invalid, AlreadyExists) as refused:
        return _edit(request, known, values=sent(form), refused=_invalid(refused))
    name = f"{added['first_name']} {added['last_name']}"
    if form.text("then") == "another":
        return redirect(request, "/students/new", said=f"{name} has been added. Enter the next student.")
    return redirect(request, f"/students/{added['student_id']}", said=f"{name} has been added.")


@router.get("/{student_id}")
async def show(request: Request, tx: Tx, me: Adviser, student_id: UUID) -> Response:
    """Show one student: details, priority with its evidence, choices."""
    student = await student_of(tx, me, student_id)
    round_ = (await rounds_of(tx)).current
    return page(
        request,
        "students/show.html",
        student=student,
        values=filled(student, await load_vocabulary(tx.conn)),
        labels=LABELS,
        round=round_,
        takes=takes_preferences(round_, at=datetime.now(UTC)),
        priority=await priority.explain(tx, round_, student) if round_ else None,
        choices=await _choices(tx, round_, student) if round_ else [],
    )


@router.get("/{student_id}/edit")
async def show_edit(request: Request, tx: Tx, me: Adviser, student_id: UUID) -> Response:
    """Show a student's form."""
    student = await student_of(tx, me, student_id)
    known = await load_vocabulary(tx.conn)
    return _edit(request, known, student=student, values=typed(student, known))


@router.post("/{student_id}/edit")
async def change(request: Request, tx: Tx, me: Adviser, student_id: UUID, form: Sent) -> Response:
    """Change a student; shows both if somebody else has changed it meanwhile."""
    stored = await student_of(tx, me, student_id)
    known = await load_vocabulary(tx.conn)
    try:
        values = read(form, known, stored)
    except Invalid as refused:
        return _edit(request, known, student=stored, values=sent(form), refused=refused)
    try:
        async with attempt(tx):
            await service.change_student(tx, student_id, values, if_match=form.text("version"))
    except (Invalid, AlreadyExists) as refused:
        return _edit(request, known, student=stored, values=sent(form), refused=_invalid(refused))
    except Stale:
        differing = differences(filled(stored, known), filled({**stored, **values}, known), LABELS)
        return _edit(request, known, student=stored, values=sent(form), status=412, differing=differing)
    return redirect(request, f"/students/{student_id}", said="The student has been changed.")


@router.get("/{student_id}/leave")
async def ask_leave(request: Request, tx: Tx, me: Adviser, student_id: UUID) -> Response:
    """Ask whether the student has left."""
    return page(request, "students/leave.html", student=await student_of(tx, me, student_id))


@router.post("/{student_id}/leave")
async def leave(request: Request, tx: Tx, me: Adviser, student_id: UUID, form: Sent) -> Response:
    """Note that the student has left; the same page takes it back."""
    student = await student_of(tx, me, student_id)
    back = form.text("back") == "yes"
    left_at = None if back else datetime.now(UTC)
    await service.change_student(tx, student_id, {"left_at": left_at}, if_match=form.text("version") or None)
    said = f"{student['first_name']} {student['last_name']} {'is back' if back else 'is marked as having left'}."
    return redirect(request, f"/students/{student_id}" if back else "/students", said=said)


async def _choices(tx: Transaction, round_: Round, student: dict[str, Any]) -> list[dict[str, Any]]:
    """Give a student's choices, best first, each judged."""
    ranked = await load_of_student(tx.conn, round_.round_id, StudentId(student["student_id"]))
    wishes = [(str(one.student_id), str(one.slot_id), one.rank) for one in ranked]
    judged = await judge_wishes(tx, round_, [student], wishes)
    verdicts = [judged.verdict(at) for at in range(len(judged.pairs))]
    by_slot = {verdict.card.slot_id: verdict for verdict in verdicts}
    return [{"rank": one.rank, "verdict": by_slot.get(str(one.slot_id))} for one in ranked]


def _edit(request: Request, known: Vocabulary, *, values: Mapping[str, Any], **more: Any) -> Response:
    """Show the form; what a student has already stands among what can be chosen."""
    sectors = sorted({*known.sectors, *values.get("interests", ()), *values.get("past_sectors", ())})
    tags = dict.fromkeys([*USUAL_TAGS, *values.get("access_needs", ())])
    context = {
        "student": None,
        "labels": LABELS,
        "sectors": sectors,
        "pairs": [(sector, sector) for sector in sectors],
        "tags": [(tag, access_words(tag)) for tag in tags],
        "employers": list(known.employers.values())[:MOST_SUGGESTED],
        "rows": rows_for(values),
        "more_days": more_rows(values),
        "values": values,
    }
    return page(request, "students/edit.html", **{**context, **more})


def _invalid(refused: Invalid | AlreadyExists) -> Invalid:
    if isinstance(refused, Invalid):
        return refused
    field = str(refused.facts.get("field", ""))
    return Invalid(refused.detail, [Finding(field=field or None, code="taken", message=refused.detail)])
