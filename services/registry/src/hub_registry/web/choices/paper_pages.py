"""Choices on paper: a form for each student, and the list of slots with their codes."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.audit.views import students_seen
from hub_registry.eligibility.service import market_of
from hub_registry.errors import RoundNotKnown
from hub_registry.students import finding
from hub_registry.students.repository import load_some
from hub_registry.web.only import Adviser
from hub_registry.web.page import page
from hub_registry.web.paging import Pages
from hub_registry.web.route import PageRoute, Tx
from hub_registry.web.students.listing import Asked, chosen
from hub_registry.web.students.school import rounds_of, school_of

router = APIRouter(route_class=PageRoute, prefix="/choices")

FORMS: Final = 30
"""Forms on a page of the site; each is a sheet of paper."""
CODES: Final = 150
"""Slots on a page of the site."""


@router.get("/forms")
async def show_forms(request: Request, tx: Tx, me: Adviser) -> Response:
    """Show a form for each student: their details, and blank lines for choices."""
    round_ = (await rounds_of(tx)).current
    asked = Asked.of(request.query_params)
    wanted, _ = await chosen(tx, school_of(me), round_, asked)
    listed = await finding.load_page(tx.conn, school_of(me), round_, wanted, page=asked.page, per_page=FORMS)
    ids = [one["student_id"] for one in listed]
    await students_seen(tx, me, ids, page="forms")
    details = await load_some(tx.conn, ids)
    total = await finding.count(tx.conn, school_of(me), round_, wanted)
    return page(
        request,
        "choices/forms.html",
        round=round_,
        asked=asked,
        total=total,
        students=[details[one] for one in ids],
        pagination=Pages(total, asked.page, size=FORMS).links("/choices/forms", asked.values),
    )


@router.get("/codes")
async def show_codes(request: Request, tx: Tx, me: Adviser) -> Response:
    """Show the slots of the round by sector, each with its code."""
    round_ = (await rounds_of(tx)).current
    if round_ is None:
        raise RoundNotKnown("no round is open yet: the list of slots comes with it")
    asked = Asked.of(request.query_params)
    market = await market_of(tx, round_)
    left = [card for card in market.cards if card.seats]
    cards = sorted(left, key=lambda card: (card.sector, card.title, card.slot_ref))
    first = (asked.page - 1) * CODES
    return page(
        request,
        "choices/codes.html",
        round=round_,
        cards=cards[first : first + CODES],
        total=len(cards),
        pagination=Pages(len(cards), asked.page, size=CODES).links("/choices/codes", asked.values),
    )
