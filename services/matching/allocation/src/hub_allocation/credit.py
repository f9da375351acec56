"""Credit from earlier rounds: what results' files say of each student, and a round's priorities raised by it.

The formula itself is hub_schemas.credit: the registry uses the same when it freezes a round.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from hub_allocation.errors import BadInput, InputError
from hub_allocation.outcome import ALLOCATION_HEADER, UNPLACED_HEADER, csv_bytes
from hub_allocation.policy import Policy
from hub_allocation.reading import cells
from hub_allocation.reading.canonical import canonical_bytes, sort_canonically
from hub_allocation.reading.frames import read_sheet
from hub_schemas.credit import EARNS_NOTHING, Earlier, credit, raised
from hub_schemas.tables import STUDENTS

CREDIT_HEADER = ("student_id", "rounds", "credit", "priority_before", "priority")
NOTHING_RANKED = "no_preferences"


@dataclass(frozen=True, slots=True)
class Credited:
    """One student's credit, and the priority with it."""

    student_id: str
    rounds: int
    """Earlier rounds the student took part in."""
    credit: int
    before: int
    priority: int

    def cells(self) -> tuple[str, ...]:
        """The row of credit.csv."""
        return self.student_id, str(self.rounds), str(self.credit), str(self.before), str(self.priority)


def earlier_result(output: Mapping[str, bytes], *, folder: str) -> Earlier:
    """What one earlier round came to for each student, from the files of its result.

    Args:
        output: allocations.csv and unplaced.csv by name.
        folder: named in errors.

    Returns:
        The best rank among a student's placements; 0 for one placed unranked or who ranked nothing; None for unplaced.

    Raises:
        BadInput: a file is missing, can't be read, or names a student as placed and unplaced.
    """
    found: dict[str, int | None] = {}
    for number, row in _rows(output, "allocations.csv", header=ALLOCATION_HEADER, folder=folder):
        try:
            rank = cells.whole(1, 1_000_000, blank=EARNS_NOTHING)(row[2])
        except cells.BadCell as error:
            raise _bad(f"{folder}/allocations.csv", number, "rank", error.what) from None
        known = found.get(row[0])
        found[row[0]] = rank if known is None else min(known, rank)
    for number, (student, reason) in _rows(output, "unplaced.csv", header=UNPLACED_HEADER, folder=folder):
        if student in found:
            raise _bad(f"{folder}/unplaced.csv", number, "student_id", f"{student} is placed as well, or named twice")
        found[student] = EARNS_NOTHING if reason == NOTHING_RANKED else None
    return found


def with_credit(students: bytes, history: Sequence[Earlier], policy: Policy) -> tuple[bytes, list[Credited]]:
    """Raise the priorities of a round's students by what earlier rounds owe them.

    Args:
        students: the file students, CSV or Parquet, already found readable.
        history: what each earlier round came to.
        policy: states the formula.

    Returns:
        The file students.csv in canonical form, and a row for each student of the round, ordered by id.
    """
    sheet = read_sheet(STUDENTS, students)
    sort_canonically(sheet)
    points = credit(history, policy)
    read_priority = cells.whole(0, 1000, blank=0)
    rows = []
    for student, text in sheet.frame.select("student_id", "priority").iter_rows():
        before, owed = read_priority(text), points.get(student, 0)
        rounds = sum(student in earlier for earlier in history)
        rows.append(Credited(student, rounds, owed, before, raised(before, owed)))
    priorities = pl.Series("priority", [str(row.priority) for row in rows], dtype=pl.String)
    sheet.frame = sheet.frame.with_columns(priorities)
    return canonical_bytes(sheet), rows


def credit_bytes(rows: Sequence[Credited]) -> bytes:
    """The file credit.csv: what was added for whom; not one of the input tables, so a solve ignores it."""
    return csv_bytes(CREDIT_HEADER, (row.cells() for row in rows))


def _rows(
    output: Mapping[str, bytes], name: str, *, header: tuple[str, ...], folder: str
) -> list[tuple[int, list[str]]]:
    file = f"{folder}/{name}"
    if name not in output:
        raise BadInput([InputError(file, 0, "", "is not there", "name the folder of a finished result")])
    try:
        rows = list(csv.reader(io.StringIO(output[name].decode(), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _bad(file, 0, "", f"can't be read: {error}") from None
    if not rows or tuple(rows[0]) != header:
        raise _bad(file, 1, "", f"does not have the columns {','.join(header)}")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise _bad(file, number, "", f"has {len(row)} cells, the header names {len(header)}")
    return list(enumerate(rows[1:], start=2))


def _bad(file: str, row: int, column: str, what: str) -> BadInput:
    return BadInput([InputError(file, row, column, what, "use the file as hub-matching wrote it")])
