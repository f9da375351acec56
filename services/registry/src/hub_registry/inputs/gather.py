"""Gather what a round would freeze now, as rows of its tables; reads, never writes."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hub_chassis.database import Conn
from hub_registry.inputs import repository
from hub_registry.inputs.rows import Entrant, Offer, Rows, slot_rows, student_rows
from hub_registry.priority.model import FREE_SCHOOL_MEALS, LOW_RANK, History, priority
from hub_registry.rounds.model import Round
from hub_registry.travel.model import travel_rows
from hub_registry.travel.repository import load_standing
from hub_schemas import tables
from hub_schemas.credit import credit, raised

PARTICIPANT_BYTES = 10
SEND_NEED = {"K": "sen_support", "E": "ehc_plan"}


@dataclass(frozen=True, slots=True)
class Gathered:
    """A round's input before it is frozen."""

    rows: Mapping[str, Rows]
    names: Mapping[str, str]
    """Participant id by student id, in the order of ``schools``."""
    schools: list[str]
    """The school of each participant."""
    left_out: list[Offer] = field(default_factory=list)
    """Slots that do not enter."""
    lost_pins: list[tuple[str, str]] = field(default_factory=list)
    """(student id, slot id) of pins on slots that do not enter."""


async def gather(conn: Conn, round_: Round, *, name: Callable[[str], str]) -> Gathered:
    """Read a round's input.

    Args:
        conn: sees the whole hub.
        round_: the round; open, or about to be looked at.
        name: gives a student's id in the round; opaque when the result is to be frozen.

    Returns:
        Rows of every table of hub_schemas.tables. Cost: a handful of statements, whatever the size.
    """
    programme = await repository.load_programme(conn, round_)
    offers, limits = await repository.load_offers(conn, round_)
    entering = [offer for offer in offers if offer.kept_out is None]
    entrants = await _entrants(conn, round_, programme)
    names = {one.student_id: name(one.student_id) for one in entrants}
    wishes = await repository.load_preferences(conn, round_.round_id, slots=[offer.slot_id for offer in entering])
    slots = slot_rows(entering)
    employer_ids = {offer.employer_ref: offer.employer_id for offer in entering}
    # In a thread: other requests are answered while a region's students are written down.
    students = await asyncio.to_thread(student_rows, entrants, names=names, employer_ids=employer_ids)
    schools = await repository.load_schools(conn, round_.hub_id, sorted({one.school_id for one in entrants}))
    homes = {one.home_postcode for one in entrants} | {row[1] for row in schools}
    destinations = {row[6] for row in slots} - {""}
    postcodes = await repository.load_postcodes(conn, sorted((homes | destinations) - {""}))
    overrides = await load_standing(conn, round_.hub_id) if round_.policy.travel == "auto" else []
    where = {row[0]: (float(row[1]), float(row[2])) for row in postcodes}
    entering_ids = {str(offer.slot_id) for offer in entering}
    return Gathered(
        rows={
            tables.STUDENTS.name: students,
            tables.SLOTS.name: slots,
            tables.EMPLOYERS.name: [
                (employer, limits[employer]) for employer in sorted({offer.employer_id for offer in entering})
            ],
            tables.SCHOOLS.name: schools,
            tables.PREFERENCES.name: [(names[who], rank, slot) for who, rank, slot in wishes if who in names],
            tables.TRAVEL.name: travel_rows(overrides, where, destinations=destinations, origins=homes),
            tables.POSTCODES.name: postcodes,
        },
        names=names,
        schools=[one.school_id for one in entrants],
        left_out=[offer for offer in offers if offer.kept_out is not None],
        lost_pins=[
            (one.student_id, one.pinned_slot_id)
            for one in entrants
            if one.pinned_slot_id and one.pinned_slot_id not in entering_ids
        ],
    )


def opaque(_student_id: str) -> str:
    """Draw a participant id: 80 random bits, of no meaning and of no use in another round."""
    return secrets.token_hex(PARTICIPANT_BYTES)


def count_days(dates: str) -> int:
    """Count the days of ``2027-06-07/2027-06-11;2027-07-05``, both ends included."""
    total = 0
    for part in filter(None, dates.split(";")):
        first, _, last = part.partition("/")
        total += (date.fromisoformat(last or first) - date.fromisoformat(first)).days + 1
    return total


async def _entrants(conn: Conn, round_: Round, programme: Mapping[str, Any]) -> list[Entrant]:
    students = await repository.load_students(conn, round_, year_groups=programme["year_groups"])
    past = await histories(conn, round_)
    credit_of = credit(await repository.load_earlier_ranks(conn, round_), round_.policy)
    nothing = History()
    points = programme["support_points"]
    entrants = []
    for of in students:
        own = dict(of)
        needs = needs_of(meals=own.pop("free_school_meals"), send=own.pop("send_status"))
        history = past.get(own["student_id"], nothing)
        of_need = priority(history, needs=needs, support_points=points)
        entrants.append(Entrant(priority=raised(of_need, credit_of.get(own["student_id"], 0)), **own))
    return entrants


def needs_of(*, meals: bool, send: str) -> frozenset[str]:
    """Give the codes of the support needs that the formula may count."""
    needs = {FREE_SCHOOL_MEALS} if meals else set()
    if need := SEND_NEED.get(send):
        needs.add(need)
    return frozenset(needs)


async def histories(conn: Conn, round_: Round) -> dict[str, History]:
    """Read what earlier published rounds gave, by student id; who is absent has no history."""
    placed, unplaced = await repository.load_earlier(conn, round_)
    days: Counter[str] = Counter()
    low: Counter[str] = Counter()
    for student, rank, dates in placed:
        days[student] += count_days(dates)
        low[student] += rank is not None and rank >= LOW_RANK
    return {
        student: History(
            days_done=days[student], rounds_unplaced=unplaced.get(student, 0), rounds_low_ranked=low[student]
        )
        for student in {*days, *unplaced}
    }
