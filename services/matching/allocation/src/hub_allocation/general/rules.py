"""Every rule of a component as linear rows over its pairs and a few decisions besides.

The decisions are, in this order: each pair taken (V); each group running, that is a slot with a minimum group, or one
school's group at a single-school slot (G); with several places, each student placed at all (M).
"""

from dataclasses import dataclass

import numpy as np

from hub_allocation.components.split import binding_employers, binding_schools
from hub_allocation.general.part import Part
from hub_allocation.general.rows import FREE, RowBook, Rows
from hub_allocation.instance import NONE, Flags, Longs


@dataclass(frozen=True, slots=True)
class Rules:
    """The rows, and how the decisions beside the pairs follow from the pairs."""

    part: Part
    rows: Rows
    group: Longs
    """For each pair the group it belongs to (0 to G - 1), or NONE."""
    groups: int
    never: Flags
    """Pairs that no allocation can have (V)."""
    forced: Flags
    """Pairs that every allocation has: pins, and what stays fixed (V)."""

    @property
    def decisions(self) -> int:
        """How many decisions there are."""
        return len(self.part) + self.groups + (len(self.part.students) if self.part.places > 1 else 0)

    def decided(self, taken: Flags) -> Flags:
        """All decisions as they follow from the pairs taken (V)."""
        value = np.zeros(self.decisions, dtype=bool)
        value[: len(taken)] = taken
        value[len(taken) + self.group[taken & (self.group != NONE)]] = True
        if self.part.places > 1:
            value[len(taken) + self.groups + self.part.student[taken]] = True
        return value

    def hold(self, taken: Flags) -> bool:
        """Whether the pairs taken (V) keep every rule, the pins included."""
        if (taken & self.never).any() or (self.forced & ~taken).any():
            return False
        return len(self.rows.broken(self.decided(taken))) == 0


def make_rules(part: Part, *, forced: Flags) -> Rules:
    """Write down every rule of a component; ``forced`` are the pairs taken in any case (V)."""
    book = RowBook()
    group, groups, never = _groups(part, book)
    _seats(part, book)
    _days(part, book)
    never |= _companions(part, book)
    _places(part, book, first=len(part) + groups)
    never |= _other_schools(part, group, forced)
    return Rules(part, book.finish(), group, groups, never, forced)


def counted_limits(part: Part) -> Rows:
    """Every rule that limits how many pairs there are of something: all rules but groups and companions.

    Each coefficient is 1. Limits that the pairs can't pass are left out.
    """
    book = RowBook()
    _seats(part, book)
    _days(part, book)
    _own_limits(part, book)
    return book.finish()


def _other_schools(part: Part, group: Longs, forced: Flags) -> Flags:
    """The pairs of groups that can't run because another is forced at their slot."""
    held = np.unique(group[forced & (group != NONE)])
    taken = np.zeros(len(part.slots), dtype=bool)
    taken[part.slot[forced & (group != NONE)]] = True
    return np.asarray((group != NONE) & taken[part.slot] & ~np.isin(group, held))


def _seats(part: Part, book: RowBook) -> None:
    """Capacity, reserved seats and each school's share."""
    slots, students, pairs = part.instance.slots, part.instance.students, part.pairs
    every = np.arange(len(part))
    book.at_most(part.slot, every, slots.capacity[pairs.slot])
    low = np.flatnonzero(
        (students.priority[pairs.student] < part.instance.policy.reserved_priority) & (slots.reserved[pairs.slot] > 0)
    )
    book.at_most(part.slot[low], low, (slots.capacity - slots.reserved)[pairs.slot[low]])
    shared = np.flatnonzero(slots.max_per_school[pairs.slot] != NONE)
    key = part.slot[shared] * len(students.school.values) + students.school.codes[pairs.student[shared]]
    book.at_most(key, shared, slots.max_per_school[pairs.slot[shared]])


def _groups(part: Part, book: RowBook) -> tuple[Longs, int, Flags]:
    """Minimum groups and single-school slots: the group of each pair, how many there are, and what can never run."""
    slots, students, pairs = part.instance.slots, part.instance.students, part.pairs
    single, least = slots.single_school[pairs.slot], np.maximum(slots.min_group[pairs.slot], 0)
    member = np.flatnonzero(single | (least > 1))
    school = np.where(single, students.school.codes[pairs.student], len(students.school.values))[member]
    keys, first, of, size = np.unique(
        part.slot[member] * (len(students.school.values) + 1) + school,
        return_index=True, return_inverse=True, return_counts=True,
    )  # fmt: skip
    count, leader = len(keys), member[first]
    fewest, capacity = least[leader], slots.capacity[pairs.slot[leader]]
    most = np.minimum(capacity, size)
    group = np.full(len(part), NONE, dtype=np.int64)
    group[member] = of
    never = np.zeros(len(part), dtype=bool)
    never[member] = (fewest > most)[of] | (capacity < 1)[of]
    runs = len(part) + np.arange(count)
    row, decision = np.concatenate([of, np.arange(count)]), np.concatenate([member, runs])
    ones = np.ones(len(member), dtype=np.int64)
    free = np.full(count, FREE)
    book.add(row, decision, np.concatenate([ones, -fewest]), low=np.zeros(count, dtype=np.int64), high=free)
    book.add(row, decision, np.concatenate([ones, -most]), low=-free, high=np.zeros(count, dtype=np.int64))
    each = np.arange(len(member))
    book.add(np.concatenate([each, each]), np.concatenate([member, runs[of]]), np.concatenate([ones, -ones]),
             low=np.full(len(member), -FREE), high=np.zeros(len(member), dtype=np.int64))  # fmt: skip
    book.at_most(part.slot[leader], runs, np.ones(count, dtype=np.int64))
    return group, count, never


