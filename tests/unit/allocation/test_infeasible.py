"""Rules that stand in the way of the pins, and what is said of them; that no smaller set does has a file of its own."""

from typing import Any

import pytest

from hub_allocation.eligibility import find_pairs
from hub_allocation.infeasible import rules_to_drop
from tests.unit.allocation.rounds import Round, Row, make_round, read, slot, student, wishes


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
