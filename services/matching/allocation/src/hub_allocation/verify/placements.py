"""allocations.csv back to pairs, each cell checked against what the round says of the pair."""

import csv
import io

import numpy as np

from hub_allocation.eligibility import Pairs, broken_rules
from hub_allocation.instance import Instance, Longs
from hub_allocation.outcome import ALLOCATION_HEADER, placements_of
from hub_allocation.verify.verdict import Refused

Row = tuple[str, ...]
MOST_SHOWN = 20
"""Reasons of one kind that are told; the rest are counted."""


def read_placements(instance: Instance, pairs: Pairs, data: bytes) -> Longs:
    """The pairs that allocations.csv names; refuses unknown ids, pairs that are not feasible, and wrong figures."""
    rows = _rows("allocations.csv", data, ALLOCATION_HEADER)
    places = _places(instance, pairs, rows)
    reasons = []
    broken = np.append(pairs.broken, 1)[places]  # the last stands for "no pair"
    for number in np.flatnonzero(broken).tolist():
        row, place = rows[number], int(places[number])
        if place < 0:
            reasons.append(f"allocations.csv:{number + 2}: {row[0]} and {row[1]} are no pair of this round")
        else:
            why = "; ".join(rule.text for rule in broken_rules(instance, pairs, place))
            reasons.append(f"allocations.csv:{number + 2}: {row[0]} may not have {row[1]}: {why}")
    if not reasons and len(np.unique(places)) != len(places):
        reasons.append("allocations.csv: names a pair twice")
    if not reasons:
        # The order of the rows is theirs, so that a row in a wrong place is told.
        expected = [placement.cells() for placement in placements_of(instance, pairs, places)]
        for number, (row, right) in enumerate(zip(rows, expected, strict=True), start=2):
            if row != right:
                reasons.append(f"allocations.csv:{number}: says {','.join(row)}, expected {','.join(right)}")
    if reasons:
        raise Refused(*shortened(reasons))
    return np.sort(places)


def shortened(reasons: list[str]) -> list[str]:
    """The first of many reasons, and how many more there are."""
    if len(reasons) <= MOST_SHOWN:
        return reasons
    return [*reasons[:MOST_SHOWN], f"and {len(reasons) - MOST_SHOWN} more like these"]


def _places(instance: Instance, pairs: Pairs, rows: list[Row]) -> Longs:
    """The pair of each row; -1 where there is none."""
    student_at = {name: at for at, name in enumerate(instance.students.ids)}
    slot_at = {name: at for at, name in enumerate(instance.slots.ids)}
    count = max(1, len(instance.slots))
    who = np.array([student_at.get(row[0], -1) for row in rows], dtype=np.int64)
    what = np.array([slot_at.get(row[1], -1) for row in rows], dtype=np.int64)
    asked = np.where((who < 0) | (what < 0), -1, who * count + what)
    keys = pairs.student.astype(np.int64) * count + pairs.slot
    if not len(keys):
        return np.full(len(rows), -1, dtype=np.int64)
    order = np.argsort(keys, kind="stable")
    at = np.minimum(np.searchsorted(keys[order], asked), len(keys) - 1)
    return np.where(keys[order][at] == asked, order[at], -1)


def _rows(name: str, data: bytes, header: Row) -> list[Row]:
    try:
        rows = [tuple(row) for row in csv.reader(io.StringIO(data.decode(), newline=""), strict=True)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(f"{name}: can't be read: {error}") from None
    if not rows or rows[0] != header or any(len(row) != len(header) for row in rows):
        raise Refused(f"{name}: does not have the columns {','.join(header)} in every row")
    return rows[1:]
