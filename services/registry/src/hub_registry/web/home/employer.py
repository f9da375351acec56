"""An employer's home: whether it may host, its slots and how far along they are, what to do next."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal
from hub_registry.employers.repository import load_employer
from hub_registry.slots import repository
from hub_registry.slots.drafts import list_drafts
from hub_registry.slots.reach import load_reach
from hub_registry.web.page import page
from hub_registry.web.slots.listing import is_over, lines
from hub_registry.web.words import day, plural

SHOWN: Final = 20
SOON: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing to do next, and where."""

    text: str
    href: str


async def show(request: Request, tx: Transaction, me: Principal) -> Response:
    """Show an employer what needs doing."""
    today = datetime.now(UTC).date()
    employer = await load_employer(tx.conn, me.employer_id or UUID(int=0))
    found = await repository.load_own_slots(tx.conn, limit=SHOWN)
    slots = [one for one in found if one["state"] == "published" and not is_over(one, today=today)]
    reach = await load_reach(tx.conn)
    verified = employer["verified_at"] is not None
    drafts = await list_drafts(tx.conn)
    return page(
        request,
        "home/employer.html",
        employer=employer,
        insurance=insurance_words(employer["insurance_valid_until"], slots, today=today),
        lines=lines(slots, asked=reach.asked, coming=reach.coming, verified=verified),
        coming=sum(reach.coming.values()),
        more=len(found) == SHOWN,
        todos=todos(employer, slots, drafts=len(drafts), coming=sum(reach.coming.values()), today=today),
    )


def insurance_words(until: date | None, slots: list[dict[str, Any]], *, today: date) -> str:
    """Say until when the insurance is valid and what that means for the slots."""
    if until is None:
        return "Not told yet"
    if until < today:
        return f"Ran out on {day(until)}"
    late = sum(1 for one in slots if one["last_date"] > until)
    if late:
        return f"Valid until {day(until)}, which is before the last day of {plural(late, 'slot')}"
    return f"Valid until {day(until)}"


def todos(
    employer: dict[str, Any], slots: list[dict[str, Any]], *, drafts: int, coming: int, today: date
) -> list[ToDo]:
    """List what to do next, most urgent first."""
    until: date | None = employer["insurance_valid_until"]
    found = []
    if until is None:
        found.append(ToDo("Tell the hub until when your insurance is valid", "/employer"))
    elif until < today + SOON or any(one["last_date"] > until for one in slots):
        found.append(ToDo("Renew your insurance and tell the hub the new date", "/employer"))
    if coming:
        found.append(ToDo("See who is coming, and print a sheet for the day", "/coming"))
    if drafts:
        found.append(ToDo(f"Finish {plural(drafts, 'slot')} in draft", "/slots"))
    if not slots:
        found.append(ToDo("Publish a slot", "/slots/new"))
    return found
