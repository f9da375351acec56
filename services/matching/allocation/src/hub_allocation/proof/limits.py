"""The limits that have prices: a slot's seats, its unreserved seats, one school's share, its employer's days; what is
left of each."""

from dataclasses import dataclass

import numpy as np

from hub_allocation.eligibility import Pairs
from hub_allocation.instance import NONE, Flags, Instance, Ints, Longs
from hub_allocation.proof.certificate import EMPLOYER, SCHOOL, SEATS, UNRESERVED, Certificate
from hub_allocation.proof.day_groups import DayGroups


@dataclass(frozen=True, slots=True)
class Limits:
    """What some placements leave of each limit."""

    instance: Instance
    seats: Longs
    """Of each slot."""
    unreserved: Longs
    """Of each slot; of all its seats when it reserves none."""
    share_key: Longs
    """Slots and schools that have placements, as numbers, rising; with how many."""
    share_used: Longs
    groups: DayGroups
    hosted: Longs
    """Of each group."""

    def share(self, slot: Ints, school: Ints) -> Longs:
        """What is left of each school's share; a large number where the slot has no such limit."""
        most = self.instance.slots.max_per_school[slot]
        key = _key(self.instance, slot, school)
        at = np.minimum(np.searchsorted(self.share_key, key), max(0, len(self.share_key) - 1))
        used = np.zeros(len(key), dtype=np.int64)
        if len(self.share_key):
            used = np.where(self.share_key[at] == key, self.share_used[at], 0)
        return np.where(most == NONE, np.iinfo(np.int64).max, most - used)

    def open_to(self, student: Ints, slot: Ints) -> Flags:
        """Whether each student finds a seat left in each slot; schools' shares don't count where seats are reserved."""
        students, slots = self.instance.students, self.instance.slots
        low = students.priority[student] < self.instance.policy.reserved_priority
        kept = slots.reserved[slot] > 0
        by_reserve = ~kept | ~low | (self.unreserved[slot] > 0)
        by_school = kept | (self.share(slot, students.school.codes[student]) > 0)
        by_employer = np.append(self.hosted, 1)[self.groups.of_slot[slot]] > 0  # the last for no group
        return np.asarray((self.seats[slot] > 0) & by_reserve & by_school & by_employer)

    def rows(self, certificate: Certificate, student: Ints, slot: Ints) -> list[Longs]:
        """For each kind of limit, the certificate's row that each student passes on the way into each slot.

        The number of rows stands for "none".
        """
        students, slots = self.instance.students, self.instance.slots
        none = len(certificate.limit)
        found = []
        for limit in (SEATS, UNRESERVED):
            rows = np.flatnonzero(certificate.limit == limit)
            of_slot = np.full(len(slots), none, dtype=np.int64)
            of_slot[certificate.slot[rows]] = rows
            passes = np.ones(len(slot), dtype=bool)
            if limit == UNRESERVED:
                low = students.priority[student] < self.instance.policy.reserved_priority
                passes = low & (slots.reserved[slot] > 0)
            found.append(np.where(passes, of_slot[slot], none))
        rows = np.flatnonzero(certificate.limit == SCHOOL)
        if len(rows):
            keys = _key(self.instance, certificate.slot[rows], certificate.school[rows])
            order = np.argsort(keys)
            asked = _key(self.instance, slot, students.school.codes[student])
            at = np.minimum(np.searchsorted(keys[order], asked), len(rows) - 1)
            found.append(np.where(keys[order][at] == asked, rows[order][at], none))
        rows = np.flatnonzero(certificate.limit == EMPLOYER)
        if len(rows):
            of_group = np.full(len(self.groups) + 1, none, dtype=np.int64)  # the last for no group
            of_group[self.groups.of_slot[certificate.slot[rows]]] = rows
            found.append(of_group[self.groups.of_slot[slot]])
        return found

    def left(self, certificate: Certificate) -> Longs:
        """What is left of the limit of each row of a certificate."""
        share = self.share(certificate.slot, certificate.school)
        slot = certificate.slot
        hosted = np.append(self.hosted, 0)[self.groups.of_slot[slot]]
        return np.asarray(np.choose(certificate.limit, [self.seats[slot], self.unreserved[slot], share, hosted]))

    def exists(self, certificate: Certificate) -> Flags:
        """Whether the instance has the limit of each row of a certificate."""
        slots = self.instance.slots
        reserves = slots.reserved[certificate.slot] > 0
        shared = (slots.max_per_school[certificate.slot] != NONE) & (certificate.school != NONE)
        school = certificate.school == NONE
        kinds = [
            school,
            school & reserves,
            shared,
            school & (self.groups.named()[certificate.slot] == certificate.slot),
        ]
        return np.asarray(np.choose(certificate.limit, kinds), dtype=bool)


def limits_beside(instance: Instance, pairs: Pairs, taken: Flags | Longs, *, groups: DayGroups) -> Limits:
    """What these pairs leave of each limit, those of employers for a day as they fall into groups among them."""
    slots, students = instance.slots, instance.students
    who, what = pairs.student[taken], pairs.slot[taken]
    low = students.priority[who] < instance.policy.reserved_priority
    key, used = np.unique(_key(instance, what, students.school.codes[who]), return_counts=True)
    group = groups.of_slot[what]
    return Limits(
        instance,
        seats=slots.capacity - np.bincount(what, minlength=len(slots)),
        unreserved=slots.capacity - slots.reserved - np.bincount(what[low], minlength=len(slots)),
        share_key=key,
        share_used=used,
        groups=groups,
        hosted=groups.most - np.bincount(group[group != NONE], minlength=len(groups)),
    )


def _key(instance: Instance, slot: Ints, school: Ints) -> Longs:
    return np.asarray(slot.astype(np.int64) * (len(instance.students.school.values) + 1) + school)
