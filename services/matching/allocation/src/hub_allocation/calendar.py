"""The days that slots take, and which slots share one."""

from dataclasses import dataclass

import numpy as np

from hub_allocation.instance import Flags, Ints, Longs, Slots


@dataclass(frozen=True, slots=True)
class SlotDays:
    """Slot s takes the days ``day[start[s] : start[s + 1]]``: ordinals of the proleptic Gregorian calendar, rising."""

    start: Longs
    day: Longs

    def of(self, slot: int) -> Longs:
        """The days of one slot."""
        return self.day[self.start[slot] : self.start[slot + 1]]


def slot_days(slots: Slots) -> SlotDays:
    """The days of each slot."""
    distinct = [np.concatenate([np.arange(first, last + 1) for first, last in ranges]) for ranges in slots.days.values]
    counts = np.array([len(days) for days in distinct], dtype=np.int64)
    codes = slots.days.codes
    start = np.append(0, np.cumsum(counts[codes])) if len(codes) else np.zeros(1, dtype=np.int64)
    day = np.concatenate([distinct[code] for code in codes.tolist()]) if len(codes) else np.zeros(0, dtype=np.int64)
    return SlotDays(start.astype(np.int64), day.astype(np.int64))


@dataclass(frozen=True, slots=True)
class Clashes:
    """Which sets of days share one: slot s has set ``of_slot[s]``, and sets a and b clash when ``clash[a, b]``."""

    of_slot: Ints
    clash: Flags

    def between(self, first: Ints, second: Ints) -> Flags:
        """Whether slots ``first[k]`` and ``second[k]`` share a day."""
        return np.asarray(self.clash[self.of_slot[first], self.of_slot[second]])


def clashes(slots: Slots) -> Clashes:
    """Compare each two distinct sets of days."""
    values = slots.days.values
    clash = np.zeros((len(values), len(values)), dtype=bool)
    for at, first in enumerate(values):
        for other, second in enumerate(values[: at + 1]):
            shared = any(a <= d and c <= b for a, b in first for c, d in second)
            clash[at, other] = clash[other, at] = shared
    return Clashes(slots.days.codes, clash)
