"""Use cases of a class's choices: hand out the sheet, take it back filled in; the rest of the school stays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_chassis.transaction import Transaction
from hub_registry.imports import Findings, Record, read
from hub_registry.imports.upload import Received
from hub_registry.preferences import repository
from hub_registry.preferences.class_sheet import SHEET, ranked, row_of
from hub_registry.preferences.model import Preference
from hub_registry.preferences.service import submitted
from hub_registry.rounds import repository as rounds
from hub_registry.rounds.model import Round
from hub_schemas.ids import RoundId, SchoolId, SlotId, StaffId, StudentId

_CHOSEN = """
    SELECT p.student_id, p.rank, l.slot_ref
      FROM preference p
      JOIN slot l ON l.slot_id = p.slot_id
     WHERE p.round_id = $1 AND p.school_id = $2 AND p.student_id = ANY ($3)
     ORDER BY p.student_id, p.rank, l.slot_ref
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a sheet."""

    students: int
    """Whose choices now stand as the sheet has them."""
    blank: int
    """Rows without a choice: what was stored stays."""


async def load_chosen(
    conn: Conn, round_: Round, school_id: SchoolId, student_ids: Sequence[UUID]
) -> dict[UUID, list[list[str]]]:
    """Read what these students have chosen, as codes, best first, ties together."""
    ranks: dict[UUID, dict[int, list[str]]] = {}
    for row in await conn.fetch(_CHOSEN, round_.round_id, school_id, list(student_ids)):
        ranks.setdefault(row["student_id"], {}).setdefault(row["rank"], []).append(row["slot_ref"])
    return {student: list(groups.values()) for student, groups in ranks.items()}


async def sheet_of(
    tx: Transaction, round_: Round, school_id: SchoolId, students: Sequence[Mapping[str, Any]]
) -> list[dict[str, object]]:
    """Write the sheet of these students, with what is chosen so far."""
    chosen = await load_chosen(tx.conn, round_, school_id, [one["student_id"] for one in students])
    return [row_of(one, chosen.get(one["student_id"], [])) for one in students]


async def hold_chosen(
    tx: Transaction, round_: Round, school_id: SchoolId, mis_ids: Sequence[str]
) -> dict[str, list[list[str]]]:
    """Read what these students have chosen, by MIS id, and keep it so until the transaction ends."""
    await repository.lock_school(tx.conn, round_.round_id, school_id)
    students = await repository.load_students(tx.conn, round_, school_id, sorted(set(mis_ids)))
    chosen = await load_chosen(tx.conn, round_, school_id, list(students.values()))
    return {mis_id: chosen.get(student, []) for mis_id, student in students.items()}


async def take_file(tx: Transaction, round_id: RoundId, school_id: SchoolId, upload: Received, *, by: StaffId) -> Taken:
    """Take a sheet that was filled in; raises RoundNotKnown, RoundNotOpen, FileRefused with row and column."""
    table = await read(upload, SHEET)
    return await take(tx, round_id, school_id, table.records, by=by)


async def take(
    tx: Transaction, round_id: RoundId, school_id: SchoolId, records: Sequence[Record], *, by: StaffId
) -> Taken:
    """Let each row's choices replace its student's; rows without a choice change nothing.

    Raises:
        RoundNotKnown, RoundNotOpen: as ever.
        FileRefused: unknown students or slots, a slot twice in a row; nothing is taken.
    """
    round_ = await rounds.hold_round(tx.conn, round_id)
    round_.check_takes_preferences(at=datetime.now(UTC))
    await repository.lock_school(tx.conn, round_id, school_id)
    lists, blank = await _resolved(tx, round_, school_id, records)
    for student, preferences in lists.items():
        await repository.replace_student(tx.conn, round_, school_id, student, preferences)
    if lists:
        await submitted(tx, round_, school_id, by=by)
    return Taken(len(lists), blank)


async def _resolved(
    tx: Transaction, round_: Round, school_id: SchoolId, records: Sequence[Record]
) -> tuple[dict[StudentId, list[Preference]], int]:
    chosen = {record.row: ranked(record.values) for record in records}
    named = sorted({code for groups in chosen.values() for group in groups for code in group})
    slots = await repository.load_slots(tx.conn, round_, named)
    students = await repository.load_students(
        tx.conn, round_, school_id, sorted({record.values["mis_id"] for record in records})
    )
    findings = Findings()
    lists: dict[StudentId, list[Preference]] = {}
    for record in records:
        student = students.get(record.values["mis_id"])
        if student is None:
            message = f"the school has no student {record.values['mis_id']} who may take part in this round"
            findings.add(record, "mis_id", "unknown", message)
        _check(record, slots, findings)
        if student is not None and chosen[record.row]:
            lists[student] = [
                Preference(student, rank, slots[code])
                for rank, group in enumerate(chosen[record.row], 1)
                for code in group
                if code in slots
            ]
    findings.refuse(SHEET)
    return lists, sum(1 for groups in chosen.values() if not groups)


def _check(record: Record, slots: Mapping[str, SlotId], findings: Findings) -> None:
    """Complain of each cell with a code that is unknown, or stands in the row before."""
    before: set[str] = set()
    for column, cell in record.values.items():
        for code in cell if isinstance(cell, list) else ():
            if code not in slots:
                findings.add(record, column, "unknown", f"the programme has no published slot {code}")
            elif code in before:
                findings.add(record, column, "duplicate", f"{code} is chosen before in this row: once is enough")
            before.add(code)
