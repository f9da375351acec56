"""What is missing before a round closes: the solver's own rules, asked of the input as it would be frozen now."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import BaseModel, Field

from hub_allocation.eligibility import broken_rules, find_pairs
from hub_allocation.errors import AllocationError, BadInput
from hub_allocation.policy import Policy as SolverPolicy
from hub_allocation.reading.tables import read_instance
from hub_chassis.transaction import Transaction
from hub_registry.inputs import repository
from hub_registry.inputs.gather import Gathered, gather
from hub_registry.rounds.model import Round
from hub_schemas import tables
from hub_schemas.policy import Policy

LISTED = 500
"""Most entries of each list; the counts are always whole."""


class SchoolMissing(BaseModel):
    """A school with students who may take part that has not submitted preferences."""

    school_id: str
    name: str
    students: int


class StudentMissing(BaseModel):
    """A student who would certainly be unplaced."""

    student_id: str
    school_id: str
    reasons: list[str] = Field(default=[], description="For each wish: the rules it breaks, in plain words")


class SchoolNeeds(BaseModel):
    """How many students of a school would certainly be unplaced."""

    school_id: str
    without_preferences: int
    without_feasible_choice: int


class SlotMissing(BaseModel):
    """A slot that would not enter the round."""

    slot_id: str
    slot_ref: str
    employer_ref: str
    reason: str = Field(
        description="withdrawn, employer_not_verified, verification_ends_before, insurance_unknown, "
        "insurance_ends_before"
    )


class PinMissing(BaseModel):
    """A pin on a slot that would not enter the round: it keeps the round from closing."""

    student_id: str
    slot_id: str


class Missing(BaseModel):
    """What is missing; ``counts`` are whole, the lists hold the first entries."""

    counts: dict[str, int]
    schools_not_submitted: list[SchoolMissing]
    students_without_preferences: list[StudentMissing]
    students_without_feasible_choice: list[StudentMissing]
    infeasible_by_rule: dict[str, int] = Field(description="Broken rules over the wishes of those students")
    slots_kept_out: list[SlotMissing]
    pins_kept_out: list[PinMissing]
    by_school: list[SchoolNeeds] = Field(default=[], description="Whole: every school with such students")
    errors: list[str] = Field(description="What the solver would refuse about this input, a line each")

    def troubled(self) -> dict[str, int]:
        """Give the schools with students who have no choice that can work, and how many these are."""
        return {one.school_id: one.without_feasible_choice for one in self.by_school if one.without_feasible_choice}


async def find_missing(tx: Transaction, round_: Round) -> Missing:
    """Look at a round as it would be frozen now; the caller sees the whole hub."""
    gathered = await gather(tx.conn, round_, name=str)
    schools = [SchoolMissing(**row) for row in await repository.load_not_submitted(tx.conn, round_)]
    consent = await repository.load_consent(tx.conn, round_)
    # The eligibility of a region takes a second: in a thread, so that other requests are answered meanwhile.
    judged = await asyncio.to_thread(_judge, gathered, round_.policy)
    out = gathered.left_out
    return Missing(
        counts={
            "students": len(gathered.names),
            "slots": len(gathered.rows[tables.SLOTS.name]),
            "schools_not_submitted": len(schools),
            "students_without_preferences": len(judged.without),
            "students_without_feasible_choice": len(judged.infeasible),
            "slots_kept_out": len(out),
            "pins_kept_out": len(gathered.lost_pins),
            "consent_refused": consent.get("no", 0),
            "consent_pending": consent.get("", 0),
        },
        schools_not_submitted=schools[:LISTED],
        students_without_preferences=judged.without[:LISTED],
        students_without_feasible_choice=judged.infeasible[:LISTED],
        infeasible_by_rule=dict(judged.rules),
        slots_kept_out=[
            SlotMissing(
                slot_id=str(one.slot_id),
                slot_ref=one.slot_ref,
                employer_ref=one.employer_ref,
                reason=one.kept_out or "",
            )
            for one in out[:LISTED]
        ],
        pins_kept_out=[PinMissing(student_id=who, slot_id=slot) for who, slot in gathered.lost_pins[:LISTED]],
        by_school=_by_school(judged),
        errors=judged.errors[:LISTED],
    )


def _by_school(judged: "_Judged") -> list[SchoolNeeds]:
    without = Counter(one.school_id for one in judged.without)
    infeasible = Counter(one.school_id for one in judged.infeasible)
    return [
        SchoolNeeds(school_id=school, without_preferences=without[school], without_feasible_choice=infeasible[school])
        for school in sorted({*without, *infeasible})
    ]


class _Judged:
    def __init__(self) -> None:
        self.without: list[StudentMissing] = []
        self.infeasible: list[StudentMissing] = []
        self.rules: Counter[str] = Counter()
        self.errors: list[str] = []


def _judge(gathered: Gathered, policy: Policy) -> _Judged:
    judged = _Judged()
    schools = dict(zip(gathered.names, gathered.schools, strict=True))
    wishing = {row[0] for row in gathered.rows[tables.PREFERENCES.name]}
    pinned = {row[0] for row in gathered.rows[tables.STUDENTS.name] if row[14]}
    judged.without = [
        StudentMissing(student_id=student, school_id=school)
        for student, school in schools.items()
        if student not in wishing and student not in pinned
    ]
    try:
        _feasibility(judged, gathered.rows, policy, schools)
    except BadInput as bad:
        judged.errors = [str(error) for error in bad.errors]
    except AllocationError as error:
        judged.errors = [str(error)]
    return judged


def _feasibility(judged: _Judged, rows: Mapping[str, Any], policy: Policy, schools: Mapping[str, str]) -> None:
    files = {table.name: tables.canonical_bytes(table, rows[table.name]) for table in tables.TABLES}
    instance = read_instance(files, SolverPolicy.from_mapping(policy.model_dump()))
    pairs = find_pairs(instance)
    wishes = np.bincount(pairs.student, minlength=len(instance.students))
    feasible = np.bincount(pairs.student[pairs.feasible], minlength=len(instance.students))
    start = np.searchsorted(pairs.student, np.arange(len(instance.students) + 1))
    titles = instance.slots.title
    for who in np.flatnonzero((wishes > 0) & (feasible == 0)).tolist():
        reasons = []
        for place in range(start[who], start[who + 1]):
            broken = broken_rules(instance, pairs, place)
            judged.rules.update(rule.code for rule in broken)
            title = titles[int(pairs.slot[place])]
            reasons.append(f"{title}: " + "; ".join(rule.text for rule in broken))
        student = instance.students.ids[who]
        judged.infeasible.append(StudentMissing(student_id=student, school_id=schools[student], reasons=reasons))
