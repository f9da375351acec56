"""A class's choices at once: a page to type them in, a spreadsheet to fill in and send back, forms on paper."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal
from hub_registry.audit.views import students_seen
from hub_registry.errors import FileRefused, Finding, Invalid, RoundNotKnown
from hub_registry.imports.sheet import BadCell, Record
from hub_registry.imports.upload import Received
from hub_registry.preferences import class_service
from hub_registry.preferences.class_sheet import HEADER, codes
from hub_registry.rounds.model import Round
from hub_registry.students import finding
from hub_registry.web.attempt import attempt
from hub_registry.web.forms import Form
from hub_registry.web.home.adviser import takes_preferences
from hub_registry.web.only import Adviser
from hub_registry.web.page import page, redirect
from hub_registry.web.paging import Pages
from hub_registry.web.route import PageRoute, Sent, Tx, UploadPage
from hub_registry.web.students.listing import Asked, chosen
from hub_registry.web.students.school import rounds_of, school_of
from hub_registry.web.tables import download
from hub_registry.web.words import plural

router = APIRouter(route_class=PageRoute, prefix="/choices")
files = APIRouter(route_class=UploadPage, prefix="/choices")

TYPED: Final = 6
"""Choices that the page has fields for; longer lists are made on the student's own page, or by the sheet."""
STALE: Final = "stale"
AT_ONCE: Final = 30
"""Students on one page: a class."""


@router.get("/class")
async def show_class(request: Request, tx: Tx, me: Adviser) -> Response:
    """Show the students of a class with a field for each choice."""
    return await _class(request, tx, me)


@router.post("/class")
async def take_class(request: Request, tx: Tx, me: Adviser, form: Sent) -> Response:
    """Take what was typed; a student whose fields are all blank keeps what is stored."""
    round_ = _round((await rounds_of(tx)).current)
    try:
        records = _typed(form)
        async with attempt(tx):
            await _must_not_be_stale(tx, me, round_, form, records)
            taken = await class_service.take(tx, round_.round_id, school_of(me), records, by=me.staff_id)
    except FileRefused as refused:
        return await _class(request, tx, me, form=form, refused=_by_field(refused))
    except Invalid as refused:
        return await _class(request, tx, me, form=form, refused=refused)
    query = Asked.of(request.query_params)
    more = form.text("then") == "next"
    address = query.address(page=query.page + 1 if more else query.page)
    return redirect(
        request, f"/choices/class?{address}", said=f"Kept: the choices of {plural(taken.students, 'student')}."
    )


@router.get("/sheet")
async def show_sheet(request: Request, tx: Tx, me: Adviser) -> Response:
    """Show where to get the sheet and where to send it."""
    return page(request, "choices/sheet.html", **await _around(tx, me))


@router.get("/sheet.csv")
async def get_sheet(request: Request, tx: Tx, me: Adviser) -> Response:
    """Give the sheet of the students who match the filters."""
    round_ = _round((await rounds_of(tx)).current)
    wanted, _ = await chosen(tx, school_of(me), round_, Asked.of(request.query_params))
    students = await finding.load_page(tx.conn, school_of(me), round_, wanted, page=1, per_page=finding.EVERYBODY)
    await students_seen(tx, me, [one["student_id"] for one in students], page="choices")
    rows = await class_service.sheet_of(tx, round_, school_of(me), students)
    return download("choices", "csv", HEADER, rows)


@files.post("/sheet")
async def take_sheet(request: Request, tx: Tx, me: Adviser, form: Sent) -> Response:
    """Take a sheet that was filled in, or say what is wrong with which cell."""
    round_ = _round((await rounds_of(tx)).current)
    sent = (await request.form()).get("file")
    content = await sent.read() if isinstance(sent, UploadFile) else b""
    try:
        if not content:
            raise Invalid("there is a problem", [Finding("choose a file that is not empty", field="file")])
        upload = Received(io.BytesIO(content), hashlib.sha256(content).hexdigest(), len(content))
        async with attempt(tx):
            taken = await class_service.take_file(tx, round_.round_id, school_of(me), upload, by=me.staff_id)
    except FileRefused as refused:
        told = Invalid(refused.detail, [Finding(refused.detail, field="file")])
        around = await _around(tx, me)
        return page(request, "choices/sheet.html", refused=told, findings=refused.findings, **around)
    except Invalid as refused:
        return page(request, "choices/sheet.html", refused=refused, **await _around(tx, me))
    said = f"Kept: the choices of {plural(taken.students, 'student')}."
    if taken.blank:
        said += f" {taken.blank} rows had none: those students keep what they had."
    return redirect(request, "/students", said=said)


