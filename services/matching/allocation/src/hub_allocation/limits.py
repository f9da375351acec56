"""The limits that have prices: a slot's seats, its unreserved seats, one school's share; what is left of each."""

from dataclasses import dataclass

import numpy as np

from hub_allocation.certificate import LIMITS, Certificate
from hub_allocation.eligibility import Pairs
from hub_allocation.instance import NONE, Flags, Instance, Ints, Longs

SEATS, UNRESERVED, SCHOOL = range(len(LIMITS))


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
        return np.asarray((self.seats[slot] > 0) & by_reserve & by_school)

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
        return found

    def left(self, certificate: Certificate) -> Longs:
        """What is left of the limit of each row of a certificate."""
        share = self.share(certificate.slot, certificate.school)
        of_slot = np.where(certificate.limit == SEATS, self.seats[certificate.slot], self.unreserved[certificate.slot])
        return np.where(certificate.limit == SCHOOL, share, of_slot)

    def exists(self, certificate: Certificate) -> Flags:
        """Whether the instance has the limit of each row of a certificate."""
        slots = self.instance.slots
        reserves = slots.reserved[certificate.slot] > 0
        shared = (slots.max_per_school[certificate.slot] != NONE) & (certificate.school != NONE)
        school = certificate.school == NONE
        kinds = [school, school & reserves, shared]
        return np.asarray(np.choose(certificate.limit, kinds), dtype=bool)


def limits_beside(instance: Instance, pairs: Pairs, taken: Flags | Longs) -> Limits:
    """What these pairs leave of each limit."""
    slots, students = instance.slots, instance.students
    who, what = pairs.student[taken], pairs.slot[taken]
    low = students.priority[who] < instance.policy.reserved_priority
    key, used = np.unique(_key(instance, what, students.school.codes[who]), return_counts=True)
    return Limits(
        instance,
        seats=slots.capacity - np.bincount(what, minlength=len(slots)),
        unreserved=slots.capacity - slots.reserved - np.bincount(what[low], minlength=len(slots)),
        share_key=key,
        share_used=used,
    )


def _key(instance: Instance, slot: Ints, school: Ints) -> Longs:
    return np.asarray(slot.astype(np.int64) * (len(instance.students.school.values) + 1) + school)
