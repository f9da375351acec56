"""Whether prices prove an allocation best in every level: complementary slackness, compared level by level.

Let each limit have a price vector that is never negative and is zero unless the limit is reached. If each student has,
of all open ways (and of staying unplaced), one whose own cost plus the prices of its limits is least, then no
allocation is better in any level: the sum of those least costs minus the prices of all seats bounds every allocation
from below and is met by this one. (Linear programming duality; it needs only an ordered group of costs, and vectors
compared from the first place on are one.)
"""

import numpy as np
from numpy.typing import NDArray

from hub_allocation.certificate import LIMITS, Certificate
from hub_allocation.eligibility import Pairs
from hub_allocation.instance import NONE, Flags, Instance, Longs
from hub_allocation.levels import rank_costs
from hub_allocation.lottery import draws

SEATS, UNRESERVED, SCHOOL = range(len(LIMITS))
LOTTERY = 5
Vectors = NDArray[np.int64]
"""Rows of six: students, placements, priority, rank cost, minutes, lottery; less is better."""


def price_faults(instance: Instance, pairs: Pairs, chosen: Longs, certificate: Certificate) -> list[str]:
    """List prices that may not stand in a proof: negative, or of a limit that is not reached or does not exist."""
    faults = []
    slots, students = instance.slots, instance.students
    who = pairs.student[chosen]
    low = students.priority[who] < instance.policy.reserved_priority
    taken = np.bincount(pairs.slot[chosen], minlength=len(slots))
    unreserved = np.bincount(pairs.slot[chosen][low], minlength=len(slots))
    shares = np.sort(_share_keys(instance, pairs.slot[chosen], students.school.codes[who]))
    sign = _sign(certificate.price)
    for row in range(len(certificate.limit)):
        limit, slot = int(certificate.limit[row]), int(certificate.slot[row])
        if limit == SEATS:
            reached = taken[slot] == slots.capacity[slot]
        elif limit == UNRESERVED:
            reached = slots.reserved[slot] > 0 and unreserved[slot] == slots.capacity[slot] - slots.reserved[slot]
        else:
            key = _share_keys(instance, certificate.slot[row], certificate.school[row])
            share = np.searchsorted(shares, key, side="right") - np.searchsorted(shares, key)
            reached = slots.max_per_school[slot] != NONE and share == slots.max_per_school[slot]
        if sign[row] < 0:
            faults.append(f"certificate: the price of {LIMITS[limit]} at {slots.ids[slot]} is negative")
        elif sign[row] > 0 and not reached:
            faults.append(f"certificate: {LIMITS[limit]} at {slots.ids[slot]} has a price and is not reached")
    return faults


def better_exchange(instance: Instance, pairs: Pairs, chosen: Longs, certificate: Certificate) -> str | None:
    """Name a student for whom, at these prices, another way is cheaper than the one taken; None when there is none."""
    students = instance.students
    pinned = np.zeros(len(students), dtype=bool)
    pinned[pairs.student[pairs.pinned]] = True
    free = np.flatnonzero(pairs.feasible & ~pinned[pairs.student])
    free = free[_open(instance, pairs, free)]
    total = np.zeros((len(free), LOTTERY + 1), dtype=np.int64)
    total[:, 3] = rank_costs(instance, pairs)[free]
    total[:, 4] = pairs.minutes[free]
    total += _prices(instance, pairs, free, certificate)
    taken = np.zeros(len(pairs), dtype=bool)
    taken[chosen] = True
    best = np.zeros((len(students), LOTTERY + 1), dtype=np.int64)
    best[:, :2] = 1
    best[:, 2] = students.priority
    out = best.copy()
    held = taken[free]
    best[pairs.student[free[held]]] = total[held]
    # The draw matters only where all other levels are equal, and for what is held.
    tied = held | (total[:, :LOTTERY] == best[pairs.student[free]][:, :LOTTERY]).all(axis=1)
    names = zip(pairs.student[free[tied]].tolist(), pairs.slot[free[tied]].tolist(), strict=True)
    ids = [(students.ids[who], instance.slots.ids[what]) for who, what in names]
    total[tied, LOTTERY] += draws(instance.policy.lottery_seed, ids)
    best[pairs.student[free[held]]] = total[held]
    cheaper = np.flatnonzero(_sign(total - best[pairs.student[free]]) < 0)
    if len(cheaper):
        at = free[cheaper[0]]
        return f"{students.ids[pairs.student[at]]} with {instance.slots.ids[pairs.slot[at]]}"
    worse = np.flatnonzero((_sign(out - best) < 0) & ~pinned)
    return f"{students.ids[worse[0]]} left unplaced" if len(worse) else None


def _open(instance: Instance, pairs: Pairs, free: Longs) -> Flags:
    """Whether a pair's limits leave any seat beside the pins: no price is needed where none does."""
    slots, students = instance.slots, instance.students
    pins = np.flatnonzero(pairs.pinned)
    seats = slots.capacity - np.bincount(pairs.slot[pins], minlength=len(slots))
    low = students.priority < instance.policy.reserved_priority
    low_pins = pins[low[pairs.student[pins]]]
    unreserved = slots.capacity - slots.reserved - np.bincount(pairs.slot[low_pins], minlength=len(slots))
    slot, who = pairs.slot[free], pairs.student[free]
    shares = np.sort(_share_keys(instance, pairs.slot[pins], students.school.codes[pairs.student[pins]]))
    keys = _share_keys(instance, slot, students.school.codes[who])
    used = np.searchsorted(shares, keys, side="right") - np.searchsorted(shares, keys)
    most = slots.max_per_school[slot]
    by_seats = seats[slot] > 0
    by_reserve = (slots.reserved[slot] == 0) | ~low[who] | (unreserved[slot] > 0)
    return np.asarray(by_seats & by_reserve & ((most == NONE) | (used < most)))


def _prices(instance: Instance, pairs: Pairs, free: Longs, certificate: Certificate) -> Vectors:
    """The prices of all limits each pair passes, added up."""
    slots, students = instance.slots, instance.students
    slot, who = pairs.slot[free], pairs.student[free]
    total = np.zeros((len(free), LOTTERY + 1), dtype=np.int64)
    for limit in (SEATS, UNRESERVED):
        rows = certificate.limit == limit
        of_slot = np.zeros((len(slots), LOTTERY + 1), dtype=np.int64)
        of_slot[certificate.slot[rows]] = certificate.price[rows]
        passes = np.ones(len(free), dtype=bool)
        if limit == UNRESERVED:
            passes = (slots.reserved[slot] > 0) & (students.priority[who] < instance.policy.reserved_priority)
        total += np.where(passes[:, None], of_slot[slot], 0)
    rows = np.flatnonzero(certificate.limit == SCHOOL)
    if len(rows):
        keys = _share_keys(instance, certificate.slot[rows], certificate.school[rows])
        order = np.argsort(keys)
        asked = _share_keys(instance, slot, students.school.codes[who])
        at = np.minimum(np.searchsorted(keys[order], asked), len(rows) - 1)
        hit = keys[order][at] == asked
        total[hit] += certificate.price[rows[order][at[hit]]]
    return total


def _share_keys(instance: Instance, slot: "np.ndarray", school: "np.ndarray") -> Longs:
    keys: Longs = slot.astype(np.int64) * (len(instance.students.school.values) + 1) + school
    return keys


def _sign(vectors: Vectors) -> NDArray[np.int64]:
    """The sign of the first place that is not zero."""
    sign = np.zeros(len(vectors), dtype=np.int64)
    for place in range(vectors.shape[1]):
        sign = np.where(sign == 0, np.sign(vectors[:, place]), sign)
    return sign
