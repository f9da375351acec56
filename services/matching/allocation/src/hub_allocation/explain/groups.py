"""Why a slot with a minimum group does not run: how many could come at once, at most."""

from collections import Counter

import numpy as np

from hub_allocation.eligibility import Pairs
from hub_allocation.instance import NONE, Flags, Instance, Longs


class Groups:
    """Counts for each slot how many its rules and those of single pairs would let in together."""

    def __init__(self, instance: Instance, pairs: Pairs, elsewhere: Flags) -> None:
        """``elsewhere``: students who can't come anywhere new, since all their places are fixed."""
        self._instance, self._pairs = instance, pairs
        free = np.flatnonzero(pairs.feasible & ~elsewhere[pairs.student])
        free = free[instance.slots.min_group[pairs.slot[free]] > 0]
        self._free = free[np.argsort(pairs.slot[free], kind="stable")]
        self._start = np.searchsorted(pairs.slot[self._free], np.arange(len(instance.slots) + 1))
        self._could: dict[int, int] = {}

    def could_come(self, slot: int) -> int:
        """At most so many could be at a slot with a minimum group, if nobody were anywhere yet but by a pin."""
        if slot not in self._could:
            self._could[slot] = self._count(slot, self._free[self._start[slot] : self._start[slot + 1]])
        return self._could[slot]

    def _count(self, slot: int, places: Longs) -> int:
        slots, students = self._instance.slots, self._instance.students
        who = self._pairs.student[places]
        of_school = Counter(students.school.codes[who].tolist())
        most = int(slots.max_per_school[slot])
        shares = [count if most == NONE else min(count, most) for count in of_school.values()]
        low = int((students.priority[who] < self._instance.policy.reserved_priority).sum())
        unreserved = int(slots.capacity[slot] - slots.reserved[slot])
        at_once = int(self._instance.employer_caps[slots.employer.codes[slot]])
        return min(
            max(shares, default=0) if slots.single_school[slot] else sum(shares),
            len(places) - max(0, low - unreserved),
            int(slots.capacity[slot]),
            len(places) if at_once == NONE else at_once,
        )

    def can_run(self, slot: int) -> bool:
        """Whether as many could come as the slot needs."""
        return self.could_come(slot) >= int(self._instance.slots.min_group[slot])

    def not_run_text(self, slot: int) -> str:
        """Why a slot with a minimum group has nobody."""
        least, seats = int(self._instance.slots.min_group[slot]), int(self._instance.slots.capacity[slot])
        if seats < least:
            return f"It can't run: its group of at least {least} does not fit {seats} seats."
        could = self.could_come(slot)
        if could < least:
            return f"It can't run: it needs at least {least} students, and at most {could} could come together."
        found = "no allocation was found that runs it and is better in all"
        return f"It did not run: it needs at least {least} students, and {found}."


def all_fixed(instance: Instance, pairs: Pairs, *, fixed: Flags | None) -> Flags:
    """Which students have all the places they may have by a pin or a placement that stays."""
    held = pairs.pinned if fixed is None else pairs.pinned | fixed
    count = np.bincount(pairs.student[held], minlength=len(instance.students))
    return np.asarray(count >= instance.policy.places_per_student)
