"""Whether an allocation is the student-optimal stable matching: rechecked without the solver, in time linear in pairs.

A pair blocks when the student would rather have the slot and the slot has a seat left or would rather have the student
than somebody it holds. A stable matching is the best one for students when no ring of students can swap slots, each to
one they prefer, such that the slots accept: for each slot the best student who prefers it to what they have is looked
up, and following "this student leaves that slot" from slot to slot must come back nowhere. (Gusfield & Irving 1989,
"The stable marriage problem", on rotations; with several seats, Cheng, McDermid & Suzuki 2008.)
"""

import numpy as np

from hub_allocation.eligibility import Pairs
from hub_allocation.instance import NONE, Flags, Instance, Ints, Longs
from hub_allocation.lottery import pair_draws


def blocking_pairs(instance: Instance, pairs: Pairs, chosen: Longs) -> list[str]:
    """Name each student and slot who would rather have each other.

    Args:
        instance: the round.
        pairs: its P pairs.
        chosen: the pairs that are placements: feasible, at most one for each student, within capacity.

    Returns:
        Sentences, ordered by student, then rank. Empty means stable.
    """
    envy = _envied(instance, pairs, chosen)
    slot, capacity = pairs.slot[envy], instance.slots.capacity
    taken = np.bincount(pairs.slot[chosen], minlength=len(capacity))
    has_seat = taken[slot] < capacity[slot]
    blocks = has_seat | _better_than_worst(instance, pairs, envy, chosen)
    students, slots = instance.students.ids, instance.slots.ids
    return [
        f"{students[pairs.student[at]]} would rather have {slots[pairs.slot[at]]}, which "
        + ("has a seat left" if seat else "would rather have them than somebody it holds")
        for at, seat in zip(envy[blocks].tolist(), has_seat[blocks].tolist(), strict=True)
    ]


def better_ring(instance: Instance, pairs: Pairs, chosen: Longs) -> str | None:
    """Name a ring of swaps that makes a stable matching better for students; None when it is student-optimal."""
    envy = _envied(instance, pairs, chosen)
    first = _first_of_slot(instance, pairs, envy)
    left = np.full(len(instance.students), NONE, dtype=np.int32)
    left[pairs.student[chosen]] = pairs.slot[chosen]
    after = np.full(len(instance.slots), NONE, dtype=np.int32)
    after[pairs.slot[first]] = left[pairs.student[first]]
    ring = _ring(after)
    if not ring:
        return None
    who = {int(pairs.slot[at]): instance.students.ids[pairs.student[at]] for at in first.tolist()}
    steps = ", ".join(f"{who[slot]} to {instance.slots.ids[slot]}" for slot in ring)
    return f"a stable matching is better for students: {steps}"


def _envied(instance: Instance, pairs: Pairs, chosen: Longs) -> Longs:
    """The feasible pairs whose student would rather have them than what they got."""
    last = np.iinfo(np.int32).max
    rank = np.full(len(instance.students), last, dtype=np.int64)
    rank[pairs.student[chosen]] = pairs.rank[chosen]
    own = np.full(len(instance.students), NONE, dtype=np.int64)
    own[pairs.student[chosen]] = chosen
    feasible = np.flatnonzero(pairs.feasible)
    student = pairs.student[feasible]
    better = pairs.rank[feasible] < rank[student]
    equal = np.flatnonzero((pairs.rank[feasible] == rank[student]) & (own[student] != feasible))
    if len(equal):
        at = feasible[equal]
        mine = pair_draws(instance, pairs, own[pairs.student[at]])
        other = pair_draws(instance, pairs, at)
        better[equal] = (other < mine) | ((other == mine) & (at < own[pairs.student[at]]))
    return feasible[better]


def _better_than_worst(instance: Instance, pairs: Pairs, envy: Longs, chosen: Longs) -> Flags:
    """Whether the slot prefers the pair's student to the worst it holds: priority, then minutes, then draw."""
    count = len(instance.slots)
    worst = np.full(count, NONE, dtype=np.int64)
    key = _slot_key(instance, pairs, chosen)
    np.maximum.at(worst, pairs.slot[chosen], key)
    mine = _slot_key(instance, pairs, envy)
    better = mine < worst[pairs.slot[envy]]
    equal = np.flatnonzero(mine == worst[pairs.slot[envy]])
    if len(equal):
        asked = np.zeros(count, dtype=bool)
        asked[pairs.slot[envy[equal]]] = True
        last = chosen[asked[pairs.slot[chosen]] & (key == worst[pairs.slot[chosen]])]
        last = last[np.lexsort((last, pair_draws(instance, pairs, last)))]
        of_slot = np.full(count, NONE, dtype=np.int64)
        of_slot[pairs.slot[last]] = last  # the last assignment stays: the worst
        rival = of_slot[pairs.slot[envy[equal]]]
        own, other = pair_draws(instance, pairs, envy[equal]), pair_draws(instance, pairs, rival)
        better[equal] = (own < other) | ((own == other) & (envy[equal] < rival))
    return better


def _first_of_slot(instance: Instance, pairs: Pairs, envy: Longs) -> Longs:
    """Of these pairs, for each slot the one it likes best."""
    count = len(instance.slots)
    key = _slot_key(instance, pairs, envy)
    best = np.full(count, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(best, pairs.slot[envy], key)
    front = envy[key == best[pairs.slot[envy]]]
    several = np.bincount(pairs.slot[front], minlength=count)[pairs.slot[front]] > 1
    draw = np.zeros(len(front), dtype=np.int64)
    draw[several] = pair_draws(instance, pairs, front[several])
    front = front[np.lexsort((front, draw, pairs.slot[front]))]
    first: Longs = front[np.append(True, pairs.slot[front][1:] != pairs.slot[front][:-1])[: len(front)]]
    return first


def _slot_key(instance: Instance, pairs: Pairs, at: Longs) -> Longs:
    """How a slot compares pairs but for the draw: the smaller the better."""
    longest = int(pairs.minutes.max(initial=0)) + 1
    return np.asarray(pairs.minutes[at] - instance.students.priority[pairs.student[at]] * longest) + (1 << 62)


def _ring(after: Ints) -> list[int]:
    """A cycle of a map from slots to slots (NONE: ends), or nothing."""
    seen = [0] * len(after)
    step = after.tolist()
    for root in range(len(step)):
        at = root
        while at != NONE and not seen[at]:
            seen[at] = root + 1
            at = step[at]
        if at != NONE and seen[at] == root + 1:
            ring = [at]
            while step[ring[-1]] != at:
                ring.append(step[ring[-1]])
            return ring
    return []
