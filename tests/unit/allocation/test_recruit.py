"""What one more seat would gain: each figure is held against solving the round again with that seat."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from hub_allocation.errors import BadInput
from hub_allocation.instance import Instance
from hub_allocation.policy import Policy
from hub_allocation.proof.day_groups import regrouped_by_a_seat
from hub_allocation.recruit import area_of, demand, recruit_rows, seat_values
from hub_allocation.recruit.suggest import best_seats
from hub_allocation.solve import Solved, solve
from tests.unit.allocation.crowded import crowded
from tests.unit.allocation.rounds import Round, make_round, read, slot, still, student, wishes
from tests.unit.allocation.strategies import policies, rounds

quick = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def solved(instance: Instance) -> Solved:
    outcome = solve(instance, clock=still)
    assert isinstance(outcome, Solved)
    return outcome


def with_seat(outcome: Solved, at: int) -> Solved:
    capacity = outcome.instance.slots.capacity.copy()
    capacity[at] += 1
    return solved(replace(outcome.instance, slots=replace(outcome.instance.slots, capacity=capacity)))


def check_every_seat(outcome: Solved) -> int:
    """Hold the value of one more seat at each slot against solving again; how many seats gain something."""
    values = seat_values(outcome.prepared, outcome.chosen)
    assert values.names == tuple(level.name for level in outcome.levels[:-1])
    for at in range(len(outcome.instance.slots)):
        again = with_seat(outcome, at)
        found = [new.value - old.value for old, new in zip(outcome.levels, again.levels, strict=True)]
        assert not values.exact[at] or values.change[at].tolist() == found[:-1]
    regrouped = regrouped_by_a_seat(outcome.instance, outcome.pairs)
    assert (values.exact | regrouped).all() or not outcome.prepared.split.network.all()
    return int(values.change.any(axis=1).sum())


@settings(quick, max_examples=12)
@given(crowded())
def test_one_more_seat_gains_what_solving_again_shows(round_: Round) -> None:
    for objective in ("balanced", "rank_maximal"):
        try:
            outcome = solved(read(round_, Policy(objective=objective)))
        except BadInput:
            return  # pins that can't all hold
        check_every_seat(outcome)


@settings(quick, max_examples=10)
@given(rounds(students=6), policies())
def test_one_more_seat_under_any_rules_gains_what_solving_again_shows(round_: Round, policy: Policy) -> None:
    try:
        outcome = solved(read(round_, policy))
    except BadInput:
        return
    check_every_seat(outcome)


def scarce() -> Round:
    """Three students want code in L3, one wants care in L4; only two seats for them all."""
    people = [student(name) for name in ("ann", "bob", "cat", "dan")]
    slots = [
        slot("L1", sector="code", postcode="L3 5TF"), slot("L2", sector="care", postcode="L4 1AA"),
        slot("L3", sector="arts", postcode="L4 1AA", capacity=5),
    ]  # fmt: skip
    travel = [
        {"origin_postcode": "HOME", "destination_postcode": place, "mode": "walk", "minutes": "10"}
        for place in ("L3 5TF", "L4 1AA")
    ]
    ranked = wishes(ann="L1", bob=["L1"], cat=["L1", "L3"], dan="L2")
    return make_round(people, slots, ranked, travel=travel)


def test_seat_for_an_unplaced_student_and_one_for_nobody() -> None:
    outcome = solved(read(scarce()))
    header, rows = recruit_rows(outcome.instance, seat_values(outcome.prepared, outcome.chosen))
    assert header == ("slot_id", "sector", "area", "kind", "students", "placements", "priority", "rank_cost", "minutes")
    assert rows == [
        ("L1", "code", "L3", "exact", "1", "1", "0", "0", "10"),
        ("L2", "care", "L4", "exact", "0", "0", "0", "0", "0"),
        ("L3", "arts", "L4", "exact", "0", "0", "0", "0", "0"),
    ]


def test_best_seats_come_one_after_the_other_and_are_confirmed() -> None:
    outcome = solved(read(scarce()))
    found = best_seats(outcome, 5, solve=solved)
    assert [(one.slot_id, one.sector, one.area) for one in found] == [("L1", "code", "L3")] * 2
    assert [one.confirmed["students"] for one in found] == [1, 0]
    assert [one.confirmed["rank_cost"] for one in found] == [0, -1]
    assert all(one.exact and one.confirmed == one.expected for one in found)


def test_estimate_of_a_slot_with_a_minimum_group_says_so_and_is_confirmed_by_solving() -> None:
    round_ = make_round(
        [student("ann"), student("bob"), student("cat")], [slot("L1", capacity=2, min_group=2)],
        wishes(ann="L1", bob="L1", cat="L1"),
    )  # fmt: skip
    outcome = solved(read(round_))
    assert not seat_values(outcome.prepared, outcome.chosen).exact[0]
    assert [one.confirmed["students"] for one in best_seats(outcome, 3, solve=solved)] == [1]


def test_demand_is_set_against_supply() -> None:
    outcome = solved(read(scarce()))
    assert demand(outcome.instance, outcome.pairs, outcome.chosen) == [
        ("arts", "L4", "0", "1", "1", "5", "1", "0"),
        ("care", "L4", "1", "1", "1", "1", "1", "0"),
        ("code", "L3", "3", "3", "3", "1", "1", "1"),
    ]


@pytest.mark.parametrize(
    ("postcode", "area"), [("L3 5TF", "L3"), ("ec1a1bb", "EC1A"), ("CH41 9AZ", "CH41"), ("Somewhere", "Somewhere")]
)
def test_area_is_the_outward_part_of_a_postcode(postcode: str, area: str) -> None:
    assert area_of(postcode) == area
