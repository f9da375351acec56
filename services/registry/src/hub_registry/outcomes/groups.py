"""Outcome by group: sex, free school meals, special needs, area. Counted here, where groups are; no solver sees them.

Small numbers are hidden, and others with them, so that no hidden one can be worked out from rows, columns and totals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from hub_allocation.whatif.disclosure import THRESHOLD
from hub_allocation.whatif.groups import OUTCOMES, GroupTable, group_table, pooled_groups
from hub_allocation.whatif.outcomes import UNPLACED
from hub_chassis.database import Conn
from hub_schemas.ids import RunId

_UNRANKED: Final = 1_000_000
_COUNTS = """
    SELECT s.gender, s.free_school_meals, s.send_status, c.la, o.rank, count(*)::int AS students
      FROM (SELECT student_id, coalesce(min(rank), $2) AS rank FROM placement WHERE run_id = $1 GROUP BY student_id
             UNION ALL
            SELECT student_id, NULL FROM unplaced WHERE run_id = $1) o
      JOIN student s ON s.student_id = o.student_id
      JOIN school c ON c.hub_id = s.hub_id AND c.school_id = s.school_id
     GROUP BY 1, 2, 3, 4, 5
     ORDER BY 1, 2, 3, 4, 5
"""
_SEND: Final = {"N": "No special needs recorded", "K": "SEN support", "E": "Education, health and care plan"}
_GENDER: Final = {"F": "Female", "M": "Male"}


@dataclass(frozen=True, slots=True)
class Grouping:
    """The students of a run under one heading, and what each group got."""

    heading: str
    table: GroupTable

    @property
    def rows(self) -> list[tuple[str, int, tuple[int | None, ...]]]:
        """(group, its students, students by outcome; None: hidden)."""
        return list(zip(self.table.groups.names, self.table.students, self.table.cells, strict=True))


async def by_group(conn: Conn, run_id: RunId) -> list[Grouping]:
    """Count a run's outcome by group; the caller sees the whole hub."""
    rows = await conn.fetch(_COUNTS, run_id, _UNRANKED)
    return tabulate([dict(row) for row in rows])


def tabulate(rows: Sequence[dict[str, Any]]) -> list[Grouping]:
    """Make a table of each heading from counts of students by everything at once.

    Args:
        rows: gender, free_school_meals, send_status, la, rank (None: unplaced) and how many ``students`` are so.
    """
    times = np.array([row["students"] for row in rows], dtype=np.int64)
    ranks = np.repeat(np.array([_best(row["rank"]) for row in rows], dtype=np.int32), times)
    return [_grouping(heading, np.repeat(labels, times).tolist(), ranks) for heading, labels in _labels(rows).items()]


def _grouping(heading: str, labels: list[str], ranks: Any) -> Grouping:
    return Grouping(heading, group_table(pooled_groups(labels, threshold=THRESHOLD), ranks))


def _best(rank: int | None) -> int:
    return int(UNPLACED) if rank is None else rank


def _labels(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    meals = {True: "Free school meals", False: "No free school meals"}
    return {
        "Sex": np.array([_GENDER.get(row["gender"], row["gender"]) or "Not recorded" for row in rows], dtype=object),
        "Free school meals": np.array([meals[row["free_school_meals"]] for row in rows], dtype=object),
        "Special educational needs": np.array([_SEND[row["send_status"]] for row in rows], dtype=object),
        "Area of the school": np.array([row["la"] or "Not recorded" for row in rows], dtype=object),
    }


__all__ = ["OUTCOMES", "THRESHOLD", "Grouping", "by_group", "tabulate"]
