"""Companions: two students who get the same slot or none; named on either row or on both, each in one pair only."""

import numpy as np

from hub_allocation.instance import NONE, Ints
from hub_allocation.reading.columns import references
from hub_allocation.reading.frames import Sheet

_COLUMN = "companion_id"


def companions(sheet: Sheet, ids: list[str], *, places: int) -> Ints:
    """Index of each student's companion, NONE without one; the same both ways.

    Notes on the sheet who names themself, who would be in two pairs, and companions where students have several places.
    """
    named = references(sheet, _COLUMN, ids, of="students.csv", blank_ok=True).astype(np.int32)
    rows = sheet.rows()
    partner_of = named.tolist()
    asking = np.flatnonzero(named != NONE)
    if len(asking) and places > 1:
        what = f"companions can't be kept together where each student has {places} places"
        for row in rows[asking].tolist():
            sheet.error(row, _COLUMN, what, "leave it blank, or use places_per_student = 1")
    partner = np.full(len(ids), NONE, dtype=np.int32)
    for at in asking.tolist():
        other = partner_of[at]
        if other == at:
            sheet.error(int(rows[at]), _COLUMN, f"{ids[at]} names themself", "name another student, or leave it blank")
            continue
        taken = _other_pair(partner, at, other)
        if taken is not None:
            who, with_ = ids[taken], ids[int(partner[taken])]
            what = f"{who} is the companion of {with_} already; {ids[at]} names {ids[other]}"
            sheet.error(int(rows[at]), _COLUMN, what, "keep pairs of two: no student in two of them")
            continue
        partner[at], partner[other] = other, at
    return partner


def _other_pair(partner: Ints, first: int, second: int) -> int | None:
    """Who of the two is in a pair with somebody else already."""
    if partner[first] not in (NONE, second):
        return first
    return second if partner[second] not in (NONE, first) else None
