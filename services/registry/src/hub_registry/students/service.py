"""Use cases about students."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal, Role
from hub_registry.errors import AlreadyExists, Stale
from hub_registry.imports import (
    Comparison,
    Findings,
    Receipt,
    Received,
    Record,
    Table,
    compare,
    make_receipt,
    read,
    record_receipt,
)
from hub_registry.imports.repository import lock
from hub_registry.postcodes.service import notice_unknown
from hub_registry.schools.repository import load_school
from hub_registry.students import repository
from hub_registry.students.columns import STUDENTS, USUAL_MODES
from hub_registry.students.matching import Matched, match
from hub_registry.students.vocabulary import load_tags, unknown_tags
from hub_schemas.events.entries import StudentsEntered
from hub_schemas.ids import SchoolId, new_id

Absent = Literal["keep", "left"]
"""What becomes of students of the school who are in no row of its file."""

SCHOOL_URN: Final = "school_urn"
YOUNGEST: Final = 8
OLDEST: Final = 25
"""Years: a date of birth outside these is a slip of the pen."""


async def import_students(
    tx: Transaction,
    school_id: SchoolId,
    upload: Received,
    *,
    by: Principal,
    preview: bool,
    absent: Absent,
    at: datetime,
) -> Receipt:
    """Bring in a school's students, or bring them up to date.

    A student who is known elsewhere in the hub by UPN moves here, if the caller may see both schools.

    Raises:
        SchoolNotKnown: the caller may not know of it, or the hub has no such school.
        FileRefused: nothing was taken.
    """
    await load_school(tx.conn, school_id)
    table = await read(upload, STUDENTS)
    await lock(tx.conn, f"students {tx.hub_id} {school_id}")
    findings = Findings()
    _of_school(table.records, school_id, findings)
    _plausible(table.records, findings, today=at.date())
    matched = await _match(tx, school_id, table, findings)
    _companions(table.records, matched, findings)
    findings.refuse(STUDENTS)
    records = [Record(one.row, {**one.values, "school_id": school_id, "left_at": None}) for one in table.records]
    comparison = compare(records, lambda record: matched.by_row.get(record.row))
    leaving = matched.absent if absent == "left" else []
    notices = await _notices(tx, table, comparison, matched=matched, absent=absent)
    if not preview:
        await _write(tx, comparison, leaving, at=at)
        await tx.outbox.add(_entered(school_id, comparison, left=len(leaving)))
    receipt = make_receipt(table, upload, comparison, preview=preview, left=len(leaving), notices=notices)
    return await record_receipt(tx, receipt, by=by.staff_id, school_id=school_id)


def _entered(school_id: SchoolId, comparison: Comparison, *, left: int) -> StudentsEntered:
    return StudentsEntered(
        school_id=school_id,
        created=len(comparison.created),
        updated=len(comparison.updated) + left,
        unchanged=comparison.unchanged,
    )


async def _match(tx: Transaction, school_id: SchoolId, table: Table, findings: Findings) -> Matched:
    upns = table.column("upn")
    known = await repository.lock_known(tx.conn, tx.hub_id, school_id, upns)
    seen = {student["upn"] for student in known}
    hidden = await repository.load_elsewhere(tx.conn, school_id, upns) - seen
    for record in table.records if hidden else ():
        if record.values.get("upn") in hidden:
            message = "a student with this UPN is at another school of the hub: ask the hub to move them here"
            findings.add(record, "upn", "elsewhere", message)
    return match(table.records, known, school_id=school_id, findings=findings)


def _of_school(records: Sequence[Record], school_id: SchoolId, findings: Findings) -> None:
    """Refuse rows that say they are another school's; the number itself is not kept with a student."""
    for record in records:
        stated = record.values.pop(SCHOOL_URN, None)
        if stated not in (None, school_id):
            message = f"is {stated}, and this is the file of {school_id}: send it to the school it belongs to"
            findings.add(record, SCHOOL_URN, "other_school", message)


def _plausible(records: Sequence[Record], findings: Findings, *, today: date) -> None:
    for record in records:
        born: date = record.values["date_of_birth"]
        if born > today:
            findings.add(record, "date_of_birth", "impossible_date", f"{born} lies in the future")
        elif not YOUNGEST <= today.year - born.year <= OLDEST:
            message = f"{born} would make a student of about {today.year - born.year}: check the year"
            findings.add(record, "date_of_birth", "impossible_date", message)


def _companions(records: Sequence[Record], matched: Matched, findings: Findings) -> None:
    there = {record.values["mis_id"] for record in records} | {student["mis_id"] for student in matched.absent}
    for record in records:
        companion = record.values.get("companion_mis_id")
        if companion and companion not in there:
            message = f"there is no student with MIS id {companion} in this school: correct it or leave it blank"
            findings.add(record, "companion_mis_id", "unknown", message)


