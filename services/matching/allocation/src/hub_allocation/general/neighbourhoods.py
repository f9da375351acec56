"""Improves an allocation of a large component by solving small neighbourhoods of it exactly, one after the other.

A neighbourhood is some slots near each other and the students who are there or would like to be: those choose anew
among all their pairs, everybody else stays (large neighbourhood search: Shaw 1998, CP-98, 417-431).
"""

from collections.abc import Callable

import numpy as np

from hub_allocation.general.budget import Budget
from hub_allocation.general.levels import folds
from hub_allocation.general.model import make_model
from hub_allocation.general.part import Part, better
from hub_allocation.general.rules import Rules
from hub_allocation.instance import NONE, Flags, Longs

PAIRS = 400
"""About how many pairs a neighbourhood has."""
SEARCH_S = 2.0
"""Longest search of one sum of levels in a neighbourhood."""


def improve(
    rules: Rules, taken: Flags, *, seeds: Longs, budget: Budget, until: float, told: Callable[[Flags], None]
) -> Flags:
    """Solve neighbourhoods until none around the seeds helps any more or the time is up.

    Args:
        rules: the component.
        taken: an allocation that keeps every rule (V).
        seeds: slots of the component that neighbourhoods are laid around, the most promising first.
        budget: the clock, the threads, and who may stop everything.
        until: when to end, by the budget's clock.
        told: given every better allocation.

    Returns:
        An allocation at least as good, that keeps every rule.
    """
    map_ = _Map(rules.part)
    waiting = seeds.tolist()
    while waiting and budget.clock() < until:
        budget.check()
        slots = map_.around(waiting[0], taken)
        found = _solved(rules, taken, slots, map_=map_, budget=budget, until=until)
        if found is None:
            waiting = [seed for seed in waiting[1:] if seed not in slots]
        else:
            taken = found
            told(taken)
            waiting = [*waiting[1:], *[slot for slot in slots if slot not in waiting]]
    return taken


class _Map:
    """Which pairs each student and each slot has, and who is whose companion."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.by_slot = np.argsort(part.slot, kind="stable")
        self.slot_start = np.searchsorted(part.slot[self.by_slot], np.arange(len(part.slots) + 1))
        self.by_student = np.argsort(part.student, kind="stable")
        self.student_start = np.searchsorted(part.student[self.by_student], np.arange(len(part.students) + 1))
        place = np.full(len(part.instance.students), NONE, dtype=np.int64)
        place[part.students] = np.arange(len(part.students))
        other = part.instance.students.companion[part.students]
        self.companion = np.where(other == NONE, NONE, place[other])

    def of_slot(self, slot: int) -> Longs:
        """The pairs of a slot."""
        return self.by_slot[self.slot_start[slot] : self.slot_start[slot + 1]]

    def of_student(self, student: int) -> Longs:
        """The pairs of a student."""
        return self.by_student[self.student_start[student] : self.student_start[student + 1]]

    def around(self, seed: int, taken: Flags) -> list[int]:
        """The seed and the slots nearest by: those that most of its students rank, then theirs, until it is enough."""
        slots, size, at = [seed], 0, 0
        while at < len(slots) and size < PAIRS:
            here = self.of_slot(slots[at])
            size += sum(len(self.of_student(one)) for one in self.part.student[here[taken[here]]].tolist())
            wanted: dict[int, int] = {}
            for student in self.part.student[here].tolist():
                for slot in self.part.slot[self.of_student(student)].tolist():
                    wanted[slot] = wanted.get(slot, 0) + 1
            slots += sorted(wanted.keys() - set(slots), key=lambda slot: (-wanted[slot], slot))[:5]
            at += 1
        return slots[:at]

    def students(self, slots: list[int], taken: Flags) -> Longs:
        """Who chooses anew: those in the slots, those unplaced who could be, their companions with them."""
        pairs = np.concatenate([self.of_slot(slot) for slot in slots])
        placed = np.zeros(len(self.part.students), dtype=bool)
        placed[self.part.student[taken]] = True
        who = self.part.student[pairs[taken[pairs] | ~placed[self.part.student[pairs]]]]
        others = self.companion[who]
        return np.unique(np.concatenate([who, others[others != NONE]]))


def _solved(rules: Rules, taken: Flags, slots: list[int], *, map_: _Map, budget: Budget, until: float) -> Flags | None:
    """The best allocation of a neighbourhood in as many levels as the time allows; None when it is no better."""
    part = rules.part
    students = map_.students(slots, taken)
    if not len(students):
        return None
    pairs = np.sort(np.concatenate([map_.of_student(one) for one in students.tolist()]))
    pairs = pairs[~rules.never[pairs] & ~rules.forced[pairs]]
    groups = np.unique(rules.group[np.concatenate([map_.of_slot(slot) for slot in slots])])
    first = len(part) + rules.groups
    free = np.concatenate([pairs, len(part) + groups[groups != NONE], *([first + students] if part.places > 1 else [])])
    decided = rules.decided(taken)
    model = make_model(rules.rows.within(free, decided), len(free), fixed={})
    value = decided[free]
    for fold in folds(part.only(pairs)):
        left = min(SEARCH_S, until - budget.clock())
        if left <= 0:
            break
        weight = np.zeros(len(free), dtype=np.int64)
        weight[: len(pairs)] = fold.pair
        if part.places > 1:
            weight[len(free) - len(students) :] = fold.placed
        model.hint(value)
        model.minimise(weight)
        found = model.search(seconds=left, workers=budget.workers, check=budget.check, told=lambda *_: None)
        if found.value and int(weight @ np.array(found.value)) <= int(weight @ value):
            value = np.array(found.value, dtype=bool)
        model.settle(weight, int(weight @ value))
    after = taken.copy()
    after[pairs] = value[: len(pairs)]
    return after if better(part.values(after), part.values(taken), part.aims) and rules.hold(after) else None
