"""Publishing a slot in steps: what and where, when, how many and for whom, check; each step is kept as it is sent."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_chassis.transaction import Transaction
from hub_registry.employers.repository import load_employer
from hub_registry.errors import Finding, Invalid, NotKnown, ProgrammeNotKnown
from hub_registry.programmes.repository import load_programme, load_programmes
from hub_registry.slots.drafts import Draft, begin_draft, delete_draft, load_draft, save_draft
from hub_registry.slots.service import publish_slot
from hub_registry.web.attempt import attempt
from hub_registry.web.forms import Form
from hub_registry.web.only import Host
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.slots import forms, words
from hub_schemas.ids import ProgrammeId, new_id

router = APIRouter(route_class=PageRoute)
MOST_PROGRAMMES = 100


@router.get("/slots/new")
async def show_begin(request: Request, tx: Tx, me: Host) -> Response:
    """Offer the first form; a draft is kept once it is sent."""
    employer = await load_employer(tx.conn, me.employer_id or UUID(int=0))
    open_now = await programmes_to_come(tx)
    typed: dict[str, Any] = {"sector": employer["sector"], "postcode": employer["postcode"], "mode": "in_person"}
    if len(open_now) == 1:
        typed["programme_id"] = str(open_now[0]["programme_id"])
    return await _step(request, tx, "what", typed)


@router.post("/slots/new")
async def begin(request: Request, tx: Tx, me: Host, form: Sent) -> Response:
    """Keep the first form as a draft and go on."""
    typed = forms.kept(form, "what")
    if (refused := await _wrong(tx, form, "what")) and form.text("then") != "later":
        return await _step(request, tx, "what", typed, refused=refused)
    draft_id = await begin_draft(tx.conn, me, typed)
    return _next(request, form, draft_id, "what")


@router.get("/slots/drafts/{draft_id}/{step}")
async def show_step(request: Request, tx: Tx, _: Host, draft_id: UUID, step: str) -> Response:
    """Offer one of the forms as far as it is filled in, or all that was answered to check it."""
    draft = await load_draft(tx.conn, draft_id)
    if step == "check":
        return await _check(request, tx, draft)
    if step == "delete":
        return page(request, "slots/delete.html", draft=draft)
    _must_be_step(step)
    return await _step(request, tx, step, draft.typed, draft=draft)


@router.post("/slots/drafts/{draft_id}/{step}")
async def take_step(request: Request, tx: Tx, me: Host, *, draft_id: UUID, step: str, form: Sent) -> Response:
    """Keep a form and go on; publish after the last; or forget the draft."""
    draft = await load_draft(tx.conn, draft_id)
    if step == "check":
        return await _publish(request, tx, me, draft)
    if step == "delete":
        await delete_draft(tx.conn, draft_id)
        return redirect(request, "/slots", said="The draft was deleted.")
    _must_be_step(step)
    typed = forms.kept(form, step)
    await save_draft(tx.conn, draft_id, typed)
    # What is wrong is kept as well: whoever saves to come back later has not finished.
    if form.text("then") != "later" and (refused := await _wrong(tx, form, step)):
        return await _step(request, tx, step, {**draft.typed, **typed}, draft=draft, refused=refused)
    return _next(request, form, draft_id, step)


async def programmes_to_come(tx: Transaction) -> list[dict[str, Any]]:
    """Read the programmes that are not over."""
    today = datetime.now(UTC).date()
    found = await load_programmes(tx.conn, after=UUID(int=0), limit=MOST_PROGRAMMES)
    return [one for one in found if one["last_date"] >= today]


async def _publish(request: Request, tx: Transaction, me: Host, draft: Draft) -> Response:
    form = forms.of_typed(draft.typed)
    try:
        values = forms.read_all(form)
        programme_id = forms.programme_of(form)
        more = {"slot_ref": f"S-{new_id().hex[-12:]}", "employer_id": me.employer_id}
        async with attempt(tx):
            slot = await publish_slot(tx, ProgrammeId(programme_id), {**values, **more})
    except Invalid as refused:
        return await _check(request, tx, draft, refused=refused)
    except ProgrammeNotKnown:
        return await _check(request, tx, draft, refused=_no_programme("choose a programme in the first step"))
    await delete_draft(tx.conn, draft.draft_id)
    return redirect(request, f"/slots/{slot['slot_id']}", said="The slot was published.")


async def _check(request: Request, tx: Transaction, draft: Draft, *, refused: Invalid | None = None) -> Response:
    form = forms.of_typed(draft.typed)
    wrong: Invalid | None = refused
    answers: dict[str, str] = {}
    programme: dict[str, Any] | None = None
    try:
        answers = forms.plain(forms.read_all(form))
        programme = await load_programme(tx.conn, forms.programme_of(form))
    except Invalid as found:
        wrong = wrong or found
    except ProgrammeNotKnown:
        wrong = wrong or _no_programme("choose a programme in the first step")
    if wrong:  # its fields are on other pages
        wrong = Invalid(wrong.detail, [Finding(one.message, code=one.code) for one in wrong.findings])
    context = {"draft": draft, "answers": answers, "programme": programme, "steps": forms.TITLES, "words": words}
    return page(request, "slots/check.html", refused=wrong, status=422 if refused else 200, **context)


async def _wrong(tx: Transaction, form: Form, step: str) -> Invalid | None:
    found: list[Finding] = []
    try:
        forms.read_step(form, step)
    except Invalid as refused:
        found.extend(refused.findings)
    if step == "what":
        try:
            await load_programme(tx.conn, forms.programme_of(form))
        except (Invalid, ProgrammeNotKnown):
            found.append(Finding("choose a programme", field="programme_id"))
    return Invalid("there is a problem", found) if found else None


async def _step(
    request: Request,
    tx: Transaction,
    step: str,
    typed: Any,
    *,
    draft: Draft | None = None,
    refused: Invalid | None = None,
) -> Response:
    number = forms.STEPS.index(step) + 1
    back = f"/slots/drafts/{draft.draft_id}/{forms.STEPS[number - 2]}" if draft and number > 1 else "/slots"
    return page(
        request,
        "slots/step.html",
        refused=refused,
        step=step,
        number=number,
        title=forms.TITLES[step],
        values=dict(typed),
        programmes=await programmes_to_come(tx) if step == "what" else [],
        draft=draft,
        back=back,
        words=words,
    )


def _next(request: Request, form: Form, draft_id: UUID, step: str) -> Response:
    if form.text("then") == "later":
        return redirect(request, "/slots", said="The slot is kept in draft. Go on with it whenever you like.")
    after = (*forms.STEPS, "check")[forms.STEPS.index(step) + 1]
    return redirect(request, f"/slots/drafts/{draft_id}/{after}")


def _no_programme(message: str) -> Invalid:
    return Invalid("there is a problem", [Finding(message)])


def _must_be_step(step: str) -> None:
    if step not in forms.STEPS:
        raise NotKnown("there is no such step")
