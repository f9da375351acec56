"""Who may go where: each rule on its own, asked of P pairs at once, answering which pairs break it.

Every function takes the instance and two arrays of indexes (student, slot) of length P and returns P flags.
Days and tags are compared as rows of bits, one bit for each day or tag that occurs in the slots.
"""

import calendar
from collections.abc import Callable, Iterable, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from hub_allocation.instance import Flags, Instance, Ints, Longs
from hub_allocation.reading.cells import Days

Rule = Callable[[Instance, Ints, Ints], Flags]
Bits = NDArray[np.uint8]


def excluded_employer(instance: Instance, student: Ints, slot: Ints) -> Flags:
    """The student must never be matched with the slot's employer."""
    listed = _listed(instance.students.excluded.values, instance.slots.employer.values)
    return np.asarray(listed[instance.students.excluded.codes[student], instance.slots.employer.codes[slot]])


def too_young(instance: Instance, student: Ints, slot: Ints) -> Flags:
    """The student has fewer completed years on the slot's first day than its minimum age."""
    return ages(instance, student, slot) < instance.slots.min_age[slot]


def year_group(instance: Instance, student: Ints, slot: Ints) -> Flags:
    """The slot does not take the student's year group."""
    bits: Longs = instance.slots.year_groups[slot] >> (instance.students.year_group[student] - 7)
    return np.asarray(bits & 1 == 0)


def dates(instance: Instance, student: Ints, slot: Ints) -> Flags:
    """A day of the slot lies outside the student's availability."""
    days = instance.slots.days
    used = sorted({day for ranges in days.values for start, end in ranges for day in range(start, end + 1)})
    at = {day: place for place, day in enumerate(used)}
    taken = _bits(([at[d] for start, end in r for d in range(start, end + 1)] for r in days.values), len(used))
    line = np.array(used, dtype=np.int64)
    closed = ~np.array([_available(ranges, line) for ranges in instance.students.available.values], dtype=bool)
    shut = np.packbits(closed.reshape(-1, len(used)), axis=1)
    return _overlap(taken[days.codes[slot]], shut[instance.students.available.codes[student]])


def access(instance: Instance, student: Ints, slot: Ints) -> Flags:
    """The slot lacks something the student needs, in every mode, virtual too."""
    needs, provided = instance.students.needs, instance.slots.access
    tags = sorted({tag for value in needs.values for tag in value})
    at = {tag: place for place, tag in enumerate(tags)}
    wanted = _bits(([at[tag] for tag in value] for value in needs.values), len(tags))
    lacking = _bits(([at[tag] for tag in tags if tag not in value] for value in provided.values), len(tags))
    return _overlap(wanted[needs.codes[student]], lacking[provided.codes[slot]])


def past_sector(instance: Instance, student: Ints, slot: Ints) -> Flags:
    """The policy requires variety and the student has already experienced the slot's sector."""
    if instance.policy.variety != "require":
        return np.zeros(len(student), dtype=bool)
    return in_past_sector(instance, student, slot)


def in_past_sector(instance: Instance, student: Ints, slot: Ints) -> Flags:
    """The student has already experienced the slot's sector (whatever the policy makes of it)."""
    listed = _listed(instance.students.past_sectors.values, instance.slots.sector.values)
    return np.asarray(listed[instance.students.past_sectors.codes[student], instance.slots.sector.codes[slot]])


CODES: tuple[str, ...] = (
    "excluded_employer", "too_young", "year_group", "dates", "access", "past_sector",
    "no_travel_mode", "no_travel_time", "too_far",
)  # fmt: skip
"""Every rule by name; bit k of Pairs.broken stands for CODES[k]. The last three are decided by the journey."""

RULES: tuple[Rule, ...] = (excluded_employer, too_young, year_group, dates, access, past_sector)


def ages(instance: Instance, student: Ints, slot: Ints) -> NDArray[np.int64]:
    """Completed years on the slot's first day, the birthday taken as the last day of the birth month."""
    firsts = [date.fromordinal(ranges[0][0]) for ranges in instance.slots.days.values]
    first = np.array([(day.year, day.month, day.day) for day in firsts], dtype=np.int64).reshape(-1, 3)
    year, month, day = first[instance.slots.days.codes[slot]].T
    born = instance.students.birth_month[student]
    born_year, born_month = born // 12, born % 12 + 1
    last_day = np.array([0] + [calendar.monthrange(2001, month)[1] for month in range(1, 13)])[born_month]
    leap = (born_year % 4 == 0) & ((born_year % 100 != 0) | (born_year % 400 == 0))
    last_day = last_day + ((born_month == 2) & leap)
    before = (month < born_month) | ((month == born_month) & (day < last_day))
    completed: Longs = year - born_year - before
    return completed


def _available(ranges: Days, days: NDArray[np.int64]) -> Flags:
    if not ranges:
        return np.ones(len(days), dtype=bool)
    free = np.zeros(len(days), dtype=bool)
    for start, end in ranges:
        free[np.searchsorted(days, start) : np.searchsorted(days, end, side="right")] = True
    return free


def _bits(places: Iterable[Sequence[int]], width: int) -> Bits:
    rows = []
    for ones in places:
        row = np.zeros(width, dtype=bool)
        row[list(ones)] = True
        rows.append(np.packbits(row))
    return np.array(rows, dtype=np.uint8).reshape(len(rows), (width + 7) // 8)


def _overlap(left: Bits, right: Bits) -> Flags:
    shared: Flags = ((left & right) != 0).any(axis=1)
    return shared


def _listed(lists: list[tuple[str, ...]], names: list[str]) -> Flags:
    """Whether list r holds name c, for each distinct list and name."""
    at = {name: place for place, name in enumerate(names)}
    table = np.zeros((len(lists), len(names)), dtype=bool)
    for row, listed in enumerate(lists):
        table[row, [at[name] for name in listed if name in at]] = True
    return table
