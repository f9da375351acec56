"""What overriding costs is told by counts: nothing in it tells another student's journey, ranks, priority or past."""

import json
from typing import Any

import pytest

from hub_allocation.explain.override_words import Move, exact, tally
from hub_allocation.policy import Policy
from tests.support.oracle.generated import generated
from tests.unit.allocation.agreement import ask_library, seeds
from tests.unit.allocation.rounds import journey, make_round, read, slot, solved, student, wishes
from tests.unit.allocation.test_explain_on_request import statements

FOLLOWS = ("students", "placements")


def about_bob(*, journey_of_ann: int = 10, ann: Any = ("L1", "L2"), past: str = "", **policy: Any) -> dict[str, Any]:
    """What bob is told of L1, whose one seat ann has; her journey to the slot she would go to is given."""
    round_ = make_round(
        [student("ann", postcode="FAR", past_sectors=past), student("bob")],
        [slot("L1", sector="care"), slot("L2", sector="arts", postcode="W2"), slot("L3", postcode="W2")],
        wishes(ann=list(ann), bob=["L1", "L3"]),
        travel=[
            journey(10), journey(10, destination="W2"), journey(1, origin="FAR"),
            journey(journey_of_ann, origin="FAR", destination="W2"),
        ],
    )  # fmt: skip
    _, result = solved(read(round_, Policy(**policy)))
    lines = [json.loads(line) for line in result.explanations]
    held = {line["student_id"]: line["slot_id"] for line in lines if line.get("status") == "placed"}
    assert held["ann"] == "L1"
    [line] = [line for line in lines if line.get("student_id") == "bob"]
    [missed] = [one for one in line["better"] if one["slot_id"] == "L1"]
    found: dict[str, Any] = missed["if_overridden"]
    return found


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
def test_journey_of_the_one_who_would_move_is_not_told(objective: str) -> None:
    told = {json.dumps(about_bob(journey_of_ann=minutes, objective=objective)) for minutes in (11, 25, 50)}
    assert len(told) == 1


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
def test_ranks_of_the_one_who_would_move_are_not_told(objective: str) -> None:
    """Ann goes to L2, her second, third or first choice as well."""
    wished = (["L1", "L2"], ["L1", "L3", "L2"])
    told = {json.dumps(about_bob(ann=ann, objective=objective)) for ann in wished}
    assert len(told) == 1


def test_past_sectors_of_the_one_who_would_move_are_not_told() -> None:
    told = {json.dumps(about_bob(past=past, variety="prefer")) for past in ("", "arts")}
    assert len(told) == 1


def test_ranks_of_two_who_move_alike_are_told() -> None:
    said = json.loads(exact(tally([(1, 3), (1, 3)]), {"rank_cost": 4, "minutes": 7}))
    assert said["others"] == [{"from": 1, "to": 3, "count": 2}]
    assert said["text"] == "Two others would drop from 1st to 3rd choice."
    assert said["levels"] == {}


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
def test_every_statement_follows_from_counts_that_name_nobody(objective: str) -> None:
    moved = 0
    for seed in seeds(30):
        theirs = ask_library(generated(seed, objective=objective, most_students=6))
        if theirs is None:
            continue
        for said in statements(theirs).values():
            if not said.get("others"):
                continue
            moved += 1
            ranks_told = all("from" in one for one in said["others"])
            assert all(one["count"] > 1 for one in said["others"] if "from" in one)
            for name in {*said["levels"], *filter(None, [said.get("decided_by"), said.get("gains_in")])}:
                of_rank = name.startswith("rank_") and name != "rank_cost"
                assert name in FOLLOWS or (of_rank and ranks_told), said
    assert moved


@pytest.mark.parametrize("moves", [[(1, 2)], [(1, 2), (2, None)], [(1, 3), (1, 3)], [(None, 1)]])
@pytest.mark.parametrize("untold", [0, -3, 4])
def test_levels_that_others_data_enters_change_no_word(moves: list[Move], untold: int) -> None:
    change = {"students": 0, "placements": 0, "priority": untold, "rank_cost": untold, "moves": untold, "minutes": 1}
    assert exact(tally(moves), change) == exact(tally(moves), {"students": 0, "placements": 0})


def of_pinned(objective: str) -> dict[str, Any]:
    """What ann is told of her first choice, which is empty: the hub fixed her third."""
    round_ = make_round(
        [student("ann", pinned_slot_id="L3")], [slot("L1"), slot("L2"), slot("L3")],
        wishes(ann=["L1", "L2", "L3"]),
    )  # fmt: skip
    _, result = solved(read(round_, Policy(objective=objective, rank_cost="linear")))
    line = json.loads(result.explanations[0])
    found: dict[str, Any] = next(one for one in line["better"] if one["slot_id"] == "L1")["if_overridden"]
    return found


def test_override_that_makes_a_level_better_is_told_as_better() -> None:
    said = of_pinned("rank_maximal")
    assert (said["gains_in"], said["levels"]) == ("rank_1", {"rank_1": 1, "rank_3": -1})
    assert "decided_by" not in said
    assert said["text"] == "Nobody else would be moved; 1 more in all would have their 1st choice."


@pytest.mark.parametrize(
    ("name", "better", "word"),
    [("students", 1, "more"), ("placements", 2, "more"), ("rank_1", 1, "more"), ("rank_cost", -2, "lower"),
     ("moves", -1, "fewer"), ("minutes", -9, "shorter"), ("priority", 3, "with the order")],
)  # fmt: skip
def test_sign_of_a_level_decides_between_better_and_worse(name: str, better: int, word: str) -> None:
    gain, loss = (json.loads(exact([], {name: change})) for change in (better, -better))
    assert (gain["gains_in"], loss["decided_by"]) == (name, name)
    assert word in gain["text"]
    assert word not in loss["text"]
