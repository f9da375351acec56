"""A few students as the solver's arrays, read cell by cell: reading tables has a fixed cost that a page can't pay.

The cells are read by the solver's own readers; a test holds what comes out against its own reading of a table.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from hub_allocation.instance import NONE, Longs, Students
from hub_allocation.reading import cells
from hub_allocation.reading.columns import Coded
from hub_registry.inputs.rows import Cells
from hub_schemas import tables

Value = TypeVar("Value")


def read_students(rows: Sequence[Cells], postcodes: Mapping[str, int], *, default_minutes: int) -> Students:
    """Read rows of ``students``.

    Args:
        rows: S rows in the table's column order; no pins, no companions.
        postcodes: place of each postcode in the instance's list; every home is among them.
        default_minutes: the policy's, where a row states no limit.

    Returns:
        The students in order of their ids. Cost: some 20 microseconds each.
    """
    ordered = sorted(rows)

    def column(name: str) -> list[str]:
        at = tables.STUDENTS.index(name)
        return [row[at] for row in ordered]

    def numbers(name: str, read: Callable[[str], int]) -> Longs:
        return np.array([read(cell) for cell in column(name)], dtype=np.int64)

    nobody = np.full(len(ordered), NONE, dtype=np.int32)
    return Students(
        ids=column("student_id"),
        rows=np.arange(2, len(ordered) + 2, dtype=np.int64),
        school=_coded(column("school_id"), cells.text),
        year_group=numbers("year_group", cells.whole(7, 13)),
        birth_month=numbers("birth_month", cells.month),
        home=np.array([postcodes.get(cell, NONE) for cell in column("postcode")], dtype=np.int32),
        modes=numbers("travel_modes", cells.travel_modes),
        limit=numbers("max_travel_minutes", cells.whole(0, 100_000, blank=default_minutes)),
        available=_coded(column("available"), cells.days),
        needs=_coded(column("access_needs"), cells.tags),
        priority=numbers("priority", cells.whole(0, 1000, blank=0)),
        past_sectors=_coded(column("past_sectors"), cells.tags),
        interests=_coded(column("interests"), cells.tags),
        excluded=_coded(column("excluded_employers"), cells.tags),
        companion=nobody,
        pinned=nobody,
    )


def _coded(texts: Sequence[str], read: Callable[[str], Value]) -> Coded[Value]:
    distinct = sorted(set(texts))
    code = {text: at for at, text in enumerate(distinct)}
    codes = np.array([code[text] for text in texts], dtype=np.int32)
    return Coded(codes, [read(text) for text in distinct])
