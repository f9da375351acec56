"""The allocation that stands, read against a changed round: what of it is still possible, and why the rest is not."""

import csv
import io
from dataclasses import dataclass

import numpy as np

from hub_allocation.eligibility import Pairs, rules
from hub_allocation.errors import BadInput, InputError, told
from hub_allocation.instance import Flags, Instance

WITHDRAWN, LOST_SLOT, DECLINED, NOT_FEASIBLE = "withdrawn", "lost_slot", "declined", "not_feasible"
_NAMES = ("student_id", "slot_id")


@dataclass(frozen=True, slots=True)
class Lost:
    """A standing placement that can't be taken up again.

    ``reason``: ``withdrawn``, the student takes no part any more; ``lost_slot``, the slot is not offered any more;
    ``declined``, the student no longer asks for it; ``not_feasible:RULE``, the first rule the pair breaks by now.
    """

    student_id: str
    slot_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands, ordered by student, then slot."""

    placements: tuple[tuple[str, str], ...]
    """(student_id, slot_id) of every placement that stood."""
    holds: Flags
    """Which of the P pairs are standing placements that break no rule of a feasible pair."""
    lost: tuple[Lost, ...]
    """The others, with why."""


def read_standing(instance: Instance, pairs: Pairs, data: bytes, *, file: str = "allocations.csv") -> Standing:
    """Read the placements of an earlier result; other columns than the two ids are not looked at.

    Args:
        instance: the round as it is now.
        pairs: its P pairs.
        data: an allocations.csv.
        file: what errors call it.

    Raises:
        BadInput: it is not an allocations.csv, or names a placement twice.
    """
    placements = tuple(sorted(_rows(data, file)))
    known = {name: at for at, name in enumerate(instance.students.ids)}
    offered = {name: at for at, name in enumerate(instance.slots.ids)}
    at_of = _index(pairs, [(known[who], offered[what]) for who, what in placements if who in known and what in offered])
    holds = np.zeros(len(pairs), dtype=bool)
    lost = []
    for who, what in placements:
        at = at_of.get((known.get(who, -1), offered.get(what, -1)))
        if who not in known:
            lost.append(Lost(who, what, WITHDRAWN))
        elif what not in offered:
            lost.append(Lost(who, what, LOST_SLOT))
        elif at is None:
            lost.append(Lost(who, what, DECLINED))
        elif pairs.broken[at]:
            rule = next(code for bit, code in enumerate(rules.CODES) if pairs.broken[at] >> bit & 1)
            lost.append(Lost(who, what, f"{NOT_FEASIBLE}:{rule}"))
        else:
            holds[at] = True
    return Standing(placements, holds, tuple(lost))


def _rows(data: bytes, file: str) -> list[tuple[str, str]]:
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput([InputError(file, 0, "", f"can't be read: {error}", "name an earlier result's file")]) from None
    header = rows[0] if rows else []
    missing = [name for name in _NAMES if name not in header]
    if missing:
        raise BadInput([InputError(file, 1, missing[0], "is missing", "name an earlier result's allocations.csv")])
    places = [header.index(name) for name in _NAMES]
    found: dict[tuple[str, str], int] = {}
    errors = []
    for number, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        if len(row) != len(header):
            what = f"has {len(row)} cells, the header names {len(header)}"
            errors.append(InputError(file, number, "", what, "take the file as it was written"))
            continue
        who, what = (row[place] for place in places)
        if (who, what) in found:
            said = f"{who} has {what} already in row {found[who, what]}"
            errors.append(InputError(file, number, "slot_id", said, "keep one of the two"))
        found.setdefault((who, what), number)
    if errors:
        raise BadInput(told(errors))
    return list(found)


def _index(pairs: Pairs, wanted: list[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Where these (student, slot) are among the pairs; those that are not there are left out."""
    asked = np.array(wanted, dtype=np.int64).reshape(-1, 2)
    width = int(max(pairs.slot.max(initial=0), asked[:, 1].max(initial=0))) + 1
    keys = pairs.student.astype(np.int64) * width + pairs.slot
    order = np.argsort(keys)
    sought = asked[:, 0] * width + asked[:, 1]
    if not len(keys):
        return {}
    there = order[np.minimum(np.searchsorted(keys[order], sought), len(keys) - 1)]
    found = keys[there] == sought
    return {pair: at for pair, at, hit in zip(wanted, there.tolist(), found.tolist(), strict=True) if hit}
