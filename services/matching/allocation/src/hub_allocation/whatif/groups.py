"""Outcome by group. Groups are opaque labels handed in for the report; no solver ever sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hub_allocation.errors import BadInput
from hub_allocation.instance import Ints
from hub_allocation.reading.columns import identifiers, references
from hub_allocation.reading.frames import read_sheet
from hub_allocation.whatif.disclosure import THRESHOLD, hidden_cells
from hub_allocation.whatif.outcomes import UNPLACED
from hub_schemas.tables import Column, Table

GROUPS = Table(
    "groups",
    (Column("student_id", "a student of students"), Column("label", "any text; blank: no label", "no label")),
    key=("student_id",),
)
UNLABELLED = "(no label)"
POOLED = "(small groups together)"
OUTCOMES = ("1st", "2nd or 3rd", "lower or unranked", "unplaced")


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of a round, those too small to show pooled into one."""

    names: tuple[str, ...]
    """In order of their text; POOLED and UNLABELLED, where there are any, last."""
    pooled: tuple[str, ...]
    """The groups that POOLED stands for."""
    of_student: Ints
    """Index into names (S)."""
    threshold: int


@dataclass(frozen=True, slots=True)
class GroupTable:
    """What one run comes to for each group: a row a group, a column for each of OUTCOMES."""

    groups: Groups
    students: tuple[int, ...]
    """How many students each group has."""
    cells: tuple[tuple[int | None, ...], ...]
    """Students by group and outcome; None: hidden."""

    def as_dict(self) -> list[dict[str, Any]]:
        """A row for each group; hidden cells are null."""
        return [
            {"group": name, "students": students, **dict(zip(OUTCOMES, row, strict=True))}
            for name, students, row in zip(self.groups.names, self.students, self.cells, strict=True)
        ]


def read_groups(data: bytes, student_ids: list[str], *, threshold: int = THRESHOLD) -> Groups:
    """Read groups.csv (student_id, label); students it does not name have no label.

    Args:
        data: the file, CSV or Parquet.
        student_ids: the S students of the round, ordered by id.
        threshold: smaller groups are pooled.

    Raises:
        BadInput: the file can't be read, names a student twice or one who is not in the round.
    """
    sheet = read_sheet(GROUPS, data)
    if sheet.readable:
        identifiers(sheet, "student_id")
    at = references(sheet, "student_id", student_ids, of="students.csv") if sheet.readable else np.zeros(0, np.int32)
    if sheet.errors:
        raise BadInput(sheet.errors)
    labels = [UNLABELLED] * len(student_ids)
    for student, label in zip(at.tolist(), sheet.frame["label"], strict=True):
        labels[student] = label or UNLABELLED
    return pooled_groups(labels, threshold=threshold)


def pooled_groups(labels: Sequence[str], *, threshold: int = THRESHOLD) -> Groups:
    """Form groups from each student's label (S), pooling those below the threshold.

    Where the small ones together are still below it, or there is only one, the next smallest goes in with them: what
    is pooled could otherwise be worked out from the totals.
    """
    names, codes = np.unique(np.array(labels, dtype=object).astype(str), return_inverse=True)
    sizes = np.bincount(codes, minlength=len(names))
    order = np.argsort(sizes, kind="stable").tolist()
    count = int((sizes < threshold).sum())
    while 0 < count < len(names) and (count == 1 or int(sizes[order[:count]].sum()) < threshold):
        count += 1
    gone = set(order[:count])
    kept = [str(name) for code, name in enumerate(names) if code not in gone]
    kept.sort(key=lambda name: (name == UNLABELLED, name))
    shown = tuple(kept + ([POOLED] if gone else []))
    place = {name: at for at, name in enumerate(shown)}
    target = np.array([place.get(str(name), len(shown) - 1) for name in names], dtype=np.int32)
    of_student = target[codes] if len(codes) else np.zeros(0, dtype=np.int32)
    return Groups(shown, tuple(sorted(str(names[code]) for code in gone)), of_student.astype(np.int32), threshold)


def group_table(groups: Groups, ranks: Ints) -> GroupTable:
    """Count the outcomes of each group, small numbers hidden.

    Args:
        groups: the groups of S students.
        ranks: each student's best rank (S), as outcomes.best_ranks gives it.
    """
    lower = len(OUTCOMES) - 2
    column = np.where(
        ranks == UNPLACED, lower + 1, np.where(ranks == 1, 0, np.where((ranks == 2) | (ranks == 3), 1, lower))
    )
    counts = np.zeros((len(groups.names), len(OUTCOMES)), dtype=np.int64)
    np.add.at(counts, (groups.of_student, column), 1)
    hidden = hidden_cells(counts, threshold=groups.threshold)
    cells = tuple(
        tuple(None if gone else count for count, gone in zip(row, flags, strict=True))
        for row, flags in zip(counts.tolist(), hidden.tolist(), strict=True)
    )
    return GroupTable(groups, tuple(counts.sum(axis=1).tolist()), cells)