async def _notices(
    tx: Transaction, table: Table, comparison: Comparison, *, matched: Matched, absent: Absent
) -> list[str]:
    notices = await notice_unknown(tx, table.column("home_postcode"))
    notices += unknown_tags(table.records, await load_tags(tx.conn))
    if comparison.created and "travel_modes" not in comparison.created[0].values:
        modes = ";".join(USUAL_MODES)
        new = _counted(len(comparison.created), "new student is", "new students are")
        notices.append(
            f"the file has no column travel_modes: {new} entered with {modes}; change it for those it is wrong for, "
            "many at once if need be: the list of students can show who has just these"
        )
    if moved := sum(1 for update in comparison.updated if "school_id" in update.changed):
        notices.append(f"{_counted(moved, 'student', 'students')} moved here from another school")
    if back := sum(1 for update in comparison.updated if "left_at" in update.changed):
        notices.append(f"{_counted(back, 'student had left and is back', 'students had left and are back')}")
    if matched.absent and absent == "keep":
        one = "student of the school is not in this file and stays as it is"
        many = "students of the school are not in this file and stay as they are"
        notices.append(f"{_counted(len(matched.absent), one, many)}; if they have left, say so when you send it")
    return notices


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


async def _write(
    tx: Transaction, comparison: Comparison, leaving: Sequence[Mapping[str, Any]], *, at: datetime
) -> None:
    blanks = {**STUDENTS.blanks(), "hub_id": tx.hub_id}
    blanks.pop(SCHOOL_URN)
    # Updates first: a student who is renumbered frees an id that a new one may have been given.
    await repository.update_students(tx.conn, (update.merged() for update in comparison.updated))
    await repository.insert_students(
        tx.conn, ({**blanks, "student_id": new_id(), **new.values} for new in comparison.created)
    )
    if leaving:
        await repository.mark_left(tx.conn, [student["student_id"] for student in leaving], at=at)


async def add_student(tx: Transaction, values: Mapping[str, Any], *, by: Principal) -> dict[str, Any]:
    """Enter one student; raises SchoolNotKnown, AlreadyExists."""
    school_id = SchoolId(values["school_id"])
    by.must_be(Role.ADVISER, Role.HUB)
    await load_school(tx.conn, school_id)
    await lock(tx.conn, f"students {tx.hub_id} {school_id}")
    await _must_be_free(tx, school_id, values, student_id=None)
    student_id = new_id()
    row = {**STUDENTS.blanks(), **values, "hub_id": tx.hub_id, "student_id": student_id, "left_at": None}
    row.pop(SCHOOL_URN)
    await repository.insert_students(tx.conn, [row])
    await tx.outbox.add(StudentsEntered(school_id=school_id, created=1, updated=0, unchanged=0))
    return await repository.load_student(tx.conn, student_id)


async def change_student(
    tx: Transaction, student_id: UUID, values: Mapping[str, Any], *, if_match: str | None
) -> dict[str, Any]:
    """Change some of a student's fields; raises StudentNotKnown, Stale, AlreadyExists."""
    stored = await repository.load_student(tx.conn, student_id, lock=True)
    if if_match is not None and if_match != stored["version"]:
        raise Stale("the student was changed since you read it: read it again")
    changed = {**stored, **values}
    await _must_be_free(tx, SchoolId(stored["school_id"]), values, student_id=student_id)
    changed.pop("version")
    if changed != {name: stored[name] for name in changed}:
        await repository.update_students(tx.conn, [changed])
        fact = StudentsEntered(school_id=SchoolId(stored["school_id"]), created=0, updated=1, unchanged=0)
        await tx.outbox.add(fact)
    return await repository.load_student(tx.conn, student_id)


async def _must_be_free(
    tx: Transaction, school_id: SchoolId, values: Mapping[str, Any], *, student_id: UUID | None
) -> None:
    upns = [values["upn"]] if values.get("upn") else []
    for other in await repository.lock_known(tx.conn, tx.hub_id, school_id, upns):
        if other["student_id"] == student_id:
            continue
        if upns and other["upn"] == upns[0]:
            raise AlreadyExists("a student with this UPN is known already", field="upn")
        if other["school_id"] == school_id and other["mis_id"] == values.get("mis_id"):
            raise AlreadyExists("the school has a student with this MIS id already", field="mis_id")
    if await repository.load_elsewhere(tx.conn, school_id, upns):
        raise AlreadyExists("a student with this UPN is at another school of the hub", field="upn")
