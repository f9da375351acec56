"""Use cases of travel times: an adviser who knows better says so, with a reason, or takes it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub_chassis.transaction import Transaction
from hub_registry.errors import Conflict, Finding, Invalid
from hub_registry.inputs.repository import load_postcodes
from hub_registry.rounds.model import Round
from hub_registry.schools.repository import load_school
from hub_registry.travel import repository
from hub_registry.travel.model import estimates
from hub_schemas.ids import SchoolId, StaffId, new_id

MOST_MINUTES = 600
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Trip:
    """A student's journey to a slot: what is estimated by each means, and what the school has set instead."""

    origin: str
    destination: str
    estimates: Mapping[str, int]
    own: list[dict[str, Any]]


async def trip_of(tx: Transaction, round_: Round, student: Mapping[str, Any], destination: str) -> Trip:
    """Look at a journey; raises Conflict when its time is not an estimate, so that nobody may override it."""
    origin = student["home_postcode"] or (await load_school(tx.conn, student["school_id"]))["postcode"]
    if not destination:
        raise Conflict("this slot is online: there is no journey")
    if round_.policy.travel != "auto":
        raise Conflict("this round takes measured travel times only: they can't be overridden")
    rows = await load_postcodes(tx.conn, sorted({origin, destination} - {""}))
    where = {row[0]: (float(row[1]), float(row[2])) for row in rows}
    found = estimates([(origin, destination)], where).get((origin, destination))
    if found is None:
        raise Conflict("no travel time can be estimated for this journey, so there is none to override")
    own = await repository.load_own(tx.conn, SchoolId(student["school_id"]), origin, destination)
    return Trip(origin, destination, found, own)


async def override(
    tx: Transaction, student: Mapping[str, Any], trip: Trip, values: Mapping[str, str], *, by: StaffId, at: datetime
) -> None:
    """Let a time stand in the place of an estimate; raises Invalid by field."""
    mode, text, reason = values["mode"], values["minutes"], " ".join(values["reason"].split())
    findings: list[Finding] = []
    if mode not in trip.estimates or mode not in student["travel_modes"]:
        findings.append(Finding("choose a way this student can travel", field="mode"))
    minutes = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
    if not 1 <= minutes <= MOST_MINUTES:
        findings.append(Finding(f"enter whole minutes from 1 to {MOST_MINUTES}", field="minutes"))
    if not reason:
        findings.append(Finding("say why: the reason is kept", field="reason"))
    elif len(reason) > LONGEST_REASON:
        findings.append(Finding(f"shorten the reason to {LONGEST_REASON} characters", field="reason"))
    if findings:
        raise Invalid("there is a problem", findings)
    row = {
        "override_id": new_id(),
        "hub_id": tx.hub_id,
        "school_id": student["school_id"],
        "origin": trip.origin,
        "destination": trip.destination,
        "mode": mode,
        "minutes": minutes,
        "estimate": trip.estimates[mode],
        "reason": reason,
        "set_by": by,
        "set_at": at,
    }
    await repository.put(tx.conn, row)


async def take_back(tx: Transaction, student: Mapping[str, Any], trip: Trip) -> None:
    """Let the estimate stand again."""
    await repository.take_back(tx.conn, SchoolId(student["school_id"]), trip.origin, trip.destination)