async def _class(
    request: Request, tx: Transaction, me: Principal, *, form: Form | None = None, refused: Invalid | None = None
) -> Response:
    round_ = _round((await rounds_of(tx)).current)
    asked = Asked.of(request.query_params)
    wanted, no_chance = await chosen(tx, school_of(me), round_, asked)
    if form is None:
        students = await finding.load_page(tx.conn, school_of(me), round_, wanted, page=asked.page, per_page=AT_ONCE)
    else:  # those who were on the page that was sent: what was stored meanwhile may have changed who matches
        students = await finding.load_by_mis_id(tx.conn, school_of(me), round_, form.many("mis_id")[:AT_ONCE])
    await students_seen(tx, me, [one["student_id"] for one in students], page="choices")
    total = await finding.count(tx.conn, school_of(me), round_, wanted)
    stored = await class_service.load_chosen(tx.conn, round_, school_of(me), [one["student_id"] for one in students])
    stale = {one.field for one in refused.findings if one.code == STALE} if refused else set()
    return page(
        request,
        "choices/class.html",
        refused=refused,
        round=round_,
        takes=takes_preferences(round_, at=datetime.now(UTC)),
        asked=asked,
        total=total,
        years_named=[(year, f"Year {year}") for year in await finding.load_years(tx.conn, school_of(me))],
        rows=[
            _row(at, one, stored.get(one["student_id"], []), form, stale=_field(at, 1) in stale)
            for at, one in enumerate(students)
        ],
        no_chance=no_chance,
        numbers=range(1, TYPED + 1),
        pagination=Pages(total, asked.page, size=AT_ONCE).links("/choices/class", asked.values),
    )


def _row(
    at: int, student: Mapping[str, Any], groups: Sequence[Sequence[str]], form: Form | None, *, stale: bool
) -> dict[str, Any]:
    """Give a student's row: as stored, or as somebody typed it; ``was`` is what they saw before they typed."""
    kept = _cells(groups)
    typed = [form.text(_field(at, number)) for number in range(1, TYPED + 1)] if form else kept
    was = form.text(f"was{at}") if form and not stale else "|".join(kept)
    return {**student, "typed": typed, "was": was, "long": len(groups) > TYPED, "theirs": kept if stale else None}


def _cells(groups: Sequence[Sequence[str]]) -> list[str]:
    """Write a list of choices as the row's fields."""
    written = [" = ".join(group) for group in groups]
    return [*written[:TYPED], *[""] * (TYPED - len(written))]


async def _must_not_be_stale(
    tx: Transaction, me: Principal, round_: Round, form: Form, records: Sequence[Record]
) -> None:
    """Refuse rows whose stored choices are no longer those that the page showed; both are shown then."""
    stored = await class_service.hold_chosen(tx, round_, school_of(me), [record.values["mis_id"] for record in records])
    findings = []
    for record in records:
        mis_id = record.values["mis_id"]
        if mis_id in stored and "|".join(_cells(stored[mis_id])) != form.text(f"was{record.row}"):
            message = f"someone else has changed the choices of {mis_id} meanwhile: look at both, then save again"
            findings.append(Finding(message, code=STALE, field=_field(record.row, 1)))
    if findings:
        raise Invalid("there is a problem", findings)


def _field(at: int, number: int) -> str:
    """Name the field of a choice: rows are counted, because a MIS id may be any text."""
    return f"c{at}-{number}"


def _typed(form: Form) -> list[Record]:
    """Read the rows that somebody changed; raises Invalid with the field of each that can't be read."""
    records: list[Record] = []
    findings: list[Finding] = []
    for at, mis_id in enumerate(form.many("mis_id")[:AT_ONCE]):
        cells = [form.text(_field(at, number)) for number in range(1, TYPED + 1)]
        if "|".join(cells) == form.text(f"was{at}"):
            continue
        values: dict[str, Any] = {"mis_id": mis_id}
        for number, cell in enumerate(cells, 1):
            try:
                values[f"choice_{number}"] = codes(cell) if cell else []
            except BadCell as bad:
                findings.append(Finding(bad.message, code=bad.code, field=_field(at, number)))
        records.append(Record(at, values))
    if findings:
        raise Invalid("there is a problem", findings)
    return records


def _by_field(refused: FileRefused) -> Invalid:
    """Name the field of each finding: its row is a student, its column a choice."""
    found = []
    for one in refused.findings:
        number = (one.column or "").removeprefix("choice_")
        field = _field(one.row or 0, int(number) if number.isdigit() else 1)
        found.append(Finding(one.message, code=one.code, field=field))
    return Invalid("there is a problem", found)


async def _around(tx: Transaction, me: Principal) -> dict[str, Any]:
    round_ = _round((await rounds_of(tx)).current)
    return {
        "round": round_,
        "takes": takes_preferences(round_, at=datetime.now(UTC)),
        "years": await finding.load_years(tx.conn, school_of(me)),
    }


def _round(round_: Round | None) -> Round:
    if round_ is None:
        raise RoundNotKnown("no round is open yet: choices can be entered once the hub opens one")
    return round_
