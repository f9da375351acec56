"""The rules to drop against every allocation tried: dropping them suffices, fewer never would, each conflict is real.

What breaks which rule is counted here from the rows alone, over all a round's rules and not only those near the pins.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub_allocation.eligibility import find_pairs
from hub_allocation.infeasible import rules_to_drop
from hub_allocation.policy import Policy
from tests.unit.allocation.rounds import Round, Row, make_round, read, slot, student, wishes

DAYS = ("2027-06-07", "2027-06-08", "2027-06-07;2027-06-08")
Taken = Collection[tuple[str, str]]
"""(student_id, slot_id) of one allocation, whatever rule it breaks."""
Holds = Callable[[Taken], bool]


@dataclass(frozen=True)
class Tangle:
    """A round in which little or nothing may be feasible."""

    rows: Round
    policy: Policy
    stays: frozenset[tuple[str, str]]


def one_of(*cells: str) -> st.SearchStrategy[str]:
    return st.sampled_from(cells)


@st.composite
def tangles(draw: st.DrawFn) -> Tangle:
    """Few students and slots under every rule that can be dropped, and those of a student's own that can't."""
    names, places = ["L1", "L2", "L3"][: draw(st.integers(1, 3))], draw(st.sampled_from([1, 1, 2]))
    people = [
        student(
            f"P{at}", school_id=draw(one_of("S1", "S1", "S2")), priority=draw(one_of("0", "500")),
            pinned_slot_id=draw(one_of("", *names)),
        )
        for at in range(draw(st.integers(2, 4)))
    ]  # fmt: skip
    if places == 1 and draw(st.booleans()):
        people[0]["companion_id"] = "P1"
    ranked = {row["student_id"]: draw(st.permutations(names))[: draw(st.integers(1, 3))] for row in people}
    stays = [(who, draw(st.sampled_from(slots))) for who, slots in ranked.items() if draw(st.integers(0, 4)) == 0]
    caps = one_of("", "", "0", "1", "2")
    rows = make_round(
        people, [draw(slots(name)) for name in names], wishes(**ranked),
        employers=[{"employer_id": name, "max_at_once": draw(caps)} for name in ("E1", "E2")],
        schools=[{"school_id": name, "postcode": "", "max_out_at_once": draw(caps)} for name in ("S1", "S2")],
    )  # fmt: skip
    policy = Policy(places_per_student=places, reserved_priority=500, variety=draw(one_of("off", "require")))
    return Tangle(rows, policy, frozenset(stays))


@st.composite
def slots(draw: st.DrawFn, name: str) -> Row:
    capacity = draw(st.integers(0, 3))
    return slot(
        name, capacity=capacity, reserved=draw(st.integers(0, capacity)), min_group=draw(one_of("", "", "2", "3")),
        max_per_school=draw(one_of("", "", "0", "1", "2")), single_school=draw(one_of("", "true")),
        employer_id=draw(one_of("E1", "E2")), dates=draw(one_of(*DAYS)), sector=draw(one_of("", "arts")),
    )  # fmt: skip


class Rows:
    """What the rows say, looked up by name."""

    def __init__(self, tangle: Tangle) -> None:
        self.tangle = tangle
        self.students = {row["student_id"]: row for row in tangle.rows["students"]}
        self.slots = {row["slot_id"]: row for row in tangle.rows["slots"]}
        self.days = {name: set(row["dates"].split(";")) for name, row in self.slots.items()}

    def allocations(self) -> Iterator[Taken]:
        """Every allocation that keeps what belongs to each student alone."""
        own = [list(self._own(who)) for who in self.students]
        for choice in itertools.product(*own):
            yield [key for keys in choice for key in keys]

    def _own(self, who: str) -> Iterator[Taken]:
        able = {row["slot_id"] for row in self.tangle.rows["preferences"] if row["student_id"] == who}
        able |= {self.students[who]["pinned_slot_id"]} - {""}
        for count in range(self.tangle.policy.places_per_student + 1):
            for some in itertools.combinations(sorted(able), count):
                if all(self._beside(one, other) for one, other in itertools.combinations(some, 2)):
                    yield [(who, what) for what in some]

    def _beside(self, one: str, other: str) -> bool:
        sector = self.slots[one]["sector"]
        same = sector != "" and sector == self.slots[other]["sector"]
        return not self.days[one] & self.days[other] and not (same and self.tangle.policy.variety == "require")

    def rules(self) -> Iterator[tuple[str, Holds]]:
        """Each rule by how it is told, and whether an allocation keeps it."""
        for who, row in self.students.items():
            if pin := row["pinned_slot_id"]:
                yield f"{who} is pinned to {pin}", _takes((who, pin))
            if other := row.get("companion_id"):
                yield f"{who} and {other} go together", _together(who, other)
        for who, what in self.tangle.stays:
            if self.students[who]["pinned_slot_id"] != what:
                yield f"{who} is to stay in {what}", _takes((who, what))
        for name, row in self.slots.items():
            yield from self._of_slot(name, row)
        yield from self._of_days()

    def _of_slot(self, name: str, row: Row) -> Iterator[tuple[str, Holds]]:
        seats, least, most = row["capacity"], row["min_group"], row["max_per_school"]
        yield f"{name} has {seats} seats", lambda taken: len(self._in(taken, name)) <= int(seats)
        if row["reserved"] != "0":
            free = int(seats) - int(row["reserved"])
            yield f"{name} reserves {row['reserved']} seats", lambda taken: self._low(taken, name) <= free
        if least:
            yield (
                f"{name} needs at least {least} students",
                lambda taken: len(self._in(taken, name)) not in range(1, int(least)),
            )
        if row["single_school"]:
            yield f"{name} takes students of one school only", lambda taken: len(self._schools(taken, name)) <= 1
        if most:
            yield (
                f"{name} takes at most {most} of one school",
                lambda taken: max(self._schools(taken, name).values(), default=0) <= int(most),
            )

    def _of_days(self) -> Iterator[tuple[str, Holds]]:
        for row in self.tangle.rows["employers"]:
            if cap := row["max_at_once"]:
                name = row["employer_id"]
                out = {what for what, cells in self.slots.items() if cells["employer_id"] == name}
                yield f"the employer {name} takes at most {cap} students on a day", self._calm(out, int(cap))
        for row in self.tangle.rows["schools"]:
            if cap := row["max_out_at_once"]:
                name = row["school_id"]
                out = {who for who, cells in self.students.items() if cells["school_id"] == name}
                yield f"the school {name} has at most {cap} students out on a day", self._calm(out, int(cap))

    def _calm(self, names: Collection[str], cap: int) -> Holds:
        """No more than ``cap`` placements on any day of those of these students, or at these slots."""

        def holds(taken: Taken) -> bool:
            days = Counter(day for who, what in taken if who in names or what in names for day in self.days[what])
            return max(days.values(), default=0) <= cap

        return holds

    def _in(self, taken: Taken, name: str) -> list[str]:
        return [who for who, what in taken if what == name]

    def _low(self, taken: Taken, name: str) -> int:
        return sum(self.students[who]["priority"] == "0" for who in self._in(taken, name))

    def _schools(self, taken: Taken, name: str) -> Counter[str]:
        return Counter(self.students[who]["school_id"] for who in self._in(taken, name))


def _takes(key: tuple[str, str]) -> Holds:
    return lambda taken: key in taken


def _together(one: str, other: str) -> Holds:
    return lambda taken: at(taken, one) == at(taken, other)


def at(taken: Taken, who: str) -> set[str]:
    return {what for one, what in taken if one == who}


class Tried:
    """Every allocation of a round, with the rules it keeps."""

    def __init__(self, tangle: Tangle) -> None:
        rows = Rows(tangle)
        rules: Mapping[str, Holds] = dict(rows.rules())
        self.all = frozenset(rules)
        self.kept = {frozenset(text for text, holds in rules.items() if holds(taken)) for taken in rows.allocations()}

    def possible(self, rules: Collection[str]) -> bool:
        """Whether some allocation keeps all of these."""
        needed = {rule for rule in rules if not _idle(rule, rules)}
        return any(needed <= kept for kept in self.kept)

    def fewest(self) -> int:
        """How many rules have to go."""
        for count in itertools.count():
            if any(self.possible(self.all - set(some)) for some in itertools.combinations(sorted(self.all), count)):
                return count
        raise AssertionError


def _idle(rule: str, rules: Collection[str]) -> bool:
    """Whether this reserves seats of a slot whose capacity isn't asked for: with more seats more are unreserved."""
    name, _, rest = rule.partition(" reserves ")
    return rest != "" and not any(other.startswith(f"{name} has ") for other in rules)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(tangles())
def test_told_rules_are_a_smallest_set_and_each_stands_against_what_it_names(tangle: Tangle) -> None:
    instance = read(tangle.rows, tangle.policy)
    pairs = find_pairs(instance)
    assert pairs.feasible[pairs.pinned].all()
    keys = zip(pairs.student.tolist(), pairs.slot.tolist(), strict=True)
    names = [(instance.students.ids[who], instance.slots.ids[what]) in tangle.stays for who, what in keys]
    lines = rules_to_drop(instance, pairs, fixed=np.array(names) if tangle.stays else None)
    tried = Tried(tangle)
    told = [line.what.partition(", which can't hold together with: ") for line in lines]
    dropped = {text for text, _, _ in told}
    assert dropped <= tried.all
    assert tried.possible(tried.all - dropped)
    assert len(lines) == len(dropped) == tried.fewest()
    for text, _, others in told:
        against = {other.partition(" (")[0] for other in others.split("; ")} - {""}
        assert against <= tried.all - dropped
        assert not tried.possible({text, *against})
        assert all(tried.possible({text, *against} - {one}) for one in against)
