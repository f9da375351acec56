"""Rules of the specification that this version does not solve yet: each refused by its name, none ignored."""

from collections import Counter

import numpy as np

from hub_allocation.errors import InputError
from hub_allocation.instance import NONE, Longs, Slots, Students
from hub_allocation.policy import Policy
from hub_allocation.reading import cells
from hub_allocation.reading.columns import numbers
from hub_allocation.reading.frames import Sheet

LATER = "is not solved by this version"


def policy_errors(policy: Policy) -> list[InputError]:
    """Refuse objectives and several places."""
    errors = []
    if policy.objective != "balanced":
        mend = 'use objective = "balanced"'
        errors.append(InputError("policy.toml", 0, "objective", f"{policy.objective} {LATER}", mend))
    if policy.places_per_student > 1:
        what = f"{policy.places_per_student} places for each student {LATER}"
        errors.append(InputError("policy.toml", 0, "places_per_student", what, "use places_per_student = 1"))
    return errors


def companions(sheet: Sheet) -> None:
    """Refuse companions."""
    named = np.flatnonzero((sheet.frame["companion_id"] != "").to_numpy())
    if len(named):
        _once(sheet, named, "companion_id", f"placing companions together {LATER}", mend="leave companion_id blank")


def slot_rules(sheet: Sheet, capacity: Longs, *, reserved: Longs, per_school: Longs) -> None:
    """Refuse minimum groups, single-school slots, and reserved seats together with a limit for each school."""
    min_group = numbers(sheet, "min_group", cells.whole(0, 10_000_000, blank=0))
    groups = np.flatnonzero(min_group > 1)
    if len(groups):
        _once(sheet, groups, "min_group", f"a minimum group {LATER}", mend="leave min_group blank")
    single = numbers(sheet, "single_school", cells.flag)
    alone = np.flatnonzero((single == 1) & (capacity > 1))
    if len(alone):
        _once(sheet, alone, "single_school", f"a single-school slot {LATER}", mend="leave single_school blank")
    both = np.flatnonzero((reserved > 0) & (per_school > 0))
    if len(both):
        what = f"reserved together with max_per_school on one slot {LATER}"
        _once(sheet, both, "reserved", what, mend="leave one of the two blank")


def day_caps(sheets: dict[str, Sheet], students: Students, slots: Slots) -> None:
    """Refuse limits for a day that could bind; those that can't are accepted."""
    sheet = sheets["schools"]
    most_out = numbers(sheet, "max_out_at_once", cells.whole(0, 10_000_000, blank=NONE))
    of_school = Counter(students.school[at] for at in range(len(students)))
    names = sheet.frame["school_id"].to_list()
    tight = [at for at, name in enumerate(names) if most_out[at] != NONE and most_out[at] < of_school[name]]
    if tight:
        what = f"a limit below the school's number of students {LATER}"
        _once(sheet, np.array(tight), "max_out_at_once", what, mend="leave it blank, or raise it")
    sheet = sheets["employers"]
    at_once = numbers(sheet, "max_at_once", cells.whole(0, 10_000_000, blank=NONE))
    busiest = _busiest(slots, {name for at, name in enumerate(sheet.frame["employer_id"]) if at_once[at] != NONE})
    names = sheet.frame["employer_id"].to_list()
    tight = [at for at, name in enumerate(names) if at_once[at] != NONE and at_once[at] < busiest.get(name, 0)]
    if tight:
        what = f"a limit below the seats the employer offers on one day {LATER}"
        _once(sheet, np.array(tight), "max_at_once", what, mend="leave it blank, or raise it")


def _busiest(slots: Slots, limited: set[str]) -> dict[str, int]:
    """Most seats each limited employer offers on any one day."""
    seats: Counter[tuple[str, int]] = Counter()
    for at in range(len(slots)):
        name = slots.employer[at]
        if name in limited:
            for start, end in slots.days[at] or ():
                for day in range(start, end + 1):
                    seats[name, day] += int(slots.capacity[at])
    most: dict[str, int] = {}
    for (name, _), count in seats.items():
        most[name] = max(most.get(name, 0), count)
    return most


def _once(sheet: Sheet, places: "np.ndarray", column: str, what: str, *, mend: str) -> None:
    rows = sheet.rows()[places]
    more = f" ({len(rows)} rows ask for it)" if len(rows) > 1 else ""
    sheet.error(int(rows.min()), column, what + more, mend)
