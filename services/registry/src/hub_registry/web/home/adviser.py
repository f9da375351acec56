"""An adviser's home: the open round and its deadline, who still lacks what, the results that are out."""

from datetime import UTC, datetime
from typing import Any

from fastapi import Request
from starlette.responses import Response

from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal
from hub_registry.eligibility.service import without_chance
from hub_registry.rounds.model import Round, RoundState
from hub_registry.schools.repository import load_school
from hub_registry.students import finding
from hub_registry.web.page import page
from hub_registry.web.students.school import rounds_of, school_of


async def show(request: Request, tx: Transaction, me: Principal) -> Response:
    """Show what the school still has to do, by when, and what is out."""
    school_id = school_of(me)
    rounds = await rounds_of(tx)
    now = datetime.now(UTC)
    return page(
        request,
        "home/adviser.html",
        school=await load_school(tx.conn, school_id),
        round=rounds.current,
        takes=takes_preferences(rounds.current, at=now),
        left=time_left(rounds.current, at=now),
        published=rounds.published,
        **await _to_do(tx, rounds.current, me),
    )


async def _to_do(tx: Transaction, round_: Round | None, me: Principal) -> dict[str, Any]:
    if round_ is None:
        everybody = finding.Wanted()
        return {"to_do": {}, "no_chance": 0, "students": await finding.count(tx.conn, school_of(me), None, everybody)}
    to_do = await finding.load_to_do(tx.conn, school_of(me), round_)
    ranked = await finding.load_ranked(tx.conn, school_of(me), round_)
    no_chance = await without_chance(tx, round_, *ranked) if ranked[0] else set()
    return {"to_do": to_do, "no_chance": len(no_chance), "students": to_do["students"]}


def takes_preferences(round_: Round | None, *, at: datetime) -> bool:
    """Whether schools may still change preferences."""
    return round_ is not None and round_.state is RoundState.OPEN and at < round_.closes_at


def time_left(round_: Round | None, *, at: datetime) -> str:
    """Say how long is left until a round's deadline: "3 days", "5 hours"; nothing once it has passed."""
    if round_ is None or round_.closes_at <= at:
        return ""
    left = round_.closes_at - at
    if left.days >= 2:
        return f"{left.days} days"
    hours = int(left.total_seconds() // 3600)
    if hours >= 1:
        return f"{hours} {'hour' if hours == 1 else 'hours'}"
    minutes = int(left.total_seconds() // 60)
    return f"{minutes} {'minute' if minutes == 1 else 'minutes'}"
