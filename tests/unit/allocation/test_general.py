"""Each rule that leaves the network, alone and with others, in rounds small enough to work out by hand."""

from collections.abc import Sequence

import numpy as np
import pytest

from hub_allocation.eligibility import find_pairs
from hub_allocation.errors import BadInput, Infeasible
from hub_allocation.policy import Policy
from hub_allocation.solve import Solved, solve
from tests.unit.allocation.rounds import Round, Row, make_round, read, slot, still, student, wishes


def placed(round_: Round, **policy: object) -> set[str]:
    """Who got what, as "ann-L1", in the optimum of a round."""
    outcome = solve(read(round_, Policy.from_mapping(policy)), clock=still)
    assert isinstance(outcome, Solved)
    assert outcome.status == "optimal"
    students, slots, pairs = outcome.instance.students.ids, outcome.instance.slots.ids, outcome.pairs
    return {f"{students[pairs.student[at]]}-{slots[pairs.slot[at]]}" for at in outcome.chosen}


def students(*names: str, **cells: object) -> list[Row]:
    return [student(name, **cells) for name in names]


def employer(most: int) -> list[Row]:
    return [{"employer_id": "E1", "max_at_once": str(most)}]


def school(name: str, most: object = "") -> Row:
    return {"school_id": name, "postcode": "HOME", "max_out_at_once": str(most)}


def test_a_group_with_too_few_students_does_not_run() -> None:
    round_ = make_round(
        students("ann", "bob"), [slot("L1", capacity=3, min_group=3), slot("L2")], wishes(ann=["L1", "L2"], bob="L1")
    )
    assert placed(round_) == {"ann-L2"}


def test_a_group_is_filled_from_worse_choices_when_that_places_more_students() -> None:
    round_ = make_round(
        students("ann", "bob", "cat"),
        [slot("L1", capacity=3, min_group=3), slot("L2")],
        wishes(ann=["L2", "L1"], bob="L1", cat="L1"),
    )
    assert placed(round_) == {"ann-L1", "bob-L1", "cat-L1"}


def test_of_two_groups_that_can_not_both_run_the_better_ranked_runs() -> None:
    round_ = make_round(
        students("ann", "bob"),
        [slot("L1", capacity=2, min_group=2), slot("L2", capacity=2, min_group=2)],
        wishes(ann=["L2", "L1"], bob=["L2", "L1"]),
    )
    assert placed(round_) == {"ann-L2", "bob-L2"}


def test_a_group_larger_than_the_seats_never_runs() -> None:
    round_ = make_round(
        students("ann", "bob", "cat"),
        [slot("L1", capacity=2, min_group=3), slot("L2")],
        wishes(ann="L1", bob="L1", cat=["L1", "L2"]),
    )
    assert placed(round_) == {"cat-L2"}


@pytest.mark.parametrize(("cat", "right"), [("S2", {"ann-L1", "bob-L1"}), ("S1", {"ann-L1", "bob-L1", "cat-L1"})])
def test_a_single_school_slot_takes_the_school_with_more_students(cat: str, right: set[str]) -> None:
    round_ = make_round(
        [*students("ann", "bob"), student("cat", school_id=cat)],
        [slot("L1", capacity=3, single_school="true")],
        wishes(ann="L1", bob="L1", cat="L1"),
    )
    assert placed(round_) == right


def test_a_single_school_slot_with_a_group_needs_the_whole_group_from_one_school() -> None:
    round_ = make_round(
        [student("ann"), student("bob", school_id="S2")],
        [slot("L1", capacity=2, min_group=2, single_school="true")],
        wishes(ann="L1", bob="L1"),
    )
    assert placed(round_) == set()


@pytest.mark.parametrize(
    ("dates", "right"),
    [
        ("2027-06-11/2027-06-15", {"ann-L1"}),  # Friday is common
        ("2027-06-14/2027-06-18", {"ann-L1", "bob-L2"}),
    ],
)
def test_an_employer_takes_no_more_at_once_than_it_can(dates: str, right: set[str]) -> None:
    round_ = make_round(
        [student("ann", priority=1), student("bob")],
        [slot("L1"), slot("L2", dates=dates)],
        wishes(ann="L1", bob="L2"),
        employers=employer(1),
    )
    assert placed(round_) == right


def test_a_school_sends_no_more_at_once_than_it_allows() -> None:
    round_ = make_round(
        [student("ann"), student("bob", priority=5), student("cat", school_id="S2")],
        [slot("L1"), slot("L2"), slot("L3")],
        wishes(ann="L1", bob="L2", cat="L3"),
        schools=[school("S1", 1), school("S2")],
    )
    assert placed(round_) == {"bob-L2", "cat-L3"}


def test_companions_get_the_same_slot_though_both_prefer_others() -> None:
    round_ = make_round(
        [student("ann", companion_id="bob"), student("bob")],
        [slot("L1"), slot("L2"), slot("L3", capacity=2)],
        wishes(ann=["L1", "L3"], bob=["L2", "L3"]),
    )
    assert placed(round_) == {"ann-L3", "bob-L3"}


def test_companions_without_a_slot_for_both_get_none() -> None:
    round_ = make_round(
        [student("ann", companion_id="bob"), student("bob")], [slot("L1"), slot("L2")], wishes(ann="L1", bob="L2")
    )
    assert placed(round_) == set()


