"""Remind schools and employers of a round's deadline."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.chasing import repository, service
from hub_registry.errors import Conflict, Finding, Invalid
from hub_registry.inputs.looking import look
from hub_registry.rounds import repository as rounds
from hub_registry.rounds.model import Round
from hub_registry.web.attempt import attempt
from hub_registry.web.forms import Form
from hub_registry.web.only import Coordinator
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.words import plural
from hub_schemas.ids import RoundId

router = APIRouter(route_class=PageRoute)
SHOWN: Final = 50
"""Employers that can be ticked one by one; all of them can be chosen at once."""


@router.get("/rounds/{round_id}/chase")
async def choose(request: Request, tx: Tx, _: Coordinator, round_id: UUID) -> Response:
    """Ask whom to remind."""
    return await _choosing(request, tx, await rounds.load_round(tx.conn, RoundId(round_id)))


@router.get("/rounds/{round_id}/chase/preview")
async def preview(request: Request, tx: Tx, _: Coordinator, round_id: UUID) -> Response:
    """Say who would be written to, and what they would read."""
    round_ = await rounds.load_round(tx.conn, RoundId(round_id))
    sent = request.query_params
    chosen, ticked, all_of_them = sent.getlist("school"), sent.getlist("employer"), sent.get("everyone") == "yes"
    already = await repository.load_chased_today(tx.conn, round_.hub_id, service.day_of(datetime.now(UTC)))
    schools = [row for row in await repository.load_schools(tx.conn, round_) if row["of_id"] in chosen]
    employers = [
        row for row in await repository.load_employers(tx.conn, round_) if all_of_them or row["of_id"] in ticked
    ]
    people = [f"adviser:{one}" for row in schools for one in row["recipients"]]
    people += [f"employer:{row['of_id']}" for row in employers]
    fresh = [one for one in people if one not in already]
    return page(
        request,
        "chasing/preview.html",
        round=round_,
        schools=schools,
        employers=employers,
        everyone=all_of_them,
        people=len(fresh),
        left_out=len(people) - len(fresh),
    )


@router.post("/rounds/{round_id}/chase")
async def send(request: Request, tx: Tx, me: Coordinator, round_id: UUID, form: Sent) -> Response:
    """Remind those of the preview."""
    round_ = await rounds.load_round(tx.conn, RoundId(round_id))
    try:
        async with attempt(tx):
            now = await look(tx, round_, good_for_s=0)
            _id, people = await service.request(
                tx,
                round_,
                schools=form.many("school"),
                employers=await _employers(tx, round_, form),
                troubled=now.missing.troubled(),
                by=me.staff_id,
                at=datetime.now(UTC),
            )
    except Invalid as refused:
        return await _choosing(request, tx, round_, refused=refused)
    except Conflict as refused:
        said = Invalid(refused.detail, [Finding(refused.detail)])
        return await _choosing(request, tx, round_, refused=said, status=409)
    said_once = f"{plural(people, 'person is', 'people are')} being reminded by e-mail."
    return redirect(request, f"/rounds/{round_id}/chase", said=said_once)


async def _employers(tx: Tx, round_: Round, form: Form) -> list[str]:
    if form.text("everyone") == "yes":
        return [row["of_id"] for row in await repository.load_employers(tx.conn, round_)]
    return form.many("employer")


async def _choosing(request: Request, tx: Tx, round_: Round, **more: Any) -> Response:
    employers = await repository.load_employers(tx.conn, round_)
    seen = await look(tx, round_) if round_.state == "open" else None
    troubled = seen.missing.troubled() if seen else {}
    schools = await repository.load_schools(tx.conn, round_)
    return page(
        request,
        "chasing/choose.html",
        round=round_,
        schools=[row for row in schools if row["submitted_at"] is None or row["of_id"] in troubled],
        troubled=troubled,
        employers=employers[:SHOWN],
        all_employers=len(employers),
        chases=await repository.load_chases(tx.conn, round_.round_id),
        today=service.day_of(datetime.now(UTC)),
        **more,
    )
