"""Times that an adviser set are called so, and only where they are those of the result."""

from hub_registry.travel.model import Override
from hub_registry.travel.telling import Doubted, tells_time

HOME, WORK = "L13 3BA", "L1 8JX"
DOUBTED = Doubted([Override(HOME, WORK, "public_transport", 22, 41)])


def test_time_set_by_an_adviser_is_never_called_measured() -> None:
    said = DOUBTED.of_time(HOME, WORK, mode="public_transport", minutes=22)
    assert said == "set by an adviser, the estimate was 41 min"


def test_other_ways_of_the_same_journey_are_estimates() -> None:
    assert DOUBTED.of_time(HOME, WORK, mode="walk", minutes=79) == "estimate"
    assert DOUBTED.of_time(HOME, WORK, mode="", minutes=0) == ""


def test_time_set_after_the_result_and_other_journeys_are_not_spoken_of() -> None:
    assert DOUBTED.of_time(HOME, WORK, mode="public_transport", minutes=41) == ""
    assert DOUBTED.of_time(WORK, HOME, mode="public_transport", minutes=22) == ""
    assert DOUBTED.of_journey(WORK, HOME) == ""
    assert DOUBTED.of_journey(HOME, WORK) == (
        "An adviser set the travel time: 22 min by public transport (the estimate was 41)."
    )


def test_reasons_that_rest_on_a_time_are_known_by_their_figures() -> None:
    assert tells_time({"rules": [{"code": "too_far", "figures": {"minutes": 74, "limit": 60}}]})
    assert tells_time({"status": "no_better", "figures": {"minutes": 12}})
    assert not tells_time({"rules": [{"code": "dates", "figures": {}}], "figures": {}})
    assert not tells_time({})
