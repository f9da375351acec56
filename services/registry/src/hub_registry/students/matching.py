"""Which stored student a row of a school's file is about; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub_registry.imports import Findings, Record

Stored = Mapping[str, Any]


@dataclass(slots=True)
class Matched:
    """The stored student of each row (by its number), and who of the school is in no row."""

    by_row: dict[int, Stored] = field(default_factory=dict)
    absent: list[Stored] = field(default_factory=list)


def match(records: Sequence[Record], known: Sequence[Stored], *, school_id: str, findings: Findings) -> Matched:
    """Find each row's student: by UPN first, since it follows a person, then by the school's MIS id.

    Args:
        records: rows of the file; MIS ids are unique.
        known: students of the school (also those who left), and students elsewhere with a UPN of the file.
        school_id: whose file it is.
        findings: gets an error for each row whose ids belong to two different students.

    Returns:
        Rows of new students are absent from ``by_row``. ``absent`` are students of the school who have not left, in
        the order of ``known``. Cost linear in both.
    """
    by_upn = {student["upn"]: student for student in known if student["upn"]}
    result = Matched()
    claimed: dict[Any, int] = {}
    for record in records:
        found = by_upn.get(record.values.get("upn"))
        if found is not None:
            first = claimed.setdefault(found["student_id"], record.row)
            if first != record.row:
                message = f"the UPN stands in row {first} already: keep one of the two rows"
                findings.add(record, "upn", "duplicate", message)
            result.by_row[record.row] = found
    here = {student["mis_id"]: student for student in known if student["school_id"] == school_id}
    for record in records:
        holder = here.get(record.values["mis_id"])
        if holder is None or record.row in result.by_row or holder["student_id"] in claimed:
            continue
        claimed[holder["student_id"]] = record.row
        result.by_row[record.row] = holder
    _mis_ids_free(records, result, here=here, claimed=claimed, findings=findings)
    result.absent = [one for one in here.values() if one["student_id"] not in claimed and one["left_at"] is None]
    return result


def _mis_ids_free(
    records: Sequence[Record],
    result: Matched,
    *,
    here: Mapping[str, Stored],
    claimed: Mapping[Any, int],
    findings: Findings,
) -> None:
    """Refuse a MIS id that a student who is in no row keeps."""
    for record in records:
        holder = here.get(record.values["mis_id"])
        if holder is None or holder["student_id"] in claimed:
            continue
        message = (
            f"MIS id {record.values['mis_id']} belongs to another student, whose UPN is {holder['upn']}: "
            "correct the id or the UPN, or put that student's row into the file too"
        )
        findings.add(record, "mis_id", "taken", message)