def _days(part: Part, book: RowBook) -> None:
    """Limits of employers and schools for each day."""
    instance, pairs = part.instance, part.pairs
    employer, school = instance.slots.employer.codes[pairs.slot], instance.students.school.codes[pairs.student]
    day, at = busy_days(part)
    for code, caps, binding in (
        (employer, instance.employer_caps, binding_employers(instance, pairs)),
        (school, instance.school_caps, binding_schools(instance, pairs)),
    ):
        limited = np.flatnonzero(binding[code[at]])
        who = code[at[limited]].astype(np.int64)
        book.at_most(day[limited] * len(caps) + who, at[limited], caps[who])


def _companions(part: Part, book: RowBook) -> Flags:
    """Companions get the same slot or none; returns the pairs whose companion can't have the slot."""
    companion = part.instance.students.companion
    mine = np.flatnonzero(companion[part.pairs.student] != NONE)
    width = len(part.instance.slots)
    key = part.pairs.student.astype(np.int64) * width + part.pairs.slot
    theirs = companion[part.pairs.student[mine]].astype(np.int64) * width + part.pairs.slot[mine]
    order = np.argsort(key)
    place = np.minimum(np.searchsorted(key[order], theirs), len(key) - 1)
    other = order[place] if len(key) else place
    found = key[other] == theirs if len(key) else np.zeros(0, dtype=bool)
    never = np.zeros(len(part), dtype=bool)
    never[mine[~found]] = True
    one, two = mine[found], other[found]
    one, two = one[one < two], two[one < two]
    number, ones = np.arange(len(one)), np.ones(len(one), dtype=np.int64)
    nothing = np.zeros(len(one), dtype=np.int64)
    book.add(np.concatenate([number, number]), np.concatenate([one, two]), np.concatenate([ones, -ones]),
             low=nothing, high=nothing)  # fmt: skip
    return never


def _places(part: Part, book: RowBook, *, first: int) -> None:
    """Each student's places; with several, a decision beside them says whether there is any."""
    _own_limits(part, book)
    if part.places == 1:
        return
    every, count = np.arange(len(part)), len(part.students)
    placed, nothing = first + np.arange(count), np.zeros(count, dtype=np.int64)
    ones = np.ones(len(part), dtype=np.int64)
    book.add(np.concatenate([part.student, np.arange(count)]), np.concatenate([every, placed]),
             np.concatenate([ones, np.full(count, -1)]), low=nothing, high=np.full(count, FREE))  # fmt: skip


def _own_limits(part: Part, book: RowBook) -> None:
    """Each student's places: so many at most, none on a common day, one for each sector where variety is required."""
    every, places = np.arange(len(part)), part.places
    book.at_most(part.student, every, np.full(len(part), places))
    if places == 1:
        return
    day, at = busy_days(part)
    book.at_most(day * len(part.students) + part.student[at], at, np.ones(len(at), dtype=np.int64))
    if part.instance.policy.variety == "require":
        sector = part.instance.slots.sector
        named = np.flatnonzero(np.array([value != "" for value in sector.values])[sector.codes[part.pairs.slot]])
        key = part.student[named] * len(sector.values) + sector.codes[part.pairs.slot[named]]
        book.at_most(key, named, np.ones(len(named), dtype=np.int64))


def busy_days(part: Part) -> tuple[Longs, Longs]:
    """The days that matter, numbered, each with the pairs whose slot takes it: (day, pair) of each entry.

    A day on which no slot is busy that another day does not have as well says nothing more than that other day.
    """
    days = part.instance.slots.days
    codes = np.unique(days.codes[part.pairs.slot])
    # Where any range starts, the set of slots busy may grow; between starts it only shrinks.
    starts = np.unique([start for code in codes.tolist() for start, _ in days.values[code]])
    busy = np.zeros((len(days.values), len(starts)), dtype=bool)
    for code in codes.tolist():
        for start, end in days.values[code]:
            busy[code] |= (starts >= start) & (starts <= end)
    busy = np.unique(busy, axis=1)
    size = busy.sum(axis=0)
    shared = busy.T.astype(np.int64) @ busy.astype(np.int64)
    inside = (shared == size[:, None]) & (size[:, None] < size[None, :])
    busy = busy[:, ~inside.any(axis=1)]
    pair, day = np.nonzero(busy[days.codes[part.pairs.slot]])
    return day.astype(np.int64), pair.astype(np.int64)
