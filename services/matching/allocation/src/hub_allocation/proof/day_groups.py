"""Limits of employers for a day that a network can keep: those whose dates agree.

On each day the slots that are busy make a set, which together may take no more students than the employer does. A day
on which no slot is busy that another day does not have as well says nothing more than that other day; nor does a day
on which all seats together keep within the limit. Where the sets that are left share no slot, each is a limit that its
slots lead to, as their own seats lead to them: a group. Where they share one, dates differ, and no network keeps them.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from hub_allocation.calendar import SlotDays, slot_days
from hub_allocation.eligibility import Pairs
from hub_allocation.instance import NONE, Flags, Instance, Ints, Longs


@dataclass(frozen=True, slots=True)
class DayGroups:
    """G groups of slots, in order of their first slot, by which they are named."""

    of_slot: Ints
    """The group of each slot (S); NONE."""
    first: Ints
    most: Longs
    """How many students each may have on one day."""

    def __len__(self) -> int:
        return len(self.first)

    def within(self, slots: Flags) -> "DayGroups":
        """Those of these slots (S): each group lies in them or outside."""
        kept = np.flatnonzero(slots[self.first])
        place = np.full(len(self) + 1, NONE, dtype=np.int32)  # the last for no group
        place[kept] = np.arange(len(kept), dtype=np.int32)
        return DayGroups(place[self.of_slot], self.first[kept], self.most[kept])

    def named(self) -> Ints:
        """The first slot of each slot's group (S); NONE."""
        return np.append(self.first, np.int32(NONE))[self.of_slot]


def no_groups(slots: int) -> DayGroups:
    """None for any of so many slots."""
    return DayGroups(np.full(slots, NONE, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int64))


def day_groups(instance: Instance, pairs: Pairs) -> tuple[DayGroups, Flags]:
    """Find the groups, and the employers whose limits could bind on dates that differ."""
    slots, caps = instance.slots, instance.employer_caps
    differ = np.zeros(len(slots.employer.values), dtype=bool)
    seats = np.minimum(slots.capacity, np.bincount(pairs.slot[pairs.feasible], minlength=len(slots)))
    offering = np.flatnonzero((seats > 0) & (caps[slots.employer.codes] != NONE))
    codes = slots.employer.codes[offering]
    possible = np.flatnonzero(np.bincount(codes, weights=seats[offering], minlength=len(differ)) > caps)
    if not len(np.intersect1d(codes, possible)):
        return no_groups(len(slots)), differ
    order = offering[np.argsort(codes, kind="stable")]
    start = np.searchsorted(np.sort(codes), np.arange(len(differ) + 1))
    days, found = slot_days(slots), []
    for employer in possible[np.isin(possible, codes)].tolist():
        mine = order[start[employer] : start[employer + 1]]
        sets = _sets(days, mine, seats, most=int(caps[employer]))
        differ[employer] = sum(map(len, sets)) > len(frozenset().union(*sets))
        found += [] if differ[employer] else [(min(one), int(caps[employer]), one) for one in sets]
    of_slot = np.full(len(slots), NONE, dtype=np.int32)
    found.sort(key=lambda group: group[0])
    for group, (_, _, members) in enumerate(found):
        of_slot[list(members)] = group
    first = np.array([first for first, _, _ in found], dtype=np.int32)
    return DayGroups(of_slot, first, np.array([most for _, most, _ in found], dtype=np.int64)), differ


def _sets(days: SlotDays, slots: Longs, seats: Longs, *, most: int) -> list[frozenset[int]]:
    """The slots busy on each day on which they could take more than ``most``; none within another."""
    busy: defaultdict[int, list[int]] = defaultdict(list)
    for slot in slots.tolist():
        for day in days.of(slot).tolist():
            busy[day].append(slot)
    sets = {frozenset(some) for some in busy.values() if int(seats[some].sum()) > most}
    return _largest(sets)


def _largest(sets: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    kept: list[frozenset[int]] = []
    for one in sorted(sets, key=len, reverse=True):
        if not any(one < other for other in kept):
            kept.append(one)
    return kept


def regrouped_by_a_seat(instance: Instance, pairs: Pairs) -> Flags:
    """Whose employer's limit for a day may bind otherwise with one more seat (S): only a search knows what it gains."""
    slots = instance.slots
    more = replace(instance, slots=replace(slots, capacity=slots.capacity + 1))
    (now, _), (then, differ) = day_groups(instance, pairs), day_groups(more, pairs)
    return np.asarray((now.named() != then.named()) | differ[slots.employer.codes])
