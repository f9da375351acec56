"""Pins that can't hold together: each rule that looks at pins alone is an input error that names both sides."""

import pickle
from collections.abc import Callable

import pytest

from hub_allocation.errors import BadInput, Infeasible
from hub_allocation.solve import Solved, solve
from tests.unit.allocation.rounds import Round, make_round, read, slot, student, wishes

JUNE, JULY = "2027-06-07/2027-06-11", "2027-07-05/2027-07-09"


def pinned(*places: str, **cells: str) -> Round:
    """Students ann, bob, cid … pinned to the slots named, who rank both slots; two seats each in the same week."""
    names = ["ann", "bob", "cid"][: len(places)]
    students = [
        student(name, pinned_slot_id=place, school_id=f"S{at}")
        for at, (name, place) in enumerate(zip(names, places, strict=True), start=1)
    ]
    slots = [slot("L1", capacity=2, dates=JUNE) | cells, slot("L2", capacity=2, dates=JUNE)]
    return make_round(students, slots, wishes(**{name: ["L1", "L2"] for name in names}))


def with_employer(most: int) -> Round:
    round_ = pinned("L1", "L2")
    round_["employers"] = [{"employer_id": "E1", "max_at_once": str(most)}]
    return round_


def with_school(most: int) -> Round:
    round_ = pinned("L1", "L2")
    for row in round_["students"]:
        row["school_id"] = "S1"
    round_["schools"] = [{"school_id": "S1", "postcode": "", "max_out_at_once": str(most)}]
    return round_


def with_companions(first: str, second: str) -> Round:
    round_ = pinned(first, second)
    round_["students"][0]["companion_id"] = "bob"
    return round_


def companion_elsewhere() -> Round:
    round_ = with_companions("L1", "")
    round_["preferences"] = wishes(ann=["L1"], bob=["L2"])
    return round_


def same_school() -> Round:
    round_ = pinned("L1", "L1", max_per_school="1")
    round_["students"][1]["school_id"] = "S1"
    return round_


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (
            lambda: pinned("L1", "L1", "L1"),
            "L1 has 2 seats (slots.csv:2) and 3 students are pinned to it: ann, bob, cid",
        ),
        (
            lambda: pinned("L1", "L1", reserved="1"),
            "L1 has 1 seats that are not reserved (slots.csv:2) and 2 students are pinned to it: ann, bob",
        ),
        (same_school, "L1 takes 1 of one school (S1) (slots.csv:2) and 2 students are pinned to it: ann, bob"),
        (
            lambda: pinned("L1", "L1", single_school="true"),
            "L1 takes students of one school only (slots.csv:2) and 2 students are pinned to it: ann, bob",
        ),
        (
            lambda: pinned("L1", min_group="3"),
            "L1 never runs: it needs 3 and has 2 seats (slots.csv:2) and 1 student is pinned to it: ann",
        ),
        (
            lambda: with_employer(1),
            "employer E1 takes 1 on 2027-06-07 (employers.csv) and 2 students are pinned to it: ann, bob",
        ),
        (
            lambda: with_school(1),
            "school S1 lets 1 out on 2027-06-07 (schools.csv) and 2 students are pinned to it: ann, bob",
        ),
        (lambda: with_companions("L1", "L2"), "ann is pinned to L1, the companion bob to L2"),
        (companion_elsewhere, "ann is pinned to L1, which the companion bob can't have"),
    ],
)
def test_pins_against_a_rule_name_both_sides(build: Callable[[], Round], said: str) -> None:
    with pytest.raises(BadInput) as caught:
        solve(read(build()), clock=lambda: 0.0)
    assert [error.what for error in caught.value.errors] == [said]
    assert str(caught.value.errors[0]).startswith("students.csv:")


@pytest.mark.parametrize(
    "build",
    [
        lambda: pinned("L1", "L1"),
        lambda: with_employer(2),
        lambda: with_school(2),
        lambda: with_companions("L1", "L1"),
        lambda: with_companions("L1", ""),
        lambda: pinned("L1", "L1", min_group="2"),
    ],
)
def test_pins_that_hold_together_are_taken(build: Callable[[], Round]) -> None:
    round_ = build()
    outcome = solve(read(round_), clock=lambda: 0.0)
    assert isinstance(outcome, Solved)
    held = {outcome.prepared.ids(outcome.chosen)[at] for at in range(len(outcome.chosen))}
    wanted = {(row["student_id"], row["pinned_slot_id"]) for row in round_["students"] if row["pinned_slot_id"]}
    assert wanted <= held


def test_pins_of_other_weeks_are_within_a_limit_for_a_day() -> None:
    round_ = with_employer(1)
    round_["slots"][1]["dates"] = JULY
    assert isinstance(solve(read(round_), clock=lambda: 0.0), Solved)


def test_errors_cross_to_another_process_whole() -> None:
    with pytest.raises(BadInput) as caught:
        solve(read(pinned("L1", "L1", "L1")), clock=lambda: 0.0)
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 -- our own bytes
    assert again.errors == caught.value.errors
    assert str(again) == str(caught.value)
    none = Infeasible(caught.value.errors)
    assert pickle.loads(pickle.dumps(none)).rules == none.rules  # noqa: S301 -- our own bytes
