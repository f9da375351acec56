"""Use cases of preferences: a school's file, one student's list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hub_chassis.transaction import Transaction
from hub_registry.errors import Finding, Invalid, SchoolNotKnown, StudentNotKnown
from hub_registry.imports import Findings, Receipt, Record, Table, compare, make_receipt, read, record_receipt
from hub_registry.imports.upload import Received
from hub_registry.preferences import repository
from hub_registry.preferences.columns import SHEET
from hub_registry.preferences.model import Preference, first_gap, gaps
from hub_registry.rounds import repository as rounds
from hub_registry.rounds.model import Round
from hub_schemas.events.entries import PreferencesSubmitted
from hub_schemas.ids import HubId, RoundId, SchoolId, SlotId, StaffId, StudentId


@dataclass(frozen=True, slots=True)
class Ranked:
    """One wish as a person writes it: a slot by its id or its reference."""

    rank: int
    slot_id: SlotId | None = None
    slot_ref: str | None = None


async def submit_file(
    tx: Transaction, round_id: RoundId, school_id: SchoolId, upload: Received, *, by: StaffId, preview: bool = False
) -> Receipt:
    """Let a school's file replace what it submitted before, whole or not at all.

    Raises:
        RoundNotKnown, SchoolNotKnown: as far as the caller may know.
        RoundNotOpen: the round does not take preferences.
        FileRefused: unknown students or slots, ranks with gaps, a slot twice …; each with row and column.
    """
    round_ = await rounds.hold_round(tx.conn, round_id)
    await _school(tx, round_, school_id)
    round_.check_takes_preferences(at=datetime.now(UTC))
    table = await read(upload, SHEET)
    await repository.lock_school(tx.conn, round_id, school_id)
    preferences = await _resolve(tx, round_, school_id, table)
    stored = await _stored(tx, round_, school_id)
    comparison = compare(table.records, lambda record: stored.get((record.values["mis_id"], record.values["slot_ref"])))
    receipt = make_receipt(table, upload, comparison, preview=preview)
    if preview:
        return receipt
    if comparison.created or comparison.updated or len(stored) != len(preferences):
        await repository.replace_school(tx.conn, round_, school_id, preferences)
    await submitted(tx, round_, school_id, by=by)
    return await record_receipt(tx, receipt, by=by, school_id=school_id)


async def put_student(
    tx: Transaction, round_id: RoundId, student_id: StudentId, ranked: Sequence[Ranked], *, by: StaffId
) -> list[Preference]:
    """Let a list replace one student's preferences; raises StudentNotKnown, RoundNotOpen, Invalid (by field)."""
    round_ = await rounds.hold_round(tx.conn, round_id)
    school_id = await repository.load_school_of(tx.conn, round_, student_id)
    if school_id is None:
        raise StudentNotKnown("there is no such student in the year groups of this round's programme")
    round_.check_takes_preferences(at=datetime.now(UTC))
    await repository.lock_school(tx.conn, round_id, school_id)
    preferences = await _checked(tx, round_, student_id, ranked)
    await repository.replace_student(tx.conn, round_, school_id, student_id, preferences)
    await submitted(tx, round_, school_id, by=by)
    return preferences


async def list_student(tx: Transaction, round_id: RoundId, student_id: StudentId) -> list[Preference]:
    """Read one student's preferences, best first; raises RoundNotKnown, StudentNotKnown."""
    round_ = await rounds.load_round(tx.conn, round_id)
    if await repository.load_school_of(tx.conn, round_, student_id) is None:
        raise StudentNotKnown("there is no such student in the year groups of this round's programme")
    return await repository.load_of_student(tx.conn, round_id, student_id)


async def _school(tx: Transaction, round_: Round, school_id: SchoolId) -> None:
    if not await repository.is_school(tx.conn, HubId(round_.hub_id), school_id):
        raise SchoolNotKnown("there is no such school", school_id=school_id)


async def submitted(tx: Transaction, round_: Round, school_id: SchoolId, *, by: StaffId) -> None:
    """Note that a school has submitted, and say so."""
    students, preferences = await repository.record_submission(tx.conn, round_, school_id, by=by, at=datetime.now(UTC))
    fact = PreferencesSubmitted(
        school_id=school_id, round_id=round_.round_id, students=students, preferences=preferences
    )
    await tx.outbox.add(fact)


async def _resolve(tx: Transaction, round_: Round, school_id: SchoolId, table: Table) -> list[Preference]:
    students = await repository.load_students(tx.conn, round_, school_id, sorted(set(table.column("mis_id"))))
    slots = await repository.load_slots(tx.conn, round_, sorted(set(table.column("slot_ref"))))
    findings = Findings()
    preferences: list[Preference] = []
    for record in table.records:
        student = students.get(record.values["mis_id"])
        slot = slots.get(record.values["slot_ref"])
        if student is None:
            _unknown(findings, record, "mis_id", "the school has no student {} who may take part in this round")
        if slot is None:
            _unknown(findings, record, "slot_ref", "the programme has no published slot {}")
        if student is not None and slot is not None:
            preferences.append(Preference(student, record.values["rank"], slot))
    for gap in gaps((one.values["mis_id"], one.values["rank"], one.row) for one in table.records):
        findings.add(gap.place, "rank", "rank_gap", gap.text)
    findings.refuse(SHEET)
    return preferences


def _unknown(findings: Findings, record: Record, column: str, message: str) -> None:
    findings.add(record, column, f"unknown_{column}", message.format(record.values[column]))


async def _stored(tx: Transaction, round_: Round, school_id: SchoolId) -> dict[tuple[str, str], dict[str, object]]:
    rows = await repository.load_of_school(tx.conn, round_, school_id)
    return {
        (mis_id, slot_ref): {"mis_id": mis_id, "slot_ref": slot_ref, "rank": rank} for mis_id, slot_ref, rank in rows
    }


async def _checked(tx: Transaction, round_: Round, student_id: StudentId, ranked: Sequence[Ranked]) -> list[Preference]:
    by_ref = await repository.load_slots(tx.conn, round_, [one.slot_ref for one in ranked if one.slot_ref])
    by_id = await repository.load_slot_ids(tx.conn, round_, [one.slot_id for one in ranked if one.slot_id])
    preferences: list[Preference] = []
    findings: list[Finding] = []
    named: set[SlotId] = set()
    for place, one in enumerate(ranked):
        slot = by_ref.get(one.slot_ref) if one.slot_ref else one.slot_id if one.slot_id in by_id else None
        where = f"preferences.{place}.slot"
        if slot is None:
            findings.append(Finding("the programme has no such published slot", code="unknown_slot", field=where))
        elif slot in named:
            findings.append(Finding("this slot is named before: once is enough", code="duplicate", field=where))
        else:
            named.add(slot)
            preferences.append(Preference(student_id, one.rank, slot))
    if gap := first_gap([(one.rank, place) for place, one in enumerate(ranked)]):
        findings.append(Finding(gap.text, code="rank_gap", field=f"preferences.{gap.place}.rank"))
    if findings:
        raise Invalid("the preferences are wrong; what was there stays", findings)
    return preferences
