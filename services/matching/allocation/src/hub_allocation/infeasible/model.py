"""The rules as a CP-SAT model in which each can be dropped."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from hub_allocation.calendar import clashes, slot_days
from hub_allocation.eligibility import Pairs
from hub_allocation.infeasible.rules import Rule
from hub_allocation.instance import Instance, Longs

Groups = Iterable[tuple[list[int], int]]
"""Sums of pairs taken, each with the most it may be."""


@dataclass(frozen=True, slots=True)
class Droppable:
    """A model, and for each rule the literal that keeps it."""

    model: cp_model.CpModel
    keep: list[cp_model.IntVar]


class Builder:
    """Writes rules down over the pairs ``near``."""

    def __init__(self, instance: Instance, pairs: Pairs, near: Longs) -> None:
        self._instance, self._pairs, self._near = instance, pairs, near.tolist()
        self._model = cp_model.CpModel()
        self._taken = {at: self._model.new_bool_var("") for at in self._near}
        self._student = dict(zip(self._near, pairs.student[near].tolist(), strict=True))
        self._slot = dict(zip(self._near, pairs.slot[near].tolist(), strict=True))
        self._of_slot: defaultdict[int, list[int]] = defaultdict(list)
        for at in self._near:
            self._of_slot[self._slot[at]].append(at)
        self._place = {(self._student[at], self._slot[at]): at for at in self._near}

    def build(self, rules: list[Rule]) -> Droppable:
        """The whole model; what a student's own days and places allow can't be dropped."""
        self._own_places()
        keep = [self._model.new_bool_var("") for _ in rules]
        self._capacities = {
            rule.key: literal for rule, literal in zip(rules, keep, strict=True) if rule.kind == "capacity"
        }
        for rule, literal in zip(rules, keep, strict=True):
            getattr(self, f"_{rule.kind}")(rule.key, literal)
        return Droppable(self._model, keep)

    def _own_places(self) -> None:
        instance = self._instance
        of_student: defaultdict[int, list[int]] = defaultdict(list)
        for at in self._near:
            of_student[self._student[at]].append(at)
        places, table = instance.policy.places_per_student, clashes(instance.slots)
        sector = instance.slots.sector
        for own in of_student.values():
            self._model.add(sum(self._taken[at] for at in own) <= places)
            if places == 1:
                continue
            for place, one in enumerate(own):
                for other in own[:place]:
                    first, second = self._slot[one], self._slot[other]
                    same = bool(sector[first]) and sector.codes[first] == sector.codes[second]
                    shared = table.clash[table.of_slot[first], table.of_slot[second]]
                    if shared or (same and instance.policy.variety == "require"):
                        self._model.add_at_most_one(self._taken[one], self._taken[other])

    def _pin(self, at: int, keep: cp_model.IntVar) -> None:
        self._model.add_implication(keep, self._taken[at])

    _stands = _pin

    def _companion(self, one: int, keep: cp_model.IntVar) -> None:
        other = int(self._instance.students.companion[one])
        slots = {self._slot[at] for at in self._near if self._student[at] in (one, other)}
        for slot in sorted(slots):
            both = [self._place.get((who, slot)) for who in (one, other)]
            here = [self._taken[at] for at in both if at is not None]
            if len(here) == 2:
                self._model.add(here[0] == here[1]).only_enforce_if(keep)
            else:
                self._model.add(here[0] == 0).only_enforce_if(keep)

    def _min_group(self, slot: int, keep: cp_model.IntVar) -> None:
        runs = self._model.new_bool_var("")
        here = [self._taken[at] for at in self._of_slot[slot]]
        for taken in here:
            self._model.add_implication(taken, runs)
        least = int(self._instance.slots.min_group[slot])
        self._model.add(sum(here) >= least).only_enforce_if(keep, runs)

    def _single_school(self, slot: int, keep: cp_model.IntVar) -> None:
        school = self._instance.students.school.codes
        chosen: dict[int, cp_model.IntVar] = {}
        for at in self._of_slot[slot]:
            code = int(school[self._student[at]])
            chosen.setdefault(code, self._model.new_bool_var(""))
            self._model.add_implication(self._taken[at], chosen[code])
        self._model.add(sum(chosen.values()) <= 1).only_enforce_if(keep)

    def _capacity(self, slot: int, keep: cp_model.IntVar) -> None:
        self._at_most([(self._of_slot[slot], int(self._instance.slots.capacity[slot]))], keep)

    def _reserved(self, slot: int, keep: cp_model.IntVar) -> None:
        slots, students = self._instance.slots, self._instance.students
        low = students.priority < self._instance.policy.reserved_priority
        here = [at for at in self._of_slot[slot] if low[self._student[at]]]
        # With more seats more are left unreserved, so this holds only as long as the capacity does.
        self._at_most([(here, int(slots.capacity[slot] - slots.reserved[slot]))], keep, self._capacities[slot])

    def _max_per_school(self, slot: int, keep: cp_model.IntVar) -> None:
        shares: defaultdict[int, list[int]] = defaultdict(list)
        for at in self._of_slot[slot]:
            shares[int(self._instance.students.school.codes[self._student[at]])].append(at)
        most = int(self._instance.slots.stated_per_school[slot])
        self._at_most([(share, most) for share in shares.values()], keep)

    def _max_at_once(self, employer: int, keep: cp_model.IntVar) -> None:
        codes, cap = self._instance.slots.employer.codes, int(self._instance.employer_caps[employer])
        self._at_most(self._days([at for at in self._near if codes[self._slot[at]] == employer], cap), keep)

    def _max_out_at_once(self, school: int, keep: cp_model.IntVar) -> None:
        codes, cap = self._instance.students.school.codes, int(self._instance.school_caps[school])
        self._at_most(self._days([at for at in self._near if codes[self._student[at]] == school], cap), keep)

    def _days(self, places: list[int], cap: int) -> Iterator[tuple[list[int], int]]:
        """The pairs out on each day; days with the same ones count once."""
        days = slot_days(self._instance.slots)
        busy: defaultdict[int, list[int]] = defaultdict(list)
        for at in places:
            for day in days.of(self._slot[at]).tolist():
                busy[day].append(at)
        for group in sorted({tuple(group) for group in busy.values()}):
            yield list(group), cap

    def _at_most(self, groups: Groups, *keep: cp_model.IntVar) -> None:
        for group, most in groups:
            if len(group) > most:
                self._model.add(sum(self._taken[at] for at in group) <= most).only_enforce_if(*keep)


def near_fixed(pairs: Pairs, fixed: "np.ndarray | None") -> Longs:
    """The feasible pairs at slots that somebody is pinned to or stays in, and those of pins."""
    held = pairs.pinned if fixed is None else pairs.pinned | fixed
    slots = np.unique(pairs.slot[held])
    return np.flatnonzero(held | (pairs.feasible & np.isin(pairs.slot, slots)))
