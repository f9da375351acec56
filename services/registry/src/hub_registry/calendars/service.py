"""Use cases of calendars: an address made, taken away, read."""

from datetime import UTC, date, datetime
from typing import Any, Final

from hub_chassis.database import Conn, Database
from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal
from hub_registry.access.secrets import new_secret
from hub_registry.attempts.model import Count, network
from hub_registry.attempts.service import count_try
from hub_registry.calendars import repository
from hub_registry.calendars.model import KEPT, Entry, Told, retell, slot_entries
from hub_registry.calendars.repository import Calendar
from hub_registry.errors import CalendarNotKnown, TooManyTries
from hub_registry.imports.repository import lock
from hub_schemas.ids import new_id

MOST_READS: Final = 120
"""Reads of one address in ten minutes: a school's staff whose programs all look at once come through."""
WAIT_S: Final = 600


async def make_address(tx: Transaction, me: Principal) -> str:
    """Give a person's school or employer an address for its calendar; an earlier one leads nowhere any more.

    Returns:
        The secret in the address: it is to be seen this once.
    """
    await lock(tx.conn, f"calendar {me.hub_id} {me.school_id or me.employer_id}")
    secret = new_secret()
    stored = await repository.load_own(tx.conn, me)
    if stored is None:
        await repository.add(tx.conn, new_id(), me, secret)
    else:
        await repository.renew(tx.conn, stored["calendar_id"], me, secret)
    return secret


async def find(app: Database, door: Database, secret: str, *, address: str) -> Calendar:
    """Find whose calendar an address leads to.

    Args:
        app: the database as people have it.
        door: the database as the door has it, where tries are counted.
        secret: of the address.
        address: where the reader is.

    Raises:
        CalendarNotKnown: nobody's, or no longer; it counts as a try of the reader's network.
        TooManyTries: too many of those, or this address is read too often.
    """
    async with app.connection() as conn:
        found = await repository.find(conn, secret)
    if found is None:
        await count_try(door, [Count.of("calendar from", network(address), free=30, longest_s=WAIT_S)])
        raise CalendarNotKnown("there is no such calendar")
    if found.reads > MOST_READS:
        raise TooManyTries("this calendar is read too often: wait ten minutes", wait_s=WAIT_S)
    return found


async def tell(tx: Transaction, calendar: Calendar, *, at: datetime) -> list[Told]:
    """Say what stands in a calendar now, and keep what it said; the transaction has the calendar's own scope."""
    told = retell(
        await _true(tx.conn, calendar, at=at), await repository.load_said(tx.conn, calendar.calendar_id), at=at
    )
    await repository.keep_said(tx.conn, calendar, told.changed, over=told.over)
    return list(told.shown)


async def _true(conn: Conn, calendar: Calendar, *, at: datetime) -> list[Entry]:
    since = (at - KEPT).date()
    if calendar.school_id:
        rows = await repository.load_placed(conn, since=since)
        entries = [entry for row in rows for entry in _of_school(row)]
        due = "Students' choices are due"
    else:
        entries = [entry for row in await repository.load_slots(conn, since=since) for entry in _of_employer(row)]
        due = "Slots offered by then take part"
    deadlines = await repository.load_deadlines(conn, since=_midnight(since))
    return entries + [_deadline(row, due) for row in deadlines]


def _of_employer(row: dict[str, Any]) -> list[Entry]:
    students, seats = row["students"], row["capacity"]
    coming = f"{students} {'student' if students == 1 else 'students'}"
    offered = f"{seats} {'seat' if seats == 1 else 'seats'} offered, nobody placed yet"
    return slot_entries(
        row["slot_id"],
        row["dates"],
        title=f"{coming}: {row['title']}" if students else row["title"],
        about=f"{coming} coming. Sign in to see who." if students else f"{offered}.",
        place=_place(row),
        page=f"/coming/{row['slot_id']}" if students else f"/slots/{row['slot_id']}",
    )


def _of_school(row: dict[str, Any]) -> list[Entry]:
    students = f"{row['students']} {'student' if row['students'] == 1 else 'students'}"
    about = f"{students} of your school at {row['employer']}. Sign in to see who."
    return slot_entries(
        row["slot_id"],
        row["dates"],
        title=f"{students}: {row['title']}, {row['employer']}",
        about=about,
        place=_place(row),
        page=f"/results/{row['round_id']}",
    )


def _place(row: dict[str, Any]) -> str:
    return "Online" if row["mode"] == "virtual" else str(row["postcode"])


def _deadline(row: dict[str, Any], due: str) -> Entry:
    closes_at: datetime = row["closes_at"]
    title = f"{row['name']} closes"
    return Entry(f"round-{row['round_id']}", closes_at, closes_at, title, f"{due} ({row['programme']}).")


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
