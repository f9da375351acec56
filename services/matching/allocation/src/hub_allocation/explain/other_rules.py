"""Rules that tie students together or a student's own placements: groups, companions, several places."""

from collections import defaultdict
from typing import Any

import numpy as np

from hub_allocation.calendar import clashes
from hub_allocation.eligibility import Pairs
from hub_allocation.explain.groups import Groups
from hub_allocation.explain.limits import Limits
from hub_allocation.instance import NONE, Flags, Instance, Longs

Line = dict[str, Any]


class OtherRules:
    """Finds which of these rules keeps a student out of a feasible slot that may have a free seat."""

    def __init__(
        self, instance: Instance, pairs: Pairs, chosen: Longs, *, limits: Limits, groups: Groups, held: Flags
    ) -> None:
        """``held``: the pairs that are placements in any case, by a pin or because they stay."""
        slots, students = instance.slots, instance.students
        self._instance, self._pairs, self._limits = instance, pairs, limits
        self._taken, self._min_group = limits.taken.tolist(), slots.min_group.tolist()
        self._student, self._slot, self._rank = pairs.student.tolist(), pairs.slot.tolist(), pairs.rank.tolist()
        self._groups, self._fixed = groups, held
        self._companion = students.companion.tolist()
        self._held: defaultdict[int, list[int]] = defaultdict(list)
        for place in chosen.tolist():
            self._held[self._student[place]].append(place)
        self._several = instance.policy.places_per_student > 1
        self._clashes = clashes(slots) if self._several else None
        together = np.flatnonzero(pairs.feasible & (students.companion[pairs.student] != NONE))
        self._of_companion = {(self._student[at], self._slot[at]): at for at in together.tolist()}

    def not_run(self, place: int) -> Line | None:
        """Whether the slot's group did not come about."""
        what = self._slot[place]
        least, seats = self._min_group[what], int(self._instance.slots.capacity[what])
        if not least or self._taken[what]:
            return None
        figures = {"min_group": least, "capacity": seats, "could_come": self._groups.could_come(what)}
        return {"status": "not_run", "figures": figures, "text": self._groups.not_run_text(what)}

    def companion(self, place: int) -> Line | None:
        """Whether the companion, who must have the same slot, can't have it."""
        other = self._companion[self._student[place]]
        if other == NONE:
            return None
        theirs = self._of_companion.get((other, self._slot[place]))
        if theirs is None:
            return {"status": "companion", "text": "The companion can't have it, and both go together."}
        if any(self._fixed[at] for at in self._held[other]):
            return {"status": "companion", "text": "The companion can't have it, and both go together."}
        if self._limits.reached(theirs) is not None or self._limits.no_room_for_both(place, theirs):
            return {"status": "companion", "text": "There was no room for both companions, who go together."}
        return None

    def own(self, place: int) -> Line | None:
        """Whether a placement of the student's own stands in the way."""
        who, what = self._student[place], self._slot[place]
        if not self._several:
            return self._holds_group(who)
        for other in self._held[who]:
            if not (self._fixed[other] or self._rank[other] <= self._rank[place]):
                continue  # the student would give this one up
            name = self._instance.slots.ids[self._slot[other]]
            if (
                self._clashes is not None
                and self._clashes.clash[self._clashes.of_slot[what], self._clashes.of_slot[self._slot[other]]]
            ):
                text = "It shares a day with another placement of this student that is ranked as high or fixed."
                return {"status": "clash", "figures": {"slot_id": name}, "text": text}
            sector = self._instance.slots.sector
            same = sector[what] and sector.codes[what] == sector.codes[self._slot[other]]
            if self._instance.policy.variety == "require" and same:
                text = f"Another placement of this student is in {sector[what]} already, and each must differ."
                return {"status": "sector", "figures": {"slot_id": name, "sector": sector[what]}, "text": text}
        return None

    def _holds_group(self, who: int) -> Line | None:
        """Whether the student's slot would fall below its minimum group without them (and their companion)."""
        for other in self._held[who]:
            what = self._slot[other]
            leaving = 1 if self._companion[who] == NONE else 2
            if self._min_group[what] and self._taken[what] - leaving < self._min_group[what]:
                figures = {"min_group": self._min_group[what], "placed": self._taken[what]}
                text = (
                    f"The slot taken needs {figures['min_group']} students and has {figures['placed']}: it would close."
                )
                return {"status": "holds_group", "figures": figures, "text": text}
        return None
