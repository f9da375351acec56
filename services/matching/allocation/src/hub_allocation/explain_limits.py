"""Which limit of a slot is reached for a student, and by how many: counted from the placements, not from the prices."""

from collections import Counter
from typing import Any

import numpy as np

from hub_allocation.eligibility import Pairs
from hub_allocation.instance import NONE, Instance, Longs


class Limits:
    """How far each slot's seats, unreserved seats and shares of schools are taken."""

    def __init__(self, instance: Instance, pairs: Pairs, chosen: Longs) -> None:
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
        self._seats = slots.capacity.tolist()
        full = np.flatnonzero(self.taken >= slots.capacity).tolist()
        self.full = {slot: _full(int(self.taken[slot]), self._seats[slot]) for slot in full}
        """What ``reached`` gives for anybody at a slot whose seats are all taken."""

    def reached(self, place: int) -> dict[str, Any] | None:
        """The first limit that keeps the student of a feasible pair out, with its figures; None if there is a seat."""
        who, what = self._student[place], self._slot[place]
        if what in self.full:
            return self.full[what]
        kept, low = self._reserved[what], self._unreserved[what]
        free = self._seats[what] - kept
        if kept and self._low[who] and low >= free:
            text = f"Full: {low} of {free} seats that are not reserved are taken, {kept} are reserved."
            return _line("unreserved", low, of=free, text=text)
        most = self._most[what]
        share = self._of_school[what, self._school[who]] if most != NONE else 0
        if most != NONE and share >= most:
            text = f"Full for this school: {share} of at most {most} students of the school are placed here."
            return _line("school", share, of=most, text=text)
        return None


def _full(taken: int, seats: int) -> dict[str, Any]:
    text = f"Full: {taken} of {seats} seats are taken by students who came first under the rules of the round."
    return _line("seats", taken, of=seats, text=text if seats else "It has no seats.")


def _line(limit: str, placed: int, *, of: int, text: str) -> dict[str, Any]:
    return {"limit": limit, "placed": placed, "of": of, "text": text}
