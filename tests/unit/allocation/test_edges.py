"""Rounds at the edges: nothing to give, nobody who may, everything tied, pins that clash."""

from typing import Any

import pytest

from hub_allocation.errors import BadInput, Infeasible
from hub_allocation.policy import Policy
from hub_allocation.result import Result, make_result
from hub_allocation.solve import Solved, solve
from hub_allocation.stopwatch import Stopwatch
from hub_allocation.verify import verify
from tests.unit.allocation.rounds import Round, make_round, read, slot, still, student, wishes

OBJECTIVES = ("balanced", "rank_maximal", "stable")
PINNED = {"balanced": Policy(), "rank_maximal": Policy(objective="rank_maximal")}


def result(round_: Round, **policy: Any) -> Result:
    """What a round comes to; the verifier has accepted it."""
    outcome = solve(read(round_, Policy(**policy)), clock=still)
    assert isinstance(outcome, Solved)
    made = make_result(outcome, watch=Stopwatch(still))
    assert verify(outcome.instance, made.files()).reasons == ()
    return made


def placed(round_: Round, **policy: Any) -> dict[str, list[str]]:
    """The slots of each placed student."""
    found: dict[str, list[str]] = {}
    for placement in result(round_, **policy).placements:
        found.setdefault(placement.student_id, []).append(placement.slot_id)
    return found


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_slots_without_seats_leave_everybody_unplaced_and_say_so(objective: str) -> None:
    made = result(
        make_round([student("ann")], [slot("L1", capacity=0)], wishes(ann="L1")), objective=objective
    )  # fmt: skip
    assert made.placements == []
    assert made.unplaced == [("ann", "choices_full")]
    assert "Not placed: no choice that could work had a seat left for this round." in made.explanations[0]
    assert "No seat of it was left for this round." in made.explanations[0]


def test_who_lost_a_full_slot_is_not_told_that_no_seat_was_left() -> None:
    people = [student("ann"), student("bob")]
    slots = [slot("L1", capacity=1), slot("L2", capacity=0)]
    made = result(make_round(people, slots, wishes(ann="L1", bob=["L1", "L2"])))
    [unplaced] = [line for line in made.explanations if '"unplaced"' in line]
    assert "each feasible choice was full" in unplaced


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_nobody_eligible_is_an_answer_with_reasons(objective: str) -> None:
    people = [student("ann", year_group=11), student("bob", excluded_employers="E1")]
    round_ = make_round(people, [slot("L1", year_groups="10")], wishes(ann="L1", bob="L1"))
    made = result(round_, objective=objective)
    assert made.unplaced == [("ann", "no_feasible_choice:year_group"), ("bob", "no_feasible_choice:excluded_employer")]


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("rounds", [([], []), ([], ["L1"]), (["ann"], [])], ids=["nothing", "no students", "no slots"])
def test_tables_without_rows_are_a_round_with_nothing_to_do(
    objective: str, rounds: tuple[list[str], list[str]]
) -> None:
    people, slots = rounds
    made = result(make_round([student(one) for one in people], [slot(one) for one in slots], []), objective=objective)
    assert made.placements == []
    assert made.unplaced == [(one, "no_preferences") for one in people]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_student_without_preferences_and_slot_nobody_wants_are_told(objective: str) -> None:
    round_ = make_round([student("ann"), student("bob")], [slot("L1"), slot("L2")], wishes(ann="L1"))
    made = result(round_, objective=objective)
    assert made.unplaced == [("bob", "no_preferences")]
    assert '"reason":"not_ranked"' in made.explanations[-1]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_equal_ranks_are_settled_by_the_lottery_the_same_way_each_time(objective: str) -> None:
    people = [student(name) for name in ("ann", "bob", "cat")]
    ranked = [{**row, "rank": "1"} for row in wishes(ann=["L1", "L2"], bob=["L1", "L2"], cat=["L1", "L2"])]
    first = placed(make_round(people, [slot("L1"), slot("L2")], ranked), objective=objective)
    assert len(first) == 2
    assert first == placed(make_round(people[::-1], [slot("L2"), slot("L1")], ranked[::-1]), objective=objective)
    others = {
        tuple(sorted(placed(make_round(people, [slot("L1"), slot("L2")], ranked), lottery_seed=str(seed))))
        for seed in range(12)
    }
    assert len(others) == 3


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([{"companion_id": "ann"}, {}, {}], "ann names themself"),
        ([{"companion_id": "bob"}, {"companion_id": "cat"}, {}], "bob"),
        ([{"companion_id": "bob"}, {"companion_id": "cat"}, {"companion_id": "ann"}], "companion"),
        ([{"companion_id": "bob"}, {}, {"companion_id": "bob"}], "bob"),
        ([{"companion_id": "zoe"}, {}, {}], "zoe is not in students.csv"),
    ],
    ids=["oneself", "of a companion", "in a ring", "two of one", "unknown"],
)
def test_companions_that_are_no_pair_are_refused(cells: list[dict[str, str]], said: str) -> None:
    people = [student(name, **more) for name, more in zip(("ann", "bob", "cat"), cells, strict=True)]
    with pytest.raises(BadInput, match=said) as caught:
        read(make_round(people, [slot("L1", capacity=3)], wishes(ann="L1", bob="L1", cat="L1")))
    assert all(error.file == "students.csv" and error.column == "companion_id" for error in caught.value.errors)


