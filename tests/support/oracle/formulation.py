"""A round as a mixed-integer program: one variable for each pair, and those the rules need beside them.

Level after level is optimised and then held. After each the answer is rounded, checked against rules.py and counted
in whole numbers, so a value reported was really reached. That no better one exists rests on HiGHS' tolerances, which
are safe for every level but the lottery, whose sums reach 2^32 times the students: two allocations closer than about
1e-6 of that may be taken for equal. A library value above the one reported is therefore always an error of the
library; a lottery below it, at equal other levels and without a broken rule, is one of the tolerances.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from tests.support.oracle.problem import Key, Problem
from tests.support.oracle.rules import Levels, faults, level_values, maximised

Terms = dict[int, float]


class Program:
    """Variables in [0, 1], all whole, and rows ``low <= terms <= high``."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.keys: list[Key] = list(problem.pairs)
        self.at = {key: place for place, key in enumerate(self.keys)}
        self.alone = [dict(level_values(problem, [key])) for key in self.keys]
        self.names: list[Any] = list(self.keys)
        self.rows: list[tuple[Terms, float, float]] = []
        self.of_slot = self._by(lambda key: key[1])
        self.of_student = self._by(lambda key: key[0])
        self._forced()
        self._slots()
        self._students()
        self._companions()
        self._days()

    def variable(self, name: Any) -> int:
        """A further variable, 0 or 1."""
        self.names.append(name)
        return len(self.names) - 1

    def add(self, terms: Terms, low: float, high: float) -> None:
        """A further row."""
        if terms:
            self.rows.append((terms, low, high))
        elif not low <= 0 <= high:
            self.rows.append(({0: 0.0}, low, high))

    def at_most(self, places: Iterable[int], most: float) -> None:
        """No more than so many of these."""
        self.add(dict.fromkeys(places, 1.0), -np.inf, most)

    def _by(self, name: Any) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for place, key in enumerate(self.keys):
            found[name(key)].append(place)
        return found

    def _forced(self) -> None:
        self.impossible = any(key not in self.at for key in self.problem.forced)
        for key in self.problem.forced & set(self.at):
            self.add({self.at[key]: 1.0}, 1, 1)

    def _slots(self) -> None:
        students, limit = self.problem.students, self.problem.policy["reserved_priority"]
        for what, slot in self.problem.slots.items():
            places = self.of_slot[what]
            self.at_most(places, slot.capacity)
            low = [at for at in places if students[self.keys[at][0]].priority < limit]
            self.at_most(low, slot.capacity - slot.reserved)
            schools: dict[str, list[int]] = defaultdict(list)
            for at in places:
                schools[students[self.keys[at][0]].school].append(at)
            if slot.max_per_school is not None:
                for group in schools.values():
                    self.at_most(group, slot.max_per_school)
            if slot.single_school:
                self._single_school(schools)
            if slot.min_group > 1:
                self._min_group(places, slot.min_group)

    def _single_school(self, schools: dict[str, list[int]]) -> None:
        sends = {school: self.variable(("sends", school)) for school in schools}
        for school, group in schools.items():
            for at in group:
                self.add({at: 1.0, sends[school]: -1.0}, -np.inf, 0)
        self.at_most(sends.values(), 1)

    def _min_group(self, places: list[int], least: int) -> None:
        runs = self.variable("runs")
        self.add({**dict.fromkeys(places, 1.0), runs: -float(least)}, 0, np.inf)
        for at in places:
            self.add({at: 1.0, runs: -1.0}, -np.inf, 0)

    def _students(self) -> None:
        slots, policy = self.problem.slots, self.problem.policy
        self.placed = []
        for places in self.of_student.values():
            self.at_most(places, policy["places_per_student"])
            has = self.variable("has a place")
            self.placed.append(has)
            self.add({**dict.fromkeys(places, 1.0), has: -1.0}, 0, np.inf)
            shared: dict[object, list[int]] = defaultdict(list)
            for at in places:
                slot = slots[self.keys[at][1]]
                for day in slot.days:
                    shared[day].append(at)
                if policy["variety"] == "require" and slot.sector:
                    shared[slot.sector].append(at)
            for group in {tuple(group) for group in shared.values() if len(group) > 1}:
                self.at_most(group, 1)

    def _companions(self) -> None:
        for (who, what), at in self.at.items():
            other = self.problem.students[who].companion
            if other and (other, what) not in self.at:
                self.add({at: 1.0}, 0, 0)
            elif other and who < other:
                self.add({at: 1.0, self.at[other, what]: -1.0}, 0, 0)

    def _days(self) -> None:
        groups: dict[tuple[str, str, object], list[int]] = defaultdict(list)
        for at, (who, what) in enumerate(self.keys):
            slot = self.problem.slots[what]
            for day in slot.days:
                groups["employer", slot.employer, day].append(at)
                groups["school", self.problem.students[who].school, day].append(at)
        for (kind, name, _), places in groups.items():
            caps = self.problem.employer_caps if kind == "employer" else self.problem.school_caps
            if name in caps:
                self.at_most(places, caps[name])

    def weights(self, level: str) -> Terms:
        """What each variable counts in a level."""
        if level == "students":
            return dict.fromkeys(self.placed, 1.0)
        return {at: float(alone[level]) for at, alone in enumerate(self.alone)}


def best(problem: Problem) -> tuple[Levels, frozenset[Key]] | None:
    """The best allocation by HiGHS; None when the pins and the rules allow none."""
    program = Program(problem)
    if program.impossible:
        return None
    if not program.keys:
        return None if faults(problem, ()) else (level_values(problem, ()), frozenset())
    chosen: frozenset[Key] | None = None
    for name, _ in level_values(problem, ()):
        chosen = _optimise(program, program.weights(name), sign=-1.0 if maximised(name) else 1.0)
        if chosen is None:
            return None
        value = dict(level_values(problem, chosen))[name]
        terms = program.weights(name)
        if name != "lottery" and maximised(name):
            program.add(terms, value, np.inf)
        elif name != "lottery":
            program.add(terms, -np.inf, value)
    assert chosen is not None
    return level_values(problem, chosen), chosen


def _optimise(program: Program, weights: Terms, *, sign: float) -> frozenset[Key] | None:
    width = len(program.names)
    cost = np.zeros(width)
    scale = max([abs(value) for value in weights.values()], default=1.0) or 1.0
    scale = scale if scale > 1e6 else 1.0
    for at, value in weights.items():
        cost[at] = sign * value / scale
    entries = [(row, at, value) for row, (terms, _, _) in enumerate(program.rows) for at, value in terms.items()]
    row, column, count = (list(part) for part in zip(*entries, strict=True)) if entries else ([], [], [])
    matrix = coo_array((count, (row, column)), shape=(len(program.rows), width)).tocsr()
    limits = LinearConstraint(matrix, [low for _, low, _ in program.rows], [high for _, _, high in program.rows])
    answer = milp(
        cost, constraints=limits, integrality=np.ones(width), bounds=Bounds(0, 1), options={"mip_rel_gap": 0.0}
    )
    if answer.status == 2:
        return None
    assert answer.status == 0, answer.message
    chosen = frozenset(key for key, part in zip(program.keys, answer.x, strict=False) if part > 0.5)
    broken = faults(program.problem, chosen)
    assert not broken, broken
    return chosen
