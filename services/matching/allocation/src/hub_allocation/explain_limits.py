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
        self._instance, self._pairs = instance, pairs
        low = students.priority[pairs.student[chosen]] < instance.policy.reserved_priority
        self.taken = np.bincount(pairs.slot[chosen], minlength=len(slots))
        self._unreserved = np.bincount(pairs.slot[chosen][low], minlength=len(slots))
        of_school = zip(pairs.slot[chosen].tolist(), students.school.codes[pairs.student[chosen]].tolist(), strict=True)
        self._of_school = Counter(of_school)

    def reached(self, place: int) -> dict[str, Any] | None:
        """The first limit that keeps the student of a feasible pair out, with its figures; None when there is a seat."""
        slots, students = self._instance.slots, self._instance.students
        who, what = int(self._pairs.student[place]), int(self._pairs.slot[place])
        seats, taken = int(slots.capacity[what]), int(self.taken[what])
        if taken >= seats:
            text = f"Full: {taken} of {seats} seats are taken by students who came first under the rules of the round."
            return _line("seats", taken, of=seats, text=text if seats else "It has no seats.")
        kept, low = int(slots.reserved[what]), int(self._unreserved[what])
        if kept and students.priority[who] < self._instance.policy.reserved_priority and low >= seats - kept:
            text = f"Full: {low} of {seats - kept} seats that are not reserved are taken, {kept} are reserved."
            return _line("unreserved", low, of=seats - kept, text=text)
        most = int(slots.max_per_school[what])
        share = self._of_school[what, int(students.school.codes[who])]
        if most != NONE and share >= most:
            text = f"Full for this school: {share} of at most {most} students of the school are placed here."
            return _line("school", share, of=most, text=text)
        return None


def _line(limit: str, placed: int, *, of: int, text: str) -> dict[str, Any]:
    return {"limit": limit, "placed": placed, "of": of, "text": text}
