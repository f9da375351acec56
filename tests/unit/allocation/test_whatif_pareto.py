"""The front between rank cost and minutes, and between rank cost and priority: real, verified, not dominated, exact."""

from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings

from hub_allocation.components.prepared import prepare
from hub_allocation.errors import BadInput
from hub_allocation.instance import Instance
from hub_allocation.levels import level_values
from hub_allocation.policy import Policy
from hub_allocation.progress import Reporter
from hub_allocation.verify import limit_faults
from hub_allocation.whatif.pareto import AGAINST, Front, front
from hub_allocation.whatif.pictures import front_picture
from tests.unit.allocation.rounds import Round, journey, make_round, read, slot, solved, still, student, wishes
from tests.unit.allocation.strategies import rounds

Costs = tuple[int, int]


def front_of(
    instance: Instance, against: str, *, most: int = 100, every: bool = False, deadline: float = 60.0
) -> Front:
    reporter = Reporter(None, clock=still, start=0.0, cancelled=None)
    return front(
        prepare(instance), against=against, clock=still, deadline=deadline, reporter=reporter, most=most, every=every
    )


def smaller_is_better(found: Front) -> list[Costs]:
    sign = 1 if found.against == "minutes" else -1
    return [(point.rank_cost, sign * point.other) for point in found.points]


def trade() -> Round:
    """Each of four students has a first choice far away and a second next door."""
    students = [student(name, priority=100 * at) for at, name in enumerate("abcd")]
    far = {"a": 20, "b": 30, "c": 40, "d": 50}
    slots = [slot(f"far-{name}", postcode=f"FAR-{name}") for name in "abcd"] + [slot("near", capacity=4)]
    travel = [journey(10), *(journey(minutes, destination=f"FAR-{name}") for name, minutes in far.items())]
    return make_round(students, slots, wishes(**{name: [f"far-{name}", "near"] for name in "abcd"}), travel=travel)


def test_a_hand_made_trade_has_every_corner() -> None:
    found = front_of(read(trade()), "minutes")
    assert smaller_is_better(found) == [(0, 140), (1, 100), (2, 70), (3, 50), (4, 40)]
    assert found.complete
    assert found.proven
    assert found.held == {"students": 4, "placements": 4, "priority": 600}


def test_fewer_points_are_told_as_incomplete() -> None:
    found = front_of(read(trade()), "minutes", most=3)
    assert len(found.points) == 3
    assert not found.complete
    assert smaller_is_better(found)[::2] == [(0, 140), (4, 40)]


def test_priority_trades_against_rank_cost() -> None:
    students = [student("ann", priority=500), student("bob")]
    slots = [slot("L1"), slot("L0", capacity=0)]
    round_ = make_round(students, slots, wishes(ann=["L0", "L1"], bob=["L1"]))
    found = front_of(read(round_), "priority")
    assert [(point.rank_cost, point.other) for point in found.points] == [(0, 0), (1, 500)]
    assert found.held == {"students": 1, "placements": 1}


@pytest.mark.parametrize("against", AGAINST)
def test_nothing_to_trade_is_one_point(against: str) -> None:
    found = front_of(read(make_round([student("ann")], [slot("L1")], wishes(ann="L1"))), against)
    assert len(found.points) == 1
    assert found.complete
    assert "<circle" in front_picture(found)


@pytest.mark.parametrize("against", AGAINST)
@given(round_=rounds())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_points_are_the_corners_of_all_allocations(against: str, round_: Round) -> None:
    instance = read_or_skip(round_)
    found = front_of(instance, against)
    assert found.complete
    assert smaller_is_better(found) == corners(everything(instance, against))
    prepared = prepare(instance)
    for point in found.points:
        assert limit_faults(instance, prepared.pairs, point.chosen) == []


@pytest.mark.parametrize("against", AGAINST)
@given(round_=rounds())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_point_that_is_not_dominated_is_found(against: str, round_: Round) -> None:
    instance = read_or_skip(round_)
    found = front_of(instance, against, every=True)
    costs = everything(instance, against)
    assert found.complete
    assert smaller_is_better(found) == not_dominated(costs)
    assert [cost for cost, point in zip(smaller_is_better(found), found.points, strict=True) if point.corner] == (
        corners(costs)
    )


def test_a_point_above_the_line_is_told_as_no_corner() -> None:
    """Near costs a 2 ranks for 40 minutes, b 1 rank for 1 minute: the way by b alone lies above the line."""
    students = [student("a"), student("b")]
    slots = [slot("far-a", postcode="A"), slot("no-a", capacity=0), slot("near-a", postcode="N")]
    slots += [slot("far-b", postcode="B"), slot("near-b", postcode="C")]
    ranked = wishes(a=["far-a", "no-a", "near-a"], b=["far-b", "near-b"])
    travel = [journey(minutes, destination=place) for place, minutes in {"A": 50, "N": 10, "B": 11, "C": 10}.items()]
    instance = read(make_round(students, slots, ranked, travel=travel), Policy(rank_cost="linear"))
    every = front_of(instance, "minutes", every=True)
    assert smaller_is_better(every) == [(0, 61), (1, 60), (2, 21), (3, 20)]
    assert [point.corner for point in every.points] == [True, False, True, True]
    assert smaller_is_better(front_of(instance, "minutes")) == [(0, 61), (2, 21), (3, 20)]


