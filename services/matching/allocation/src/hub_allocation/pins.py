"""Placements fixed by the hub: each must be a feasible pair, and all of them must hold together."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import numpy as np

from hub_allocation.counted import Counted, PairCounts
from hub_allocation.eligibility import Pairs, broken_rules
from hub_allocation.errors import InputError
from hub_allocation.instance import NONE, Instance

_COLUMN = "pinned_slot_id"
_BY_DAY = ("employer", "out")


def pin_errors(instance: Instance, pairs: Pairs) -> list[InputError]:
    """List what is wrong with the pins, naming both sides; empty when no rule that looks at pins alone is broken."""
    pinned = np.flatnonzero(pairs.pinned)
    errors = [_infeasible(instance, pairs, int(at)) for at in pinned[~pairs.feasible[pinned]]]
    if len(pinned):
        together = _Together(instance, pairs)
        errors += [*together.crowded(), *together.schools(), *together.groups(), *together.companions()]
    return errors


def _infeasible(instance: Instance, pairs: Pairs, at: int) -> InputError:
    student, slot = int(pairs.student[at]), int(pairs.slot[at])
    reasons = "; ".join(rule.text for rule in broken_rules(instance, pairs, at))
    what = f"{instance.students.ids[student]} can't be pinned to {instance.slots.ids[slot]}: {reasons}"
    return InputError("students.csv", int(instance.students.rows[student]), _COLUMN, what, "change the pin or the rule")


class _Together:
    """What the pins come to when all of them are taken."""

    def __init__(self, instance: Instance, pairs: Pairs) -> None:
        self._instance, self._pairs = instance, pairs
        self._pins = np.flatnonzero(pairs.pinned).tolist()

    def crowded(self) -> Iterator[InputError]:
        """Limits of how many that the pins pass; of a limit for a day, its first day."""
        counts = PairCounts(self._instance, self._pairs)
        who: dict[Counted, list[int]] = defaultdict(list)
        limit: dict[Counted, int] = {}
        for at in self._pins:
            for counted, most in counts.of(at):
                who[counted].append(int(self._pairs.student[at]))
                limit[counted] = most
        told = set()
        for counted in sorted(who):
            of = counted[:2] if counted.kind in _BY_DAY else counted
            if len(who[counted]) > limit[counted] and of not in told:
                told.add(of)
                yield self._error(who[counted], self._said(counted, limit[counted]))

    def _said(self, counted: Counted, most: int) -> str:
        slots, schools = self._instance.slots, self._instance.students.school.values
        if counted.kind in _BY_DAY:
            day = date.fromordinal(int(counted.second)).isoformat()
            if counted.kind == "employer":
                return f"employer {slots.employer.values[counted.first]} takes {most} on {day} (employers.csv)"
            return f"school {schools[counted.first]} lets {most} out on {day} (schools.csv)"
        name, row = slots.ids[counted.first], f"(slots.csv:{slots.rows[counted.first]})"
        if counted.kind == "unreserved":
            return f"{name} has {most} seats that are not reserved {row}"
        if counted.kind == "school":
            return f"{name} takes {most} of one school ({schools[int(counted.second)]}) {row}"
        return f"{name} has {most} seats {row}"

    def schools(self) -> Iterator[InputError]:
        """Single-school slots with pins from several schools."""
        school, slots = self._instance.students.school, self._instance.slots
        single = slots.single_school
        for slot, students in self._by_slot().items():
            if single[slot] and len({int(school.codes[who]) for who in students}) > 1:
                said = f"{slots.ids[slot]} takes students of one school only (slots.csv:{slots.rows[slot]})"
                yield self._error(students, said)

    def groups(self) -> Iterator[InputError]:
        """Slots that never run, because their minimum group exceeds their seats."""
        slots = self._instance.slots
        for slot, students in self._by_slot().items():
            least, seats = int(slots.min_group[slot]), int(slots.capacity[slot])
            if least > seats:
                said = f"{slots.ids[slot]} never runs: it needs {least} and has {seats} seats"
                yield self._error(students, f"{said} (slots.csv:{slots.rows[slot]})")

    def companions(self) -> Iterator[InputError]:
        """Companions of whom one is pinned where the other can't be."""
        students, slots = self._instance.students, self._instance.slots
        pinned = [int(self._pairs.student[at]) for at in self._pins]
        asked = [(who, int(students.companion[who])) for who in pinned if students.companion[who] != NONE]
        able = self._able([other for _, other in asked])
        for who, other in asked:
            slot, own = int(students.pinned[who]), int(students.pinned[other])
            name = f"{students.ids[who]} is pinned to {slots.ids[slot]}"
            if own not in (NONE, slot) and who < other:
                yield self._line([who, other], f"{name}, the companion {students.ids[other]} to {slots.ids[own]}")
            elif own == NONE and (other, slot) not in able:
                yield self._line([who], f"{name}, which the companion {students.ids[other]} can't have")

    def _able(self, students: list[int]) -> set[tuple[int, int]]:
        """The feasible pairs of these students."""
        at = np.flatnonzero(self._pairs.feasible & np.isin(self._pairs.student, students))
        return set(zip(self._pairs.student[at].tolist(), self._pairs.slot[at].tolist(), strict=True))

    def _by_slot(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for at in self._pins:
            found[int(self._pairs.slot[at])].append(int(self._pairs.student[at]))
        return dict(sorted(found.items()))

    def _error(self, students: list[int], said: str) -> InputError:
        ids = ", ".join(self._instance.students.ids[who] for who in students)
        pinned = "students are pinned to it" if len(students) > 1 else "student is pinned to it"
        return self._line(students, f"{said} and {len(students)} {pinned}: {ids}")

    def _line(self, students: list[int], what: str) -> InputError:
        row = max(int(self._instance.students.rows[who]) for who in students)
        return InputError("students.csv", row, _COLUMN, what, "take a pin away or mend the rule")
