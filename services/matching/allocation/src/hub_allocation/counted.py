"""What a pair counts towards: every rule that limits how many, as what is counted and how many of it there may be."""

from collections.abc import Iterator
from typing import NamedTuple

from hub_allocation.calendar import SlotDays, slot_days
from hub_allocation.eligibility import Pairs
from hub_allocation.instance import NONE, Instance


class Counted(NamedTuple):
    """One thing that is counted, such as the seats of a slot: ``kind``, then the indexes that name it."""

    kind: str
    """seats, unreserved, school (of a slot), places, sector and day (of a student), employer and out (on a day)."""
    first: int
    second: int | str = NONE


class PairCounts:
    """Says of each pair of a round what it counts towards."""

    def __init__(self, instance: Instance, pairs: Pairs) -> None:
        self._instance, self._pairs = instance, pairs
        self._days: SlotDays = slot_days(instance.slots)
        self._per_school = instance.slots.max_per_school.tolist()

    def of(self, at: int) -> Iterator[tuple[Counted, int]]:
        """What pair ``at`` counts towards, and how many there may be."""
        instance, students, slots = self._instance, self._instance.students, self._instance.slots
        who, slot = int(self._pairs.student[at]), int(self._pairs.slot[at])
        school = int(students.school.codes[who])
        yield Counted("seats", slot), int(slots.capacity[slot])
        if slots.reserved[slot] and students.priority[who] < instance.policy.reserved_priority:
            yield Counted("unreserved", slot), int(slots.capacity[slot] - slots.reserved[slot])
        if self._per_school[slot] != NONE:
            yield Counted("school", slot, school), self._per_school[slot]
        places = instance.policy.places_per_student
        yield Counted("places", who), places
        if places > 1 and instance.policy.variety == "require" and slots.sector[slot]:
            yield Counted("sector", who, slots.sector[slot]), 1
        yield from self._on_each_day(who, slot, school=school)

    def _on_each_day(self, who: int, slot: int, *, school: int) -> Iterator[tuple[Counted, int]]:
        instance = self._instance
        employer = int(instance.slots.employer.codes[slot])
        hosts, out = int(instance.employer_caps[employer]), int(instance.school_caps[school])
        several = instance.policy.places_per_student > 1
        if not several and hosts == NONE and out == NONE:
            return
        for day in self._days.of(slot).tolist():
            if several:
                yield Counted("day", who, day), 1
            if hosts != NONE:
                yield Counted("employer", employer, day), hosts
            if out != NONE:
                yield Counted("out", school, day), out
