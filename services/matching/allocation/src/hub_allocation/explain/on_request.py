"""What overriding one decision costs others, found by solving the round again: for rules that are no network's."""

import json
from dataclasses import replace
from itertools import zip_longest
from typing import Protocol

import numpy as np

from hub_allocation.change.holding import hold_together
from hub_allocation.eligibility import Pairs, find_pairs
from hub_allocation.errors import BadInput, Infeasible
from hub_allocation.explain.override_words import IMPOSSIBLE, Line, Move, exact, tally
from hub_allocation.instance import Flags, Instance
from hub_allocation.levels import rank_costs
from hub_allocation.solve import Solved


class Solve(Protocol):
    """Solves a round as the one before was solved; may raise BadInput or Infeasible, and Stopped when time is up."""

    def __call__(self, instance: Instance, *, standing: Flags | None, fixed: Flags | None) -> Solved:
        """``standing``: the pairs of the changed round that stand from before; ``fixed``: those that must stay."""


def exact_override(before: Solved, student: int, slot: int, *, solve: Solve) -> Line:
    """Solve a round again with one student in one slot, and say what that costs others.

    Args:
        before: the round as solved. What stood before it still does; kept placements stay but for the student's own.
        student: the student to be placed there.
        slot: the slot; a feasible pair with the student. A pin of the student elsewhere is lifted.
        solve: solves the changed round.

    Returns:
        An object as ``if_overridden`` in explanation.schema.json: ``exact`` where both solves are proven optimal, else
        ``best_found``; ``impossible`` where no allocation has the student there.
    """
    stable = before.instance.policy.objective == "stable"
    forced = _seat_taken(before.instance, student, slot) if stable else _pinned(before.instance, student, slot)
    if forced is None:
        return IMPOSSIBLE
    pairs = find_pairs(forced)
    standing = _same(before.pairs, before.prepared.standing, pairs)
    fixed = _same(before.pairs, before.prepared.fixed, pairs)
    if fixed is not None:
        fixed &= pairs.student != student
        if not hold_together(forced, pairs, pairs.pinned | fixed):
            return IMPOSSIBLE
    try:
        after = solve(forced, standing=standing, fixed=fixed)
    except (BadInput, Infeasible):
        return IMPOSSIBLE
    change = {} if stable else _change(before, after, student, slot)
    proven = before.status == after.status == "optimal"
    moves = tally(_moves(before, after, but=student))
    several = before.instance.policy.places_per_student > 1
    told: Line = json.loads(exact(moves, change, kind="exact" if proven else "best_found", several=several))
    return told


def _same(before: Pairs, marked: Flags | None, after: Pairs) -> Flags | None:
    """The pairs of the changed round that are marked in the one before."""
    if marked is None:
        return None
    width = int(max(before.slot.max(initial=0), after.slot.max(initial=0))) + 1
    keys, wanted = (pairs.student.astype(np.int64) * width + pairs.slot for pairs in (after, before.at(marked)))
    return np.isin(keys, wanted)


def _pinned(instance: Instance, student: int, slot: int) -> Instance:
    pinned = instance.students.pinned.copy()
    pinned[student] = slot
    return replace(instance, students=replace(instance.students, pinned=pinned))


def _seat_taken(instance: Instance, student: int, slot: int) -> Instance | None:
    """The round without the student and one seat of the slot, since ``stable`` knows no pins; None without a seat."""
    if not instance.slots.capacity[slot]:
        return None
    capacity = instance.slots.capacity.copy()
    capacity[slot] -= 1
    kept = instance.wish_student != student
    return replace(
        instance, slots=replace(instance.slots, capacity=capacity), wish_student=instance.wish_student[kept],
        wish_slot=instance.wish_slot[kept], wish_rank=instance.wish_rank[kept],
    )  # fmt: skip


def _change(before: Solved, after: Solved, student: int, slot: int) -> dict[str, int]:
    """What each level changes by, the student's pair counted as what it is and not as the pin that forced it."""
    change = {level.name: level.value - old.value for old, level in zip(before.levels, after.levels, strict=True)}
    pairs = before.pairs
    if "rank_cost" in change:
        place = np.flatnonzero((pairs.student == student) & (pairs.slot == slot))
        change["rank_cost"] += int(
            rank_costs(before.instance, replace(pairs, pinned=np.zeros_like(pairs.pinned)))[place][0]
        )
    return change


def _moves(before: Solved, after: Solved, *, but: int) -> list[Move]:
    """Where others move: the slots each has no more, best first, beside those each has instead."""
    old, new = _ranks(before), _ranks(after)
    moves: list[Move] = []
    for who in sorted((old.keys() | new.keys()) - {but}):
        left, taken = old.get(who, {}), new.get(who, {})
        lost = sorted(rank for slot, rank in left.items() if slot not in taken)
        found = sorted(rank for slot, rank in taken.items() if slot not in left)
        moves += list(zip_longest(lost, found))
    return moves


def _ranks(solved: Solved) -> dict[int, dict[int, int]]:
    """The rank of each slot that each student has."""
    pairs = solved.pairs.at(solved.chosen)
    found: dict[int, dict[int, int]] = {}
    for who, what, rank in zip(pairs.student.tolist(), pairs.slot.tolist(), pairs.rank.tolist(), strict=True):
        found.setdefault(who, {})[what] = rank
    return found
