"""Use cases of reminders: asked for by the hub, shown to the notifier, settled by what it says."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from hub_chassis.database import Conn
from hub_chassis.errors import Permanent
from hub_chassis.saying import LONDON
from hub_chassis.transaction import Transaction
from hub_registry.chasing import repository, views
from hub_registry.chasing.repository import Chased, Settled
from hub_registry.errors import Finding, Invalid, RoundNotKnown, RoundNotOpen
from hub_registry.notices.repository import Fate
from hub_registry.notices.service import Views, shown
from hub_registry.rounds import repository as rounds
from hub_registry.rounds.model import Round, RoundState
from hub_schemas.events.rounds import ChasedRecipient, ChasingRequested
from hub_schemas.ids import ChaseId, RoundId, StaffId, new_id

MOST: Final = 2000
"""People in one request: more would not fit one message."""


def day_of(at: datetime) -> date:
    """Give the region's day: the one a person is reminded on once at most."""
    return at.astimezone(LONDON).date()


async def request(
    tx: Transaction,
    round_: Round,
    *,
    schools: Collection[str],
    employers: Collection[str],
    troubled: dict[str, int],
    by: StaffId,
    at: datetime,
) -> tuple[ChaseId, int]:
    """Remind the advisers of schools, and employers, of a round's deadline.

    Args:
        tx: the caller's, a coordinator's.
        round_: an open round, read in this transaction.
        schools: their numbers; those without an adviser, or reminded today, are left out.
        employers: their ids as text; those that have acted, or were reminded today, are left out.
        troubled: students with no choice that can work, by school, as the caller has just seen.
        by: who asks.
        at: when.

    Returns:
        The request's id, and how many people are reminded.

    Raises:
        RoundNotOpen: nobody can act any more, or yet.
        Invalid: nobody would be reminded.
    """
    round_ = await rounds.hold_round(tx.conn, round_.round_id)
    round_.check_takes_preferences(at=at)
    await repository.lock(tx.conn, round_.hub_id)
    already = await repository.load_chased_today(tx.conn, round_.hub_id, day_of(at))
    chased = [
        Chased("adviser", recipient, row["of_id"], troubled.get(row["of_id"], 0))
        for row in await repository.load_schools(tx.conn, round_)
        if row["of_id"] in schools
        for recipient in row["recipients"]
        if f"adviser:{recipient}" not in already
    ]
    chased += [
        Chased("employer", row["of_id"])
        for row in await repository.load_employers(tx.conn, round_)
        if row["of_id"] in employers and f"employer:{row['of_id']}" not in already
    ]
    if not chased:
        message = "choose somebody who was not reminded today"
        raise Invalid("there is a problem", [Finding(message, field="school")])
    if len(chased) > MOST:
        message = f"choose at most {MOST:,} people; {len(chased):,} were chosen"
        raise Invalid("there is a problem", [Finding(message, field="school")])
    chase_id, sha256 = ChaseId(new_id()), recipients_sha256(chased)
    await repository.add(tx.conn, round_, chase_id, sha256=sha256, chased=chased, by=by, at=at, today=day_of(at))
    await tx.outbox.add(
        ChasingRequested(
            round_id=round_.round_id,
            programme_id=round_.programme_id,
            chase_id=chase_id,
            recipients=tuple(ChasedRecipient(recipient_kind=one.kind, recipient_id=one.recipient_id) for one in chased),
            recipients_sha256=sha256,
            requested_at=at,
        )
    )
    return chase_id, len(chased)


def recipients_sha256(chased: Sequence[Chased]) -> str:
    """Hash whom a request reminds, in order: the notifier refuses to send what the registry no longer stands by."""
    return hashlib.sha256("\n".join(f"{one.kind}:{one.recipient_id}" for one in chased).encode()).hexdigest()


async def show(
    conn: Conn, round_id: RoundId, chase_id: UUID, *, advisers: Sequence[UUID], employers: Sequence[UUID], link: str
) -> Views:
    """Give addresses and views of a request's recipients: counts, dates and a link, never a student's name.

    Raises:
        RoundNotKnown: there is no such request.
        RoundNotOpen: the round is over by now, and so is the reminder.
    """
    chase = await views.load_chase(conn, round_id, chase_id)
    if chase is None:
        raise RoundNotKnown("this round has no such request")
    if chase.pop("state") != RoundState.OPEN:
        raise RoundNotOpen("the round is not open any more")
    sha256, held = chase.pop("recipients_sha256"), chase.pop("held")
    told: dict[str, Any] = {**chase, "link": link}
    return Views(
        sha256,
        held,
        [
            *shown("adviser", await views.load_advisers(conn, chase_id, advisers) if advisers else {}, told),
            *shown("employer", await views.load_employers(conn, chase_id, employers) if employers else {}, told),
        ],
    )


async def settle(tx: Transaction, fates: Sequence[Fate]) -> None:
    """Note what became of reminders; raises Permanent when the messages' hub asked for none of the kind."""
    assert tx.hub_id is not None  # noqa: S101 -- every message names its hub
    latest = {
        (fate.fact.run_id, fate.fact.recipient_kind, fate.fact.recipient_id): fate
        for fate in sorted(fates, key=lambda fate: fate.state == "sent")
    }
    settled = [
        Settled(run_id, kind, recipient, fate.state, fate.reason, fate.sent_at)
        for (run_id, kind, recipient), fate in latest.items()
    ]
    known = await repository.settle(tx.conn, tx.hub_id, settled)
    if unknown := sorted({one.chase_id for one in settled} - known):
        raise Permanent(f"reminders this hub did not ask for: {', '.join(map(str, unknown))}")
