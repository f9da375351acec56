"""A smallest set of rules to drop: it makes the round feasible, no smaller one does, and each line names both sides."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub_allocation.eligibility import find_pairs
from hub_allocation.errors import BadInput, Infeasible
from hub_allocation.infeasible import rules_to_drop
from hub_allocation.infeasible.model import near_fixed
from hub_allocation.infeasible.rules import Rule, rules_at
from hub_allocation.instance import NONE, Instance
from hub_allocation.solve import solve
from tests.unit.allocation.rounds import Round, Row, make_round, read, slot, still, student, wishes

quick = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def pinned(name: str, what: str, **cells: Any) -> Row:
    return student(name, pinned_slot_id=what, **cells)


def told(round_: Round) -> list[tuple[str, str, str]]:
    """Where each line is and what it says."""
    instance = read(round_)
    lines = rules_to_drop(instance, find_pairs(instance))
    return [(line.file, line.column, line.what) for line in lines]


def test_nothing_to_drop_where_all_rules_hold() -> None:
    assert told(make_round([pinned("ann", "L1")], [slot("L1", capacity=2)], wishes(ann="L1"))) == []


def test_pin_into_a_group_that_too_few_could_join() -> None:
    round_ = make_round(
        [pinned("ann", "L1"), student("bob"), student("cat", year_group="9")],
        [slot("L1", capacity=5, min_group=3, year_groups="10")],
        wishes(ann="L1", bob="L1", cat="L1"),
    )
    assert told(round_) == [(
        "students.csv", "pinned_slot_id",
        "ann is pinned to L1, which can't hold together with: L1 needs at least 3 students (slots.csv:2)",
    )]  # fmt: skip


def test_group_that_only_the_other_school_could_fill() -> None:
    round_ = make_round(
        [pinned("ann", "L1"), student("bob", school_id="S2"), student("cat", school_id="S2")],
        [slot("L1", capacity=5, min_group=2, single_school="true")],
        wishes(ann="L1", bob="L1", cat="L1"),
    )
    [(_, column, what)] = told(round_)
    assert column == "pinned_slot_id"
    assert "L1 needs at least 2 students" in what
    assert "L1 takes students of one school only" in what


def test_two_separate_conflicts_need_two_rules() -> None:
    round_ = make_round(
        [pinned("ann", "L1"), pinned("bob", "L2")],
        [slot("L1", capacity=3, min_group=2), slot("L2", capacity=3, min_group=3)],
        wishes(ann="L1", bob="L2"),
    )
    assert [what.partition(" is pinned")[0] for _, _, what in told(round_)] == ["ann", "bob"]


def test_one_rule_that_stands_against_several_pins_is_dropped_alone() -> None:
    round_ = make_round(
        [pinned("ann", "L1"), pinned("bob", "L1")], [slot("L1", capacity=5, min_group=4)],
        wishes(ann="L1", bob="L1"),
    )  # fmt: skip
    [(file, column, what)] = told(round_)
    assert (file, column) == ("slots.csv", "min_group")
    assert "is pinned to L1" in what


@st.composite
def tangled(draw: st.DrawFn) -> Round:
    """Few students, pins, groups, companions and limits for a day, so that often nothing is feasible."""
    names = ["L1", "L2"]
    slots = [
        slot(
            name, capacity=draw(st.integers(1, 3)), min_group=draw(st.sampled_from(["", "2", "3"])),
            single_school=draw(st.sampled_from(["", "true"])),
        )
        for name in names
    ]  # fmt: skip
    people = [
        student(
            f"P{at}", school_id=draw(st.sampled_from(["S1", "S2"])),
            pinned_slot_id=draw(st.sampled_from(["", "", *names])),
        )
        for at in range(4)
    ]  # fmt: skip
    if draw(st.booleans()):
        people[0]["companion_id"] = "P1"
    ranked = {row["student_id"]: draw(st.sampled_from([names, names[:1], names[1:]])) for row in people}
    employers = [{"employer_id": "E1", "max_at_once": draw(st.sampled_from(["", "2", "3"]))}]
    return make_round(people, slots, wishes(**ranked), employers=employers)


@settings(quick, max_examples=30)
@given(tangled())
def test_no_smaller_set_would_do(round_: Round) -> None:
    instance = read(round_)
    pairs = find_pairs(instance)
    if not pairs.feasible[pairs.pinned].all():
        return
    rules = rules_at(instance, pairs, near_fixed(pairs, None), fixed=None)
    droppable = [rule for rule in rules if rule.kind not in ("reserved", "max_per_school")]
    lines = rules_to_drop(instance, pairs)
    need = next(
        count
        for count in range(len(droppable) + 1)
        if any(feasible(without(instance, pairs.student.tolist(), some)) for some in combinations(droppable, count))
    )
    assert len(lines) == need
    assert all("can't hold together with" in line.what for line in lines)


def feasible(instance: Instance) -> bool:
    try:
        solve(instance, clock=still)
    except (BadInput, Infeasible):
        return False
    return True


def without(instance: Instance, student_of: list[int], rules: tuple[Rule, ...]) -> Instance:
    """The round with some rules dropped."""
    students, slots = instance.students, instance.slots
    pins, companions = students.pinned.copy(), students.companion.copy()
    columns = {name: getattr(slots, name).copy() for name in ("min_group", "stated_single", "capacity")}
    caps = instance.employer_caps.copy()
    for rule in rules:
        if rule.kind == "pin":
            pins[student_of[rule.key]] = NONE
        elif rule.kind == "companion":
            companions[[rule.key, companions[rule.key]]] = NONE
        elif rule.kind == "max_at_once":
            caps[rule.key] = NONE
        else:
            columns[rule.kind.replace("single_school", "stated_single")][rule.key] = (
                99 if rule.kind == "capacity" else 0
            )
    return replace(
        instance, students=replace(students, pinned=pins, companion=companions),
        slots=replace(slots, **columns), employer_caps=caps,
    )  # fmt: skip


@pytest.mark.parametrize("kept", ["L1", "L2"])
def test_placement_that_is_to_stay_is_named_as_such(kept: str) -> None:
    round_ = make_round(
        [pinned("ann", "L1"), student("bob")], [slot("L1", capacity=2, min_group=2), slot("L2", capacity=2)],
        wishes(ann="L1", bob=["L1", "L2"]),
    )  # fmt: skip
    instance = read(round_)
    pairs = find_pairs(instance)
    stays = (pairs.student == 1) & (pairs.slot == instance.slots.ids.index(kept))
    lines = rules_to_drop(instance, pairs, fixed=stays)
    assert len(lines) == (kept == "L2")
