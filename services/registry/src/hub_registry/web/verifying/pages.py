"""Check employers: the queue, one by one, many at once with a preview, and again before a check ends."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, get_args
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.applications.repository import load_of, load_takes
from hub_registry.employers import checking, checks, repository
from hub_registry.employers.checking import Verdict, usual_end
from hub_registry.errors import Finding, Invalid, Stale
from hub_registry.slots import repository as slots
from hub_registry.web.attempt import attempt
from hub_registry.web.forms import Form
from hub_registry.web.moments import parts_of_day, read_day
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.words import plural

router = APIRouter(route_class=PageRoute)
AT_ONCE: Final = 50
MOST_SLOTS: Final = 100
BANDS: Final = {
    "low": "Low: an office, a shop, a place you know well",
    "less_familiar": "Less familiar: look at the risk assessment",
    "higher": "Higher: visit the place, and look at the risk assessment with the employer",
}
REASONS: Final = {
    "no_insurance": "There is no employers' liability insurance",
    "insurance_not_shown": "The insurance was not shown",
    "risk_assessment_missing": "There is no risk assessment",
    "contact_not_reached": "Nobody could be reached",
    "not_suitable": "The work is not suitable for students",
    "registered_twice": "The employer is registered already",
    "other": "Another reason",
}
SHOWS: Final = {
    "waiting": "Waiting for you",
    "ending": "Ending soon",
    "verified": "Verified",
    "turned_away": "Turned away",
    "all": "All",
}

KNOWN: Final[Mapping[str, checks.Show]] = {one: one for one in get_args(checks.Show)}


@router.get("/employers")
async def list_employers(
    request: Request, tx: Tx, _: Coordinator, show: str = "waiting", words: str = "", number: int = 1
) -> Response:
    """List employers by what the hub has to do with them."""
    shown = KNOWN.get(show, "waiting")
    words = words.replace("\x00", "").strip()[:100]
    total = await checks.count(tx.conn, show=shown, words=words)
    last = max(1, -(-total // AT_ONCE))
    number = min(max(number, 1), last)
    rows = await checks.load_page(
        tx.conn,
        show=shown,
        words=words,
        limit=AT_ONCE,
        offset=(number - 1) * AT_ONCE,
    )
    return page(
        request,
        "verifying/list.html",
        employers=rows,
        show=shown,
        shows=SHOWS,
        counts=await checks.load_counts(tx.conn),
        words=words,
        total=total,
        number=number,
        last=last,
        reasons=REASONS,
        today=_today(),
    )


@router.get("/employers/verify")
async def preview(request: Request, tx: Tx, _: Coordinator) -> Response:
    """Say what verifying the chosen employers at once would do."""
    return await _preview(request, tx, _ids(request.query_params.getlist("employer")))


@router.post("/employers/verify")
async def verify_many(request: Request, tx: Tx, me: Coordinator, form: Sent) -> Response:
    """Verify the employers of the preview."""
    ids = _ids(form.many("employer"))
    try:
        until = _day(form)
        async with attempt(tx):
            done = await checking.verify_many(tx, ids, until=until, by=me.staff_id, at=datetime.now(UTC))
    except Invalid as refused:
        return await _preview(request, tx, ids, form=form, refused=refused)
    return redirect(request, "/employers", said=f"{plural(len(done), 'employer was', 'employers were')} verified.")


@router.get("/employers/{employer_id}")
async def show_one(request: Request, tx: Tx, _: Coordinator, employer_id: UUID) -> Response:
    """Show what an employer declared, and ask for the verdict."""
    return await _one(request, tx, employer_id)


@router.post("/employers/{employer_id}/verify")
async def verify_one(request: Request, tx: Tx, me: Coordinator, employer_id: UUID, form: Sent) -> Response:
    """Verify one employer."""
    await repository.load_employer(tx.conn, employer_id)
    try:
        verdict = Verdict(form.text("risk_band"), _day(form))
        async with attempt(tx):
            await checking.verify_one(
                tx, employer_id, verdict, by=me.staff_id, at=datetime.now(UTC), if_match=form.text("version")
            )
    except Invalid as refused:
        return await _one(request, tx, employer_id, form=form, refused=refused)
    except Stale:
        return await _one(request, tx, employer_id, form=form, refused=_stale(), status=409)
    return redirect(request, "/employers", said="The employer was verified.")


@router.post("/employers/{employer_id}/turn-away")
async def turn_away(request: Request, tx: Tx, _: Coordinator, employer_id: UUID, form: Sent) -> Response:
    """Turn an employer away."""
    await repository.load_employer(tx.conn, employer_id)
    try:
        async with attempt(tx):
            await checking.turn_away(
                tx, employer_id, reason=form.text("reason"), at=datetime.now(UTC), if_match=form.text("version")
            )
    except Invalid as refused:
        return await _one(request, tx, employer_id, form=form, refused=refused)
    except Stale:
        return await _one(request, tx, employer_id, form=form, refused=_stale(), status=409)
    return redirect(request, f"/employers/{employer_id}", said="The employer was turned away.")


async def _one(request: Request, tx: Tx, employer_id: UUID, *, form: Form | None = None, **more: Any) -> Response:
    row = await repository.load_employer(tx.conn, employer_id)
    offered = await slots.load_slots(
        tx.conn, after=UUID(int=0), limit=MOST_SLOTS, employer_id=employer_id, state="published"
    )
    usual = parts_of_day("until", usual_end(row["insurance_valid_until"], today=_today()))
    values = {"risk_band": row["risk_band"], **usual, **(form.values() if form else {})}
    return page(
        request,
        "verifying/show.html",
        employer=row,
        application=await load_of(tx.conn, employer_id),
        hub=await load_takes(tx.conn, row["hub_id"]),
        slots=offered,
        bands=BANDS,
        reasons=REASONS,
        values={**values, "version": row["version"]},
        today=_today(),
        **more,
    )


async def _preview(
    request: Request, tx: Tx, ids: list[UUID], *, form: Form | None = None, refused: Invalid | None = None
) -> Response:
    rows = await checks.load_some(tx.conn, ids)
    fresh = [row for row in rows if row["verified_at"] is None]
    insured = [row["insurance_valid_until"] for row in fresh if row["insurance_valid_until"]]
    usual = parts_of_day("until", usual_end(min(insured, default=None), today=_today()))
    return page(
        request,
        "verifying/many.html",
        employers=fresh,
        left_out=len(rows) - len(fresh),
        bands=BANDS,
        values={**usual, **(form.values() if form else {})},
        today=_today(),
        refused=refused,
    )


def _stale() -> Invalid:
    message = "someone else changed this employer meanwhile: what you see below is how it is now; decide again"
    return Invalid(message, [Finding(message)])


def _day(form: Form) -> date:
    found: list[Finding] = []
    until = read_day(form, "until", found=found)
    if until is None:
        raise Invalid("there is a problem", found)
    return until


def _ids(texts: list[str]) -> list[UUID]:
    """Read ids of ticked boxes; what is none is nobody's."""
    ids = []
    for text in texts[: 2 * AT_ONCE]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return ids


def _today() -> date:
    return datetime.now(UTC).date()
