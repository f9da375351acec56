"""Every rule beyond a single pair, each counted anew from the placements.

On purpose none of it is shared with what the solver, the pins or the explanations count by.
"""

from collections.abc import Callable

import numpy as np

from hub_allocation.calendar import slot_days
from hub_allocation.eligibility import Pairs
from hub_allocation.instance import NONE, Flags, Instance, Longs

Faults = list[str]
Check = Callable[[Instance, Longs, Longs], Faults]
"""Asked of the students and slots of the placements."""


def limit_faults(instance: Instance, pairs: Pairs, chosen: Longs, *, fixed: Flags | None = None) -> Faults:
    """List every rule these placements break, and every pin they leave out.

    Args:
        instance: the round.
        pairs: its P pairs.
        chosen: the pairs that are placements.
        fixed: pairs that had to stay beside the pins (P).
    """
    who, what = pairs.student[chosen].astype(np.int64), pairs.slot[chosen].astype(np.int64)
    faults = [f"allocations.csv: {fault}" for check in CHECKS for fault in check(instance, who, what)]
    students = instance.students.ids
    for at in np.setdiff1d(np.flatnonzero(pairs.pinned), chosen):
        faults.append(f"allocations.csv: the pin of {students[pairs.student[at]]} is not kept")
    for at in [] if fixed is None else np.setdiff1d(np.flatnonzero(fixed), chosen):
        faults.append(f"allocations.csv: the placement of {students[pairs.student[at]]} was to stay")
    return faults


def _places(instance: Instance, who: Longs, what: Longs) -> Faults:
    most = instance.policy.places_per_student
    held = np.bincount(who, minlength=len(instance.students))
    return [
        f"{instance.students.ids[at]} has more than {'one placement' if most == 1 else f'{most} placements'}"
        for at in np.flatnonzero(held > most)
    ]


def _seats(instance: Instance, who: Longs, what: Longs) -> Faults:
    slots = instance.slots
    taken = np.bincount(what, minlength=len(slots))
    over = np.flatnonzero(taken > slots.capacity)
    return [f"{slots.ids[at]} has {taken[at]} students and {slots.capacity[at]} seats" for at in over]


def _reserved(instance: Instance, who: Longs, what: Longs) -> Faults:
    slots, students = instance.slots, instance.students
    low = np.bincount(what[students.priority[who] < instance.policy.reserved_priority], minlength=len(slots))
    over = np.flatnonzero((low > slots.capacity - slots.reserved) & (slots.reserved > 0))
    return [f"{slots.ids[at]} gives {low[at]} students seats that are reserved" for at in over]


def _of_school(instance: Instance, who: Longs, what: Longs) -> Faults:
    slots, school = instance.slots, instance.students.school
    width = max(1, len(school.values))
    share, count = np.unique(what * width + school.codes[who], return_counts=True)
    most = slots.max_per_school[share // width]
    faults = [
        f"{slots.ids[share[at] // width]} has {count[at]} students of school {school.values[share[at] % width]}, "
        f"limit {most[at]}"
        for at in np.flatnonzero((most != NONE) & (count > most))
    ]
    schools = np.bincount(share // width, minlength=len(slots))
    mixed = np.flatnonzero(slots.single_school & (schools > 1))
    return faults + [f"{slots.ids[at]} takes students of one school, and has {schools[at]} schools" for at in mixed]


def _groups(instance: Instance, who: Longs, what: Longs) -> Faults:
    slots = instance.slots
    taken = np.bincount(what, minlength=len(slots))
    small = np.flatnonzero((taken > 0) & (taken < slots.min_group))
    return [f"{slots.ids[at]} runs with {slots.min_group[at]} or not at all, and has {taken[at]}" for at in small]


def _companions(instance: Instance, who: Longs, what: Longs) -> Faults:
    students, width = instance.students, max(1, len(instance.slots))
    other = students.companion[who].astype(np.int64)
    paired = other != NONE
    together = np.isin(other * width + what, who * width + what)
    return [
        f"{students.ids[who[at]]} is in {instance.slots.ids[what[at]]} without companion {students.ids[other[at]]}"
        for at in np.flatnonzero(paired & ~together)
    ]


def _days(instance: Instance, who: Longs, what: Longs) -> Faults:
    """Nobody is in two places on one day, and no employer or school has too many on one."""
    held = np.bincount(who, minlength=len(instance.students))
    school, employer = instance.students.school, instance.slots.employer
    of_school = instance.school_caps[school.codes[who]]
    of_employer = instance.employer_caps[employer.codes[what]]
    asked = np.flatnonzero((held[who] > 1) | (of_school != NONE) | (of_employer != NONE))
    if not len(asked):
        return []
    who, what = who[asked], what[asked]
    days = slot_days(instance.slots)
    length = np.diff(days.start)[what]
    at = np.repeat(np.arange(len(what)), length)
    begin = np.append(0, np.cumsum(length))
    day = days.day[np.arange(begin[-1]) - np.repeat(begin[:-1] - days.start[what], length)]
    who, what = who[at], what[at]
    twice = _more(who, day, np.ones(len(held), dtype=np.int64))
    faults = [f"{instance.students.ids[one]} is in two places on one day" for one in twice]
    for kind, codes, caps, values in (
        ("school", school.codes[who], instance.school_caps, school.values),
        ("employer", employer.codes[what], instance.employer_caps, employer.values),
    ):
        over = _more(codes.astype(np.int64), day, caps)
        faults += [f"{kind} {values[one]} has more than {caps[one]} students out on one day" for one in over]
    return faults


def _more(code: Longs, day: Longs, most: Longs) -> list[int]:
    """The codes that come more often on some day than they may (NONE: as often as they like)."""
    width = int(day.max(initial=0)) + 1
    keys, count = np.unique(code * width + day, return_counts=True)
    limit = most[keys // width]
    over: list[int] = np.unique(keys[(limit != NONE) & (count > limit)] // width).tolist()
    return over


def _sectors(instance: Instance, who: Longs, what: Longs) -> Faults:
    if instance.policy.variety != "require":
        return []
    sector = instance.slots.sector
    named = np.array([bool(value) for value in sector.values], dtype=bool)
    code = sector.codes[what].astype(np.int64)
    asked = np.flatnonzero(named[code]) if len(code) else code
    width = max(1, len(sector.values))
    keys, count = np.unique(who[asked] * width + code[asked], return_counts=True)
    students = instance.students.ids
    return [f"{students[key // width]} has the sector {sector.values[key % width]} twice" for key in keys[count > 1]]


CHECKS: tuple[Check, ...] = (_places, _seats, _reserved, _of_school, _groups, _companions, _days, _sectors)
