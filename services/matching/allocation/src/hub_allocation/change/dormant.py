"""Rules that no network has, and that a change could wake: as things stand none of them can bind.

A slot for one school needs no rule while it has one seat, a limit for a day none while there are few seats or students,
a minimum group none while nobody may come. One seat or one student more, and it is another problem than the network's.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from hub_allocation.calendar import slot_days
from hub_allocation.eligibility import Pairs
from hub_allocation.instance import NONE, Instance


class Dormant:
    """Counts seats and students on, and says before a change which rule it would wake; "" for none."""

    def __init__(self, instance: Instance, pairs: Pairs) -> None:
        """Start from a round, with its pairs, all of whose rules form a network."""
        self._instance = instance
        self._seats = instance.slots.capacity.tolist()
        self._may = np.bincount(pairs.slot[pairs.feasible], minlength=len(instance.slots)).tolist()
        able = np.zeros(len(instance.students), dtype=bool)
        able[pairs.student[pairs.feasible]] = True
        schools = instance.students.school
        self._able = np.bincount(schools.codes[able], minlength=len(schools.values)).tolist()
        self._days = slot_days(instance.slots)

    def by_seat(self, slot: int) -> str:
        """What one more seat at a slot would wake."""
        more = Counter({slot: 1})
        return self._of_slot(slot, self._seats[slot] + 1) or self._of_employer(slot, seats=more, may=Counter())

    def by_student(self, school_id: str, slots: Sequence[int]) -> str:
        """What a new student of a school with these feasible slots would wake."""
        if len(slots) > 1 and self._instance.policy.places_per_student > 1:
            return "several places for one student"
        for slot in slots:
            if group := self._instance.slots.min_group[slot]:
                return f"the minimum group of {group}"
            employer = self._of_employer(slot, seats=Counter(), may=Counter(slots))
            if woken := self._of_slot(slot, self._seats[slot]) or employer:
                return woken
        return self._of_school(school_id) if slots else ""

    def count_seats(self, slot: int, more: int) -> None:
        """Count seats that come to a slot, or go."""
        self._seats[slot] += more

    def count_student(self, school: int, slots: Sequence[int]) -> None:
        """Count a new student of a school (its code; NONE: one without students so far) with these feasible slots."""
        for slot in slots:
            self._may[slot] += 1
        if school != NONE and slots:
            self._able[school] += 1

    def _of_slot(self, slot: int, seats: int) -> str:
        slots = self._instance.slots
        if slots.stated_single[slot] and seats > 1:
            return "the rule that all its students come from one school"
        if slots.reserved[slot] and NONE != slots.stated_per_school[slot] < seats:
            return "its limit for each school beside reserved seats"
        return ""

    def _of_employer(self, slot: int, *, seats: Counter[int], may: Counter[int]) -> str:
        employer = self._instance.slots.employer
        cap = int(self._instance.employer_caps[employer.codes[slot]])
        if cap == NONE:
            return ""
        busy: Counter[int] = Counter()
        for other in np.flatnonzero(employer.codes == employer.codes[slot]).tolist():
            most = min(self._seats[other] + seats[other], self._may[other] + may[other])
            busy.update(dict.fromkeys(self._days.of(other).tolist(), most))
        return f"the limit of {cap} for a day of {employer[slot]}" if max(busy.values()) > cap else ""

    def _of_school(self, school_id: str) -> str:
        schools = self._instance.students.school.values
        if school_id not in schools:
            # The limits of schools without a student are not kept.
            known = self._instance.rows["schools"] == 0
            return "" if known else f"the limit for a day of {school_id}, which had no students so far"
        code = schools.index(school_id)
        cap = self._instance.school_caps[code]
        return f"the limit of {cap} for a day of {school_id}" if NONE != cap <= self._able[code] else ""
