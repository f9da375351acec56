"""What people ask of libraries for matching and are refused there: each as they put it, answered here."""

from typing import Any

import pytest

from tests.unit.allocation.rounds import make_round, slot, student, wishes
from tests.unit.allocation.test_edges import placed


def people(*names: str, **cells: Any) -> list[dict[str, str]]:
    return [student(name, **cells) for name in names]


def test_fill_the_most_places_even_if_somebody_gives_up_a_first_choice() -> None:
    """Stable matchings leave places empty that another allocation fills."""
    round_ = make_round(people("ann", "bob"), [slot("L1"), slot("L2")], wishes(ann=["L1", "L2"], bob="L1"))
    assert placed(round_) == {"ann": ["L2"], "bob": ["L1"]}
    round_["students"][0]["priority"] = "1"
    assert len(placed(round_)) == 2
    assert placed(round_, objective="stable") == {"ann": ["L1"]}


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal", "stable"])
def test_only_one_side_has_preferences(objective: str) -> None:
    ranked = wishes(ann=["L1", "L2"], bob=["L1", "L3"], cat=["L2"])
    found = placed(
        make_round(people("ann", "bob", "cat"), [slot("L1"), slot("L2"), slot("L3")], ranked), objective=objective
    )
    assert set(found) <= {"ann", "bob", "cat"}
    assert len({what for slots in found.values() for what in slots}) == len(found) >= 2


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal", "stable"])
def test_a_place_may_have_capacity_zero(objective: str) -> None:
    round_ = make_round(people("ann"), [slot("L1", capacity=0), slot("L2")], wishes(ann=["L1", "L2"]))
    assert placed(round_, objective=objective) == {"ann": ["L2"]}


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
def test_everybody_gets_two_places(objective: str) -> None:
    weeks = ("2027-06-07/2027-06-11", "2027-06-14/2027-06-18", "2027-06-11/2027-06-14")
    slots = [slot(f"L{at}", capacity=2, dates=week) for at, week in enumerate(weeks)]
    round_ = make_round(people("ann", "bob"), slots, wishes(ann=["L2", "L0", "L1"], bob=["L0", "L2", "L1"]))
    found = placed(round_, objective=objective, places_per_student=2)
    assert found["bob"] == ["L0", "L1"]
    if objective == "balanced":
        assert found["ann"] == ["L0", "L1"]  # the first choice shares a day with both others
    else:
        assert found["ann"] == ["L2"]


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal", "stable"])
def test_places_may_rule_out_some_applicants(objective: str) -> None:
    applicants = [student("ann", birth_month="2013-01"), student("bob", access_needs="ramp"), student("cat")]
    slots = [slot("L1", min_age=15, capacity=3), slot("L2", access_provided="ramp"), slot("L3", capacity=3)]
    ranked = wishes(ann=["L1", "L3"], bob=["L1", "L2"], cat=["L1"])
    found = placed(make_round(applicants, slots, ranked), objective=objective)
    assert found == {"ann": ["L3"], "bob": ["L2"], "cat": ["L1"]}


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
def test_friends_stay_together_or_neither_goes(objective: str) -> None:
    friends = [student("ann", companion_id="bob"), student("bob"), student("cat")]
    ranked = wishes(ann=["L1", "L2"], bob=["L1", "L2"], cat=["L1"])
    found = placed(make_round(friends, [slot("L1"), slot("L2", capacity=2)], ranked), objective=objective)
    assert found == {"ann": ["L2"], "bob": ["L2"], "cat": ["L1"]}


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
def test_a_group_runs_with_enough_people_or_not_at_all(objective: str) -> None:
    ranked = wishes(ann=["L1", "L2"], bob=["L1"], cat=["L2"])
    slots = [slot("L1", capacity=3, min_group=3), slot("L2", capacity=2, min_group=2)]
    assert placed(make_round(people("ann", "bob", "cat"), slots, ranked), objective=objective) == {
        "ann": ["L2"], "cat": ["L2"],
    }  # fmt: skip
