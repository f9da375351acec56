"""Which limit of a slot is reached for a student, and by how many: counted from the placements, not from the prices."""

from collections import Counter
from typing import Any

import numpy as np

from hub_allocation.eligibility import Pairs
from hub_allocation.explain.days import DayLimits
from hub_allocation.explain.slot_order import SlotOrder
from hub_allocation.instance import NONE, Flags, Instance, Longs

Line = dict[str, Any]


class Limits:
    """How far each slot's seats, unreserved seats, shares of schools and its employer's and schools' days are taken."""

    def __init__(self, instance: Instance, pairs: Pairs, chosen: Longs, *, fixed: Flags | None = None) -> None:
        """``fixed``: the pairs that stay from the allocation that stood (P); None: the run keeps none."""
        slots, students = instance.slots, instance.students
        low = students.priority < instance.policy.reserved_priority
        who, what = pairs.student[chosen], pairs.slot[chosen]
        school = students.school.codes
        self.taken = np.bincount(what, minlength=len(slots))
        self._unreserved = np.bincount(what[low[who]], minlength=len(slots)).tolist()
        self._of_school = Counter(zip(what.tolist(), school[who].tolist(), strict=True))
        self._student, self._slot = pairs.student.tolist(), pairs.slot.tolist()
        self._low, self._school = low.tolist(), school.tolist()
        self._reserved, self._most = slots.reserved.tolist(), slots.max_per_school.tolist()
        self._seats, self._single = slots.capacity.tolist(), slots.single_school.tolist()
        self._counts = self.taken.tolist()
        self._days = DayLimits(instance, pairs, chosen)
        self._order = SlotOrder(instance, pairs, chosen) if instance.policy.objective == "stable" else None
        full = np.flatnonzero(self.taken >= slots.capacity).tolist()
        kept = np.zeros(len(slots), dtype=np.int64)
        if fixed is not None:
            kept = np.bincount(what[fixed[chosen]], minlength=len(slots))
        self._full = {slot: _full(int(self.taken[slot]), self._seats[slot], int(kept[slot])) for slot in full}
        one_school = slots.single_school
        self.full = {} if self._order else {slot: line for slot, line in self._full.items() if not one_school[slot]}
        """What ``reached`` gives for anybody at a slot without a free seat, where that is the same for everybody."""

    def reached(self, place: int) -> Line | None:
        """The first limit that keeps the student of a feasible pair out, with its figures; None if there is a seat."""
        what = self._slot[place]
        others = self._another_school(place)
        if others is not None:
            return others
        if what in self._full:
            return self._full[what] if self._order is None or not self._seats[what] else self._order.behind(place)
        return self._part_of_seats(place) or self._days.reached(place)

    def without_seats(self, what: int) -> bool:
        """Whether a slot had no seat at all in this round: whoever fills it came before."""
        return bool(self._seats[what] == 0)

    def no_room_for_both(self, place: int, other: int) -> bool:
        """Whether two students who each find room at a slot find none together."""
        what, who, companion = self._slot[place], self._student[place], self._student[other]
        if self._seats[what] - self._counts[what] < 2:
            return True
        kept, unreserved = self._reserved[what], self._seats[what] - self._reserved[what] - self._unreserved[what]
        if kept and self._low[who] and self._low[companion] and unreserved < 2:
            return True
        same = self._school[who] == self._school[companion]
        most, share = self._most[what], self._of_school[what, self._school[who]]
        if same and most != NONE and most - share < 2:
            return True
        return (self._single[what] and not same) or self._days.no_room_for_both(place, other)

    def _part_of_seats(self, place: int) -> Line | None:
        """Whether the seats left are kept for others: reserved, beyond the school's share, or another school's."""
        who, what = self._student[place], self._slot[place]
        kept, low = self._reserved[what], self._unreserved[what]
        free = self._seats[what] - kept
        if kept and self._low[who] and low >= free:
            are = "is" if kept == 1 else "are"
            text = f"Full: {low} of {free} seats that are not reserved are taken, {kept} {are} reserved."
            return limit_line("unreserved", low, of=free, text=text)
        most = self._most[what]
        share = self._of_school[what, self._school[who]]
        if most != NONE and share >= most:
            text = f"Full for this school: {share} of at most {most} students of the school are placed here."
            return limit_line("school", share, of=most, text=text)
        return None

    def _another_school(self, place: int) -> Line | None:
        """Whether the slot went to another school, so that not even a seat given up would help."""
        who, what = self._student[place], self._slot[place]
        if not (self._single[what] and self._counts[what]) or self._of_school[what, self._school[who]]:
            return None
        text = "All its students must come from one school, and it went to another."
        return limit_line("single_school", self._counts[what], of=self._seats[what], text=text)


def limit_line(limit: str, placed: int, *, of: int, text: str) -> Line:
    """A limit in figures: ``placed`` of at most ``of``."""
    return {"limit": limit, "placed": placed, "of": of, "text": text}


def _full(taken: int, seats: int, kept: int) -> Line:
    if kept:
        how = "all" if kept == taken else f"{kept}"
        text = f"Full: {taken} of {seats} seats are taken, {how} of them by placements that stood and are kept."
        return limit_line("seats", taken, of=seats, text=text) | {"kept": kept}
    text = f"Full: {taken} of {seats} seats are taken by students who came first under the rules of the round."
    return limit_line("seats", taken, of=seats, text=text if seats else "No seat of it was left for this round.")
