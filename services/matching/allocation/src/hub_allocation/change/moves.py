"""Who moves, from where to where, and why, between the allocation that stands and a new one."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from hub_allocation.change.standing import Standing
from hub_allocation.eligibility import Pairs
from hub_allocation.instance import Instance, Longs
from hub_allocation.outcome import csv_bytes

MOVES_HEADER = ("student_id", "from_slot_id", "to_slot_id", "reason")


@dataclass(frozen=True, slots=True)
class Move:
    """One student leaves a slot, gets one, or both.

    ``reason`` says what came first that is true: why the old placement is lost (see `Lost`); ``pinned``, the hub fixed
    the new one; ``lost_seat``, the old slot has fewer seats than students who held one; ``not_run``, the old slot has
    a minimum group and nobody by now; ``displaced``, somebody else has the seat and this student is worse off;
    ``rearranged``, worse off though nobody new is there, as rules tie placements together; ``improved``, the new slot
    ranks better; ``exchanged``, it ranks the same; ``new``, there was no placement before.
    """

    student_id: str
    from_slot_id: str | None
    to_slot_id: str | None
    reason: str

    def cells(self) -> tuple[str, str, str, str]:
        """The row of moves.csv."""
        return self.student_id, self.from_slot_id or "", self.to_slot_id or "", self.reason


def list_moves(instance: Instance, pairs: Pairs, standing: Standing, chosen: Longs) -> list[Move]:
    """Compare two allocations, ordered by student.

    Args:
        instance: the round as it is now.
        pairs: its P pairs.
        standing: the allocation before.
        chosen: the pairs that are placements now.
    """
    students, slots = instance.students.ids, instance.slots.ids
    at_of = {
        (students[pairs.student[at]], slots[pairs.slot[at]]): at
        for at in np.union1d(chosen, np.flatnonzero(standing.holds)).tolist()
    }
    now = {(students[pairs.student[at]], slots[pairs.slot[at]]) for at in chosen.tolist()}
    before = set(standing.placements)
    lost = {(one.student_id, one.slot_id): one.reason for one in standing.lost}
    held = np.bincount(pairs.slot[standing.holds], minlength=len(slots))
    fewer = {slots[at] for at in np.flatnonzero(held > instance.slots.capacity).tolist()}
    arrived = {what for _, what in now - before}
    closed = {slots[at] for at in np.flatnonzero(instance.slots.min_group > 0).tolist()} - {what for _, what in now}

    def displacement(source: str) -> str:
        if source in closed:
            return "not_run"
        return "displaced" if source in arrived else "rearranged"

    left, got = _by_student(before - now), _by_student(now - before)
    found = []
    for who in sorted(left.keys() | got.keys()):
        old, new = left.get(who, []), got.get(who, [])
        for place in range(max(len(old), len(new))):
            source = old[place] if place < len(old) else None
            target = new[place] if place < len(new) else None
            if source is None:
                reason = "new"
            elif (who, source) in lost:
                reason = lost[who, source]
            elif target is not None and pairs.pinned[at_of[who, target]]:
                reason = "pinned"
            elif source in fewer:
                reason = "lost_seat"
            else:
                better = None if target is None else pairs.rank[at_of[who, target]] - pairs.rank[at_of[who, source]]
                reason = by_rank(better)
                reason = displacement(source) if reason == "displaced" else reason
            found.append(Move(who, source, target, reason))
    return found


def by_rank(difference: int | None) -> str:
    """The reason when nothing but ranks says why: by how much the new one is larger; None: there is no new slot."""
    if difference is None or difference > 0:
        return "displaced"
    return "improved" if difference < 0 else "exchanged"


def _by_student(placements: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for who, what in sorted(placements):
        found.setdefault(who, []).append(what)
    return found


def moves_bytes(moves: Iterable[Move]) -> bytes:
    """The file moves.csv."""
    return csv_bytes(MOVES_HEADER, (move.cells() for move in moves))
