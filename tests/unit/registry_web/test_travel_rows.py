"""Overridden journeys as rows of travel.csv: only what is used, the other means beside it."""

from hub_registry.travel.model import Override, estimates, travel_rows

WHERE = {"A": (53.4167, -2.9167), "B": (53.4048, -2.9816)}
SET = Override("A", "B", "public_transport", 22, 41)


def test_other_means_keep_their_estimates_beside_an_override() -> None:
    rows = travel_rows([SET], WHERE, destinations={"B"}, origins={"A"})
    guessed = estimates([("A", "B")], WHERE)[("A", "B")]
    assert {row[2]: int(row[3]) for row in rows} == {**guessed, "public_transport": 22}


def test_journeys_nobody_makes_are_left_out() -> None:
    assert travel_rows([SET], WHERE, destinations={"C"}) == []
    assert travel_rows([SET], WHERE, destinations={"B"}, origins={"C"}) == []


def test_journey_with_an_unknown_end_has_no_estimate_and_keeps_what_was_set() -> None:
    assert estimates([("A", "X")], WHERE) == {}
    assert travel_rows([Override("A", "X", "car", 5, 9)], WHERE, destinations={"X"}) == [("A", "X", "car", "5")]
    assert estimates([], {}) == {}