def test_companions_with_several_places_are_refused() -> None:
    round_ = make_round([student("ann", companion_id="bob"), student("bob")], [slot("L1")], wishes(ann="L1"))
    with pytest.raises(BadInput, match="companion_id"):
        read(round_, Policy(places_per_student=2))


@pytest.mark.parametrize("policy", PINNED.values(), ids=PINNED)
@pytest.mark.parametrize(
    ("people", "slots", "tables"),
    [
        ([{}, {}], [{"single_school": "true", "capacity": 2}], {}),
        ([{}, {"school_id": "S1"}], [{"max_per_school": 1, "capacity": 3}], {}),
        ([{}, {}], [{"min_group": 3, "capacity": 3}], {}),
        ([{}, {}], [{"min_group": 9, "capacity": 3}], {}),
        ([{}, {}], [{"reserved": 2, "capacity": 3}], {}),
        ([{}, {}], [{"capacity": 3}], {"employers": [{"employer_id": "E1", "max_at_once": "1"}]}),
        ([{"companion_id": "cat"}, {}], [{"capacity": 3}], {}),
        ([{}, {"school_id": "S1"}], [{"capacity": 3}], {"schools": [
            {"school_id": "S1", "postcode": "", "max_out_at_once": "1"},
            {"school_id": "S2", "postcode": "", "max_out_at_once": ""},
        ]}),
    ],
    ids=["single school", "per school", "small group", "group above capacity", "reserved", "employer's day",
         "companion not able", "school's day"],
)  # fmt: skip
def test_pins_that_clash_with_a_rule_are_refused(
    policy: Policy, people: list[dict[str, Any]], slots: list[dict[str, Any]], tables: dict[str, Any]
) -> None:
    cells = [{"school_id": "S1"}, {"school_id": "S2"}]
    pinned = [
        student(name, **{**school, **more, "pinned_slot_id": "L1"})
        for name, school, more in zip(("ann", "bob"), cells, people, strict=True)
    ]
    round_ = make_round([*pinned, student("cat")], [slot("L1", **slots[0])], wishes(ann="L1", bob="L1"), **tables)
    with pytest.raises((BadInput, Infeasible)):
        solve(read(round_, policy), clock=still)


def test_costs_beyond_the_largest_are_refused_and_the_largest_are_exact() -> None:
    with pytest.raises(BadInput, match="rank_cost"):
        Policy.from_mapping({"rank_cost": [0, 1_000_001]})
    people = [student(f"P{at}", priority=1000) for at in range(6)]
    ranked = wishes(**{f"P{at}": ["L1", "L2"] for at in range(6)})
    travel = [
        {"origin_postcode": "HOME", "destination_postcode": "WORK", "mode": "walk", "minutes": "100000"},
    ]
    for row in people:
        row["max_travel_minutes"] = "100000"
    round_ = make_round(people, [slot("L1", capacity=3), slot("L2", capacity=3)], ranked, travel=travel)
    levels = {level["name"]: level["value"] for level in result(round_, rank_cost=(0, 1_000_000)).run["levels"]}
    assert (levels["rank_cost"], levels["minutes"]) == (3_000_000, 600_000)
