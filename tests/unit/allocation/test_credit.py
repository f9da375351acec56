"""Fairness over rounds: the published formula, and a round's priorities raised by it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub_allocation.credit import credit_bytes, earlier_result, with_credit
from hub_allocation.errors import BadInput
from hub_allocation.policy import Policy, read_policy
from hub_allocation.reading.tables import read_instance
from hub_allocation.result import Result
from hub_schemas.credit import credit, raised
from hub_schemas.policy import Policy as WirePolicy
from tests.unit.allocation.rounds import csv_file, csv_files, make_round, read, slot, solved, student, wishes

RULES = Policy(credit_unplaced=100, credit_per_rank=20, credit_most=150)

results = st.one_of(st.none(), st.integers(0, 12))
rules = st.integers(0, 1000).flatmap(
    lambda unplaced: st.builds(
        Policy, credit_unplaced=st.just(unplaced), credit_per_rank=st.integers(0, unplaced),
        credit_most=st.integers(0, 1000),
    )
)  # fmt: skip


def badness(result: int | None) -> int:
    """How far below a first choice; the worst is no placement."""
    return 1000 if result is None else max(1, result)


def test_the_worked_examples_of_the_formula_hold() -> None:
    assert credit([{"ann": None}, {"ann": 3}], RULES) == {"ann": 140}
    assert credit([{"ann": None}, {"ann": None}], RULES) == {"ann": 150}
    assert credit([{"ann": 3}, {"ann": 2}], RULES) == {"ann": 60}


def test_first_choices_unranked_placements_and_rounds_not_taken_part_in_earn_nothing() -> None:
    assert credit([{"ann": 1, "bob": 0}, {"bob": 1}], RULES) == {"ann": 0, "bob": 0}


def test_a_low_rank_never_earns_more_than_no_placement() -> None:
    assert credit([{"ann": 11, "bob": None}], RULES) == {"ann": 100, "bob": 100}


@given(history=st.lists(st.dictionaries(st.sampled_from("abc"), results)))
@settings(deadline=None)
def test_with_the_defaults_nobody_has_a_credit(history: list[dict[str, int | None]]) -> None:
    assert set(credit(history, Policy()).values()) <= {0}


@given(rules=rules, before=st.lists(results), better=results, worse=results)
@settings(deadline=None)
def test_a_worse_result_never_earns_less(
    rules: Policy, before: list[int | None], better: int | None, worse: int | None
) -> None:
    better, worse = sorted((better, worse), key=badness)
    past = [{"ann": result} for result in before]
    assert credit([*past, {"ann": better}], rules)["ann"] <= credit([*past, {"ann": worse}], rules)["ann"]


@given(rules=rules, past=st.lists(results, min_size=1), priority=st.integers(0, 1000))
@settings(deadline=None)
def test_credit_and_priority_stay_within_their_bounds(rules: Policy, past: list[int | None], priority: int) -> None:
    points = credit([{"ann": result} for result in past], rules)["ann"]
    assert 0 <= points <= rules.credit_most
    assert priority <= raised(priority, points) <= 1000


@given(rules=rules, past=st.lists(results, min_size=1))
@settings(deadline=None)
def test_the_registry_and_the_solver_agree_on_the_formula(rules: Policy, past: list[int | None]) -> None:
    history = [{"ann": result} for result in past]
    assert credit(history, WirePolicy.model_validate(rules.as_dict())) == credit(history, rules)


def test_a_formula_that_pays_a_second_choice_more_than_nothing_is_refused() -> None:
    with pytest.raises(BadInput, match="credit_per_rank: is 20, more than credit_unplaced = 10"):
        read_policy(b"credit_unplaced = 10\ncredit_per_rank = 20\n")
    with pytest.raises(ValueError, match="credit_per_rank is 20"):
        WirePolicy(credit_unplaced=10, credit_per_rank=20)


def test_earlier_results_are_read_from_their_files() -> None:
    files = {
        "allocations.csv": b"student_id,slot_id,rank,minutes,mode_used\nann,L1,3,5,walk\nann,L2,2,5,walk\nbob,L1,,0,\n",
        "unplaced.csv": b"student_id,reason\ncat,choices_full\ndan,no_preferences\n",
    }
    assert earlier_result(files, folder="spring") == {"ann": 2, "bob": 0, "cat": None, "dan": 0}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "spring/allocations.csv: is not there"),
        ({"allocations.csv": b"who\n"}, "spring/allocations.csv:1: does not have the columns"),
        (
            {"allocations.csv": b"student_id,slot_id,rank,minutes,mode_used\nann,L1,first,5,walk\n"},
            "spring/allocations.csv:2: rank: 'first' is not a whole number",
        ),
        (
            {
                "allocations.csv": b"student_id,slot_id,rank,minutes,mode_used\nann,L1,1,5,walk\n",
                "unplaced.csv": b"student_id,reason\nann,choices_full\n",
            },
            "spring/unplaced.csv:2: student_id: ann is placed as well",
        ),
    ],
)
def test_earlier_results_that_cannot_be_read_are_refused_by_file_and_row(files: dict[str, bytes], said: str) -> None:
    with pytest.raises(BadInput) as refused:
        earlier_result(files, folder="spring")
    assert str(refused.value).startswith(said)


def test_who_missed_out_before_comes_first_now() -> None:
    students = [student("ann"), student("bob", priority=10)]
    round_ = make_round(students, [slot("L1")], wishes(ann="L1", bob="L1"))
    first, result = solved(read(round_))
    assert [placement.student_id for placement in result.placements] == ["bob"]
    past = earlier_result(result.files(), folder="first")
    raised_students, rows = with_credit(csv_file("students", students), [past], RULES)
    assert [(row.student_id, row.credit, row.before, row.priority) for row in rows] == [
        ("ann", 100, 0, 100),
        ("bob", 0, 10, 10),
    ]
    again = read_again(csv_files(round_) | {"students": raised_students})
    assert [placement.student_id for placement in again.placements] == ["ann"]
    assert first.instance.students.priority.tolist() == [0, 10]


def read_again(files: dict[str, bytes]) -> Result:
    return solved(read_instance(files, Policy()))[1]


def test_the_credit_table_says_what_was_added_for_whom() -> None:
    _, rows = with_credit(csv_file("students", [student("ann", priority=990)]), [{"ann": None}], RULES)
    assert credit_bytes(rows) == b"student_id,rounds,credit,priority_before,priority\nann,1,100,990,1000\n"
