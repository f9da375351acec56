"""What prices prove of an allocation, level by level, without a solver and in time linear in the pairs.

Let each limit have a price vector that is never negative, compared from the first level on. Then no allocation loses
less, in that order, than the sum over students of their cheapest way (what it counts plus the prices of its limits, or
staying unplaced) minus the prices of all seats left by the pins. Where the rules form a network this bound is met: each
student has a cheapest way and each limit with a price is reached. (Linear programming duality; it needs only an ordered
group of costs, and vectors compared from the first place on are one.)

Where they do not, the same sum bounds what the rules allow, because dropping rules only adds allocations: minimum
groups, single schools, companions and all limits for a day are dropped, of reserved seats together with a limit for
each school the latter is, and a student with several places takes part once for each.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hub_allocation.components.split import Split
from hub_allocation.eligibility import Pairs
from hub_allocation.instance import Flags, Instance, Longs
from hub_allocation.levels import Measure
from hub_allocation.proof.certificate import Certificate
from hub_allocation.proof.limits import Limits, limits_beside

Totals = list[tuple[int, ...]]
"""For each component, what is lost in each level: whole numbers of any size."""


@dataclass(frozen=True, slots=True)
class Priced:
    """What the prices say of an allocation."""

    better: str | None
    """Who has a cheaper way in a component that is a network; None: the prices prove all of them."""
    lost: Totals
    """For each other component, what the allocation loses in each level."""
    least: Totals
    """For each other component, what any allocation loses at least, compared from the first level on."""

    @property
    def searched(self) -> int:
        """On how many components the optimum is not proven by the prices alone."""
        return sum(lost != least for lost, least in zip(self.lost, self.least, strict=True))


class Prices:
    """An allocation, judged at the prices of a certificate."""

    def __init__(
        self,
        instance: Instance,
        pairs: Pairs,
        certificate: Certificate,
        *,
        split: Split,
        levels: tuple[Measure, ...],
        taken_out: Flags,
        drawn: Callable[[Longs], Longs],
    ) -> None:
        self.instance, self.pairs, self.certificate, self.levels = instance, pairs, certificate, levels
        self.taken_out, self.drawn = taken_out, drawn
        self.limits: Limits = limits_beside(instance, pairs, taken_out, groups=split.groups)
        self.held = np.bincount(pairs.student[taken_out], minlength=len(instance.students))
        self.places = instance.policy.places_per_student
        self.network = split.network
        open_ = pairs.feasible & ~taken_out & (self.held[pairs.student] < self.places)
        free = np.flatnonzero(open_)
        self.free = free[self.limits.open_to(pairs.student[free], pairs.slot[free])]
        self._rows = self.limits.rows(certificate, pairs.student[self.free], pairs.slot[self.free])
        self._price = np.vstack([certificate.price, np.zeros((1, certificate.price.shape[1]), dtype=np.int64)])
        self.part_of_pair = np.full(len(pairs), -1, dtype=np.int64)
        for at, part in enumerate(split.parts):
            self.part_of_pair[part] = at
        self.parts = len(split.parts)

    def judge(self, chosen: Longs) -> Priced:
        """What the prices say of these placements, whose limits and pins have been checked."""
        found: list[Longs] = []
        better = self._cheapest(chosen, extra=False, tell=found.append)
        if better or not self.parts:
            return Priced(better, [], [])
        units = np.zeros(len(self.instance.students), dtype=np.int64)
        options = np.bincount(self.pairs.student[self.free], minlength=len(units))
        left = np.minimum(self.places - self.held, options)
        units[(self.held == 0) & (left > 0)] = 1
        sums = self._summed(found, units)
        if self.places > 1:
            found = []
            self._cheapest(chosen, extra=True, tell=found.append)
            sums += self._summed(found, left - units)
        lost, fixed = self._lost(chosen), self._lost(np.flatnonzero(self.taken_out))
        seats = self._seats()
        least = [tuple(row) for row in (sums + fixed - seats).tolist()]
        return Priced(None, [tuple(row) for row in lost.tolist()], least)

    def first_rises(self, places: Longs) -> Longs:
        """By how much what is lost at least in the first level rises if a pair has to be taken; one place each.

        Args:
            places: Q pairs; of those that the pins leave no seat for, 0 is said.
        """
        rises = np.zeros(len(self.pairs), dtype=np.int64)
        total = self._total(0, np.arange(len(self.free)), extra=False)
        students = self.pairs.student[self.free]
        least = np.zeros(len(self.held), dtype=np.int64)
        np.minimum.at(least, students, total)
        rises[self.free] = total - least[students]
        return rises[places]

    def _cheapest(self, chosen: Longs, *, extra: bool, tell: Callable[[Longs], None]) -> str | None:
        """Each student's cheapest way, told level by level; who of a network has a cheaper one than the one taken.

        Only ways that are cheapest in the levels so far stay in the running, so the draws of few are asked for.
        ``extra``: the student's second or later place, which does not count as a student placed.
        """
        students = self.pairs.student[self.free]
        running = np.arange(len(self.free))
        out = np.ones(len(self.instance.students), dtype=bool)
        taken = np.zeros(len(self.pairs), dtype=bool)
        taken[chosen] = True
        own = np.flatnonzero(taken[self.free] & self.network[self.free])
        watched = np.zeros(len(out), dtype=bool)
        watched[students[self.network[self.free]]] = True
        for level in range(len(self.levels) + 1):
            total = self._total(level, running, extra=extra)
            who, first = np.unique(students[running], return_index=True)
            least = np.where(out, 0, np.iinfo(np.int64).max)
            if len(who):
                least[who] = np.minimum(least[who], np.minimum.reduceat(total, first))
            tell(least)
            running = running[total == least[students[running]]]
            out &= least == 0
            if not extra:
                mine = np.zeros(len(out), dtype=np.int64)
                mine[students[own]] = self._total(level, own, extra=False)
                cheaper = np.flatnonzero(watched & (mine > least))
                if len(cheaper):
                    return self._named(int(cheaper[0]), running)
        return None

    def _named(self, student: int, running: Longs) -> str:
        ways = self.free[running[self.pairs.student[self.free[running]] == student]]
        name = self.instance.students.ids[student]
        if not len(ways):
            return f"{name} left unplaced"
        return f"{name} with {self.instance.slots.ids[self.pairs.slot[ways[0]]]}"

    def _total(self, level: int, at: Longs, *, extra: bool) -> Longs:
        """What these ways lose in a level, and what their limits cost in it."""
        total = self._loss(level, self.free[at], extra=extra)
        for rows in self._rows:
            total += self._price[rows[at], level]
        return total

    def _loss(self, level: int, pairs: Longs, *, extra: bool = False) -> Longs:
        if level == len(self.levels):
            return self.drawn(pairs)
        measure = self.levels[level]
        if measure.weight is None:
            return np.full(len(pairs), 0 if extra else -1, dtype=np.int64)
        return -measure.weight[pairs] if measure.maximise else measure.weight[pairs].copy()

    def _lost(self, chosen: Longs) -> "np.ndarray":
        """What these placements lose in each level, by component that is no network (objects: any size)."""
        chosen = chosen[self.part_of_pair[chosen] >= 0]
        lost = np.zeros((self.parts, len(self.levels) + 1), dtype=object)
        for level in range(len(self.levels) + 1):
            at = chosen
            if level < len(self.levels) and self.levels[level].weight is None:
                at = chosen[np.unique(self.pairs.student[chosen], return_index=True)[1]]
            column = np.zeros(self.parts, dtype=np.int64)
            np.add.at(column, self.part_of_pair[at], self._loss(level, at))
            lost[:, level] = column.tolist()
        return lost

    def _summed(self, found: list[Longs], times: Longs) -> "np.ndarray":
        """The sum over the students of each such component, each so many times (objects: any size)."""
        part = np.full(len(times), -1, dtype=np.int64)
        inside = self.part_of_pair[self.free] >= 0
        part[self.pairs.student[self.free[inside]]] = self.part_of_pair[self.free[inside]]
        who = np.flatnonzero((part >= 0) & (times > 0))
        sums = np.zeros((self.parts, len(found)), dtype=object)
        for level, least in enumerate(found):
            # Halves of 31 bits: whole sums could leave 64.
            for half, unit in ((least[who] >> 31, 1 << 31), (least[who] & 0x7FFFFFFF, 1)):
                column = np.zeros(self.parts, dtype=np.int64)
                np.add.at(column, part[who], half * times[who])
                sums[:, level] += np.array([value * unit for value in column.tolist()], dtype=object)
        return sums

    def _seats(self) -> "np.ndarray":
        """The prices of all seats left beside the pins, by component that is no network (objects: any size)."""
        total = np.zeros((self.parts, self.certificate.price.shape[1]), dtype=object)
        of_slot = np.full(len(self.instance.slots), -1, dtype=np.int64)
        inside = np.flatnonzero(self.part_of_pair >= 0)
        of_slot[self.pairs.slot[inside]] = self.part_of_pair[inside]
        left = self.limits.left(self.certificate)
        for row in np.flatnonzero(of_slot[self.certificate.slot] >= 0).tolist():
            price = [value * int(left[row]) for value in self.certificate.price[row].tolist()]
            total[of_slot[self.certificate.slot[row]]] += np.array(price, dtype=object)
        return total


def sign(vectors: Longs) -> Longs:
    """The sign of the first place that is not zero, for each row."""
    found = np.zeros(len(vectors), dtype=np.int64)
    for place in range(vectors.shape[1]):
        found = np.where(found == 0, np.sign(vectors[:, place]), found)
    return found