def test_a_pin_takes_the_companion_along() -> None:
    round_ = make_round(
        [student("ann", companion_id="bob", pinned_slot_id="L2"), student("bob"), student("cat")],
        [slot("L1", capacity=2), slot("L2", capacity=2)],
        wishes(ann="L1", bob=["L1", "L2"], cat="L2"),
    )
    assert placed(round_) == {"ann-L2", "bob-L2"}


def test_reserved_seats_and_a_share_for_each_school_hold_on_one_slot() -> None:
    round_ = make_round(
        [student("ann", priority=1000), student("bob"), student("cat"), student("dan", school_id="S2")],
        [slot("L1", capacity=4, reserved=2, max_per_school=2)],
        wishes(ann="L1", bob="L1", cat="L1", dan="L1"),
        schools=[school("S1"), school("S2")],
    )
    found = placed(round_)
    assert found in ({"ann-L1", "bob-L1", "dan-L1"}, {"ann-L1", "cat-L1", "dan-L1"})


def test_two_places_never_share_a_day() -> None:
    round_ = make_round(
        students("ann"),
        [slot("L1"), slot("L2", dates="2027-06-11"), slot("L3", dates="2027-06-14")],
        wishes(ann=["L2", "L1", "L3"]),
    )
    assert placed(round_, places_per_student=2) == {"ann-L2", "ann-L3"}


def test_every_student_gets_a_first_place_before_any_a_second() -> None:
    round_ = make_round(
        students("ann", "bob"),
        [slot("L1"), slot("L2", dates="2027-06-14")],
        wishes(ann=["L1", "L2"], bob="L2"),
    )
    assert placed(round_, places_per_student=2) == {"ann-L1", "bob-L2"}


@pytest.mark.parametrize(("variety", "right"), [("require", {"ann-L1"}), ("off", {"ann-L1", "ann-L2"})])
def test_variety_allows_one_place_in_each_sector(variety: str, right: set[str]) -> None:
    round_ = make_round(
        students("ann"),
        [slot("L1", sector="care"), slot("L2", sector="care", dates="2027-06-14")],
        wishes(ann=["L1", "L2"]),
    )
    assert placed(round_, places_per_student=2, variety=variety) == right


def test_a_pin_beside_other_places_counts_for_days() -> None:
    round_ = make_round(
        [student("ann", pinned_slot_id="L1")],
        [slot("L1"), slot("L2", dates="2027-06-11"), slot("L3", dates="2027-06-14")],
        wishes(ann=["L2", "L3"]),
    )
    assert placed(round_, places_per_student=3) == {"ann-L1", "ann-L3"}


def test_rank_maximal_opens_the_group_that_gives_more_first_choices() -> None:
    round_ = make_round(
        students("ann", "bob", "cat"),
        [slot("L1", capacity=2, min_group=2), slot("L2", capacity=3, min_group=2)],
        wishes(ann=["L1", "L2"], bob=["L2", "L1"], cat=["L1", "L2"]),
    )
    assert placed(round_, objective="rank_maximal") == {"ann-L1", "cat-L1"}
    assert placed(round_) == {"ann-L2", "bob-L2", "cat-L2"}


@pytest.mark.parametrize(
    "pins",
    [
        [student("ann", pinned_slot_id="L1"), student("bob")],
        [student("ann", pinned_slot_id="L2", companion_id="bob"), student("bob", pinned_slot_id="L3")],
        [student("ann", pinned_slot_id="L4"), student("bob", pinned_slot_id="L5")],
    ],
    ids=[
        "a pin into a group that can't fill",
        "companions pinned apart",
        "more pinned on a day than the employer takes",
    ],
)
def test_pins_that_can_not_hold_with_the_rules_are_infeasible(pins: Sequence[Row]) -> None:
    slots = [slot("L1", capacity=3, min_group=3, employer_id="E2"), slot("L2", employer_id="E2"),
             slot("L3", employer_id="E2"), slot("L4"), slot("L5")]  # fmt: skip
    employers = [*employer(1), {"employer_id": "E2", "max_at_once": ""}]
    round_ = make_round(pins, slots, wishes(ann=["L1", "L2", "L3"], bob=["L1", "L2", "L3"]), employers=employers)
    with pytest.raises((Infeasible, BadInput)):  # two pins that clash are an error of the input
        solve(read(round_), clock=still)


@pytest.mark.parametrize("apart", ["ann", "bob", "cat"])
def test_the_fewest_placements_move(apart: str) -> None:
    round_ = make_round(
        students("ann", "bob", "cat"),
        [slot("L1", capacity=2, min_group=2), slot("L2", capacity=2)],
        wishes(ann=["L1", "L2"], bob=["L1", "L2"], cat=["L1", "L2"]),
    )
    instance = read(round_)
    pairs = find_pairs(instance)
    names = [
        (instance.students.ids[who], instance.slots.ids[what])
        for who, what in zip(pairs.student, pairs.slot, strict=True)
    ]
    standing = np.array([(who == apart) == (what == "L2") for who, what in names])
    after = solve(instance, clock=still, standing=standing)
    assert isinstance(after, Solved)
    assert {level.name: level.value for level in after.levels}["moves"] == 0
    assert after.chosen.tolist() == np.flatnonzero(standing).tolist()
