"""Use cases of checking employers, one or many: verified until a day, or turned away for a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from hub_chassis.transaction import Transaction
from hub_registry.applications.service import let_in
from hub_registry.employers import checks, repository
from hub_registry.errors import Finding, Invalid, Stale
from hub_schemas.events.entries import EmployerTurnedAway, EmployerVerified
from hub_schemas.ids import EmployerId, StaffId

HOLDS: Final = timedelta(days=365)
"""A check holds a year unless something ends sooner."""
LONGEST: Final = timedelta(days=3 * 366)
RISK_BANDS: Final = ("low", "less_familiar", "higher")
REASONS: Final = (
    "no_insurance",
    "insurance_not_shown",
    "risk_assessment_missing",
    "contact_not_reached",
    "not_suitable",
    "registered_twice",
    "other",
)
"""Coded reasons for turning an employer away."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the hub found: how closely to look at this employer, and until when the check holds."""

    risk_band: str
    until: date


def usual_end(insured_until: date | None, *, today: date) -> date:
    """Give the day a check usually holds to: a year from today, or the insurance's last day if that comes first."""
    in_a_year = today + HOLDS
    return in_a_year if insured_until is None or insured_until < today else min(in_a_year, insured_until)


async def verify_one(
    tx: Transaction, employer_id: UUID, verdict: Verdict, *, by: StaffId, at: datetime, if_match: str | None
) -> None:
    """Note that the hub has checked an employer, also once more; raises EmployerNotKnown, Stale, Invalid."""
    await _locked(tx, employer_id, if_match)
    if verdict.risk_band not in RISK_BANDS:
        raise Invalid("there is a problem", [Finding("choose a risk band", field="risk_band")])
    _must_be_possible(verdict.until, today=at.date())
    await checks.verify_one(tx.conn, employer_id, risk_band=verdict.risk_band, until=verdict.until, by=by, at=at)
    await tx.outbox.add(EmployerVerified(employer_id=EmployerId(employer_id)))
    await let_in(tx, [employer_id], by=by)


async def verify_many(
    tx: Transaction, employer_ids: Sequence[UUID], *, until: date, by: StaffId, at: datetime
) -> list[EmployerId]:
    """Note that the hub has checked employers; those that are verified already, or not known, are left out."""
    _must_be_possible(until, today=at.date())
    verified = await checks.verify_many(tx.conn, employer_ids, until=until, by=by, at=at)
    await tx.outbox.add_many(EmployerVerified(employer_id=employer_id) for employer_id in verified)
    await let_in(tx, verified, by=by)
    return verified


async def turn_away(
    tx: Transaction, employer_id: UUID, *, reason: str, at: datetime, if_match: str | None
) -> dict[str, Any]:
    """Note why an employer may not host; raises EmployerNotKnown, Stale, Invalid."""
    stored = await _locked(tx, employer_id, if_match)
    if reason not in REASONS:
        raise Invalid("there is a problem", [Finding("choose a reason", field="reason")])
    await checks.turn_away(tx.conn, employer_id, reason=reason, at=at)
    await tx.outbox.add(EmployerTurnedAway(employer_id=EmployerId(employer_id), reason=reason))
    return stored


async def _locked(tx: Transaction, employer_id: UUID, if_match: str | None) -> dict[str, Any]:
    stored = await repository.load_employer(tx.conn, employer_id, lock=True)
    if if_match is not None and if_match != stored["version"]:
        raise Stale("the employer was changed since you read it: read it again")
    return stored


def _must_be_possible(until: date, *, today: date) -> None:
    if not today <= until <= today + LONGEST:
        found = Finding("enter a day from today to three years from now", field="until", code="impossible_date")
        raise Invalid("there is a problem", [found])