def test_every_point_of_a_large_round_is_refused() -> None:
    students = [student(f"s{at:03d}") for at in range(201)]
    slots = [slot(f"L{at:03d}") for at in range(101)]
    ranked = wishes(**{row["student_id"]: [other["slot_id"] for other in slots] for row in students})
    with pytest.raises(BadInput, match="20,301 feasible pairs"):
        front_of(read(make_round(students, slots, ranked)), "minutes", every=True)


@given(round_=rounds())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_policys_own_optimum_is_an_end_of_both_fronts(round_: Round) -> None:
    best, _ = solved(read_or_skip(round_))
    levels = {level.name: level.value for level in best.levels}
    first = front_of(best.instance, "minutes").points[0]
    assert (first.rank_cost, first.other) == (levels["rank_cost"], levels["minutes"])
    last = front_of(best.instance, "priority").points[-1]
    assert (last.rank_cost, last.other) == (levels["rank_cost"], levels["priority"])


def test_minimum_groups_and_companions_are_kept_at_every_point() -> None:
    students = [student("a"), student("b", companion_id="a"), student("c"), student("d")]
    slots = [
        slot("big", capacity=4, min_group=3), slot("far", capacity=2, postcode="FAR"), slot("one", mode="virtual"),
    ]  # fmt: skip
    ranked = wishes(a=["far", "big"], b=["far", "big"], c=["one", "big"], d=["big", "one"])
    round_ = make_round(students, slots, ranked, travel=[journey(10), journey(55, destination="FAR")])
    instance = read(round_)
    found = front_of(instance, "minutes")
    assert found.proven
    assert smaller_is_better(found) == corners(everything(instance, "minutes"))


def test_without_time_to_search_the_points_still_keep_the_rules_and_none_beats_another() -> None:
    names = "abcdefghij"
    students = [student(name, priority=37 * at % 100) for at, name in enumerate(names)]
    slots = [slot(f"L{at}", capacity=4, min_group=3, postcode=f"W{at % 3}") for at in range(5)]
    ranked = {name: [f"L{(at + 2 * turn) % 5}" for turn in range(5)] for at, name in enumerate(names)}
    travel = [journey(10 + 17 * at, destination=f"W{at}") for at in range(3)]
    instance = read(make_round(students, slots, wishes(**ranked), travel=travel))
    for against in AGAINST:
        found = front_of(instance, against, deadline=0.0)
        costs = smaller_is_better(found)
        assert not_dominated(set(costs)) == costs
        assert found.proven or not found.complete
        for point in found.points:
            assert limit_faults(instance, prepare(instance).pairs, point.chosen) == []


def test_a_list_of_rank_costs_and_another_objective_use_the_same_levels_before() -> None:
    found = front_of(read(trade(), Policy(objective="rank_maximal", rank_cost=(0, 7))), "minutes")
    assert smaller_is_better(found)[-1] == (28, 40)


def corners(costs: set[Costs]) -> list[Costs]:
    """The lower left hull: what is best for some positive exchange rate, without points inside a straight line."""
    hull: list[Costs] = []
    for x, y in sorted(costs):
        if hull and y >= hull[-1][1]:
            continue
        while len(hull) > 1 and turns(hull[-2], hull[-1], (x, y)) <= 0:
            hull.pop()
        hull.append((x, y))
    return hull


def not_dominated(costs: set[Costs]) -> list[Costs]:
    return [one for one in sorted(costs) if not any(a <= one[0] and b <= one[1] for a, b in costs - {one})]


def turns(first: Costs, second: Costs, third: Costs) -> int:
    """Greater than 0 where the way through three points turns left."""
    return (second[0] - first[0]) * (third[1] - first[1]) - (second[1] - first[1]) * (third[0] - first[0])


def read_or_skip(round_: Round) -> Instance:
    """The instance, if its pins can hold."""
    instance = read(round_)
    try:
        prepare(instance)
    except BadInput:
        reject()
    return instance


def everything(instance: Instance, against: str) -> set[Costs]:
    """Both costs of every allocation that keeps the rules and is best in the levels before, by trying each."""
    pairs = prepare(instance).pairs
    options: list[list[int | None]] = [[None] for _ in range(len(instance.students))]
    for at in pairs.feasible.nonzero()[0].tolist():
        options[int(pairs.student[at])].append(at)
    found: dict[tuple[int, ...], set[Costs]] = {}
    for choice in product(*options):
        chosen = np.array(sorted(at for at in choice if at is not None), dtype=np.int64)
        if limit_faults(instance, pairs, chosen):
            continue
        level = {one.name: one.value for one in level_values(instance, pairs, chosen, drawn=0)}
        before: tuple[int, ...] = (level["students"], level["placements"])
        if against == "minutes":
            before, costs = (*before, level["priority"]), (level["rank_cost"], level["minutes"])
        else:
            costs = (level["rank_cost"], -level["priority"])
        found.setdefault(before, set()).add(costs)
    return found[max(found)]
