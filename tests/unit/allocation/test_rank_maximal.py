"""The flows, level by level, against every allocation there is, on markets small enough to try them all."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from hub_allocation.eligibility import find_pairs
from hub_allocation.errors import TooLarge
from hub_allocation.flow.charges import Charge, compact_key, exact_keys
from hub_allocation.flow.exact import solve_levels
from hub_allocation.flow.min_cost import flow_through
from hub_allocation.flow.network import Market, Nodes, build_market
from hub_allocation.lottery import draws
from hub_allocation.objectives import balanced, rank_maximal
from hub_allocation.policy import Policy
from hub_allocation.proof.certificate import SEATS, UNRESERVED
from tests.unit.allocation.rounds import make_round, read, slot, solved, student, wishes

Charges = Callable[..., list[Charge]]


def random_market(rng: np.random.Generator) -> Market:
    """Up to five students and three slots, some with a way in that has a limit of its own."""
    slots, students = int(rng.integers(1, 4)), int(rng.integers(1, 6))
    ways = np.flatnonzero(rng.random(slots) < 0.5)
    count = slots + len(ways)
    entrances = [[one, *(slots + np.flatnonzero(ways == one))] for one in range(slots)]
    chosen = [rng.permutation(slots)[: rng.integers(1, slots + 1)] for _ in range(students)]
    node = np.array([rng.choice(entrances[one]) for some in chosen for one in some], dtype=np.int32)
    options = len(node)
    rank = rng.integers(0, 4, options).astype(np.int32)
    return Market(
        nodes=Nodes(
            limit=np.repeat([SEATS, UNRESERVED], [slots, len(ways)]).astype(np.int32),
            slot=np.concatenate([np.arange(slots), ways]).astype(np.int32), school=np.full(count, -1, np.int32),
            parent=np.concatenate([np.full(slots, count), ways]).astype(np.int32),
            capacity=np.concatenate([rng.integers(1, 4, slots), rng.integers(1, 3, len(ways))]).astype(np.int64),
        ),
        student=np.arange(students, dtype=np.int32),
        start=np.append(0, np.cumsum([len(some) for some in chosen])).astype(np.int64), node=node,
        pair=np.arange(options, dtype=np.int32), rank=rank,
        rank_cost=np.where(rank > 0, (rank - 1) ** 2, 0).astype(np.int64),
        minutes=rng.integers(0, 5, options), priority=rng.choice([0, 0, 3, 7], students).astype(np.int64),
        extra=rng.random(students) < 0.2, last_rank=3,
    )  # fmt: skip


def names(options: np.ndarray) -> list[tuple[str, str]]:
    return [(str(option), "slot") for option in options.tolist()]


def value(market: Market, charges: list[Charge], taken: np.ndarray) -> tuple[int, ...]:
    placed = taken >= 0
    found = []
    for charge in charges:
        if charge.option is not None:
            found.append(int(charge.option[taken[placed]].sum(dtype=np.int64)))
        elif charge.stay is not None:
            found.append(int(charge.stay[~placed].sum()))
    return (*found, int(draws("0", names(taken[placed])).sum()))


def best_of_all(market: Market, charges: list[Charge]) -> tuple[tuple[int, ...], list[int]]:
    ways = [[-1, *range(market.start[at], market.start[at + 1])] for at in range(len(market))]
    fits = []
    for combination in itertools.product(*ways):
        taken = np.array(combination)
        entered = np.bincount(market.node[taken[taken >= 0]], minlength=len(market.nodes))
        if (flow_through(market, entered) <= market.nodes.capacity).all():
            fits.append((value(market, charges, taken), list(combination)))
    return min(fits)


@pytest.mark.parametrize("charges", [rank_maximal.charges, balanced.charges])
@pytest.mark.parametrize("standing", [False, True])
def test_every_level_is_best_among_all_allocations(charges: Charges, standing: bool) -> None:
    rng = np.random.default_rng(7 + standing)
    for _ in range(100):
        market = random_market(rng)
        levels = charges(market, standing=rng.random(len(market.node)) < 0.3 if standing else None)
        found = solve_levels("0", market, names, charges=levels, check=lambda: None, settled=lambda _: None)
        expected, taken = best_of_all(market, levels)
        assert value(market, levels, found.taken) == expected
        assert found.taken.tolist() == taken


def test_prices_never_turn_negative_and_only_full_limits_have_one() -> None:
    rng = np.random.default_rng(3)
    for _ in range(100):
        market = random_market(rng)
        levels = rank_maximal.charges(market)
        found = solve_levels("0", market, names, charges=levels, check=lambda: None, settled=lambda _: None)
        price = found.label[:-1] - found.label[market.nodes.parent]
        placed = found.taken[found.taken >= 0]
        flow = flow_through(market, np.bincount(market.node[placed], minlength=len(market.nodes)))
        nothing = (0,) * price.shape[1]
        for row in range(len(price)):
            assert tuple(price[row].tolist()) >= nothing
            assert flow[row] == market.nodes.capacity[row] or tuple(price[row].tolist()) == nothing


def test_a_first_choice_more_outweighs_students_placed() -> None:
    # b's only choice is a's second: rank-maximal gives both their first choices a chance before anything else.
    ranked = wishes(a=["L1", "L2"], b=["L1"], c=["L2", "L1"])
    round_ = make_round([student(name) for name in "abc"], [slot("L1", capacity=1), slot("L2", capacity=1)], ranked)
    found, _ = solved(read(round_, Policy(objective="rank_maximal")))
    levels = {level.name: level.value for level in found.levels}
    assert (levels["rank_1"], levels["rank_2"]) == (2, 0)
    assert [level.name for level in found.levels] == ["rank_1", "rank_2", "priority", "minutes", "lottery"]


def test_many_ranks_take_several_keys() -> None:
    rng = np.random.default_rng(1)
    market = random_market(rng)
    many = [Charge(f"rank_{at}", -(rng.random(len(market.node)) < 0.5).astype(np.int8), None) for at in range(40)]
    keys = exact_keys(market, many)
    assert len(keys) > 1
    found = solve_levels("0", market, names, charges=many, check=lambda: None, settled=lambda _: None)
    assert value(market, many, found.taken) == best_of_all(market, many)[0]


def test_a_level_that_leaves_exact_arithmetic_is_refused_by_name() -> None:
    market = random_market(np.random.default_rng(1))
    huge = Charge("minutes", np.full(len(market.node), 1 << 58), None)
    with pytest.raises(TooLarge, match="minutes"):
        exact_keys(market, [huge])


def test_compact_weights_stay_within_their_room() -> None:
    rng = np.random.default_rng(2)
    for room in (10**12, 10**6, 1000, 20, 1):
        market = random_market(rng)
        key = compact_key(market, rank_maximal.charges(market), room=room)
        assert np.abs(key.option).max(initial=0) <= room
        assert key.stay.max(initial=0) <= room


def test_a_student_with_two_places_takes_part_twice_in_the_relaxation() -> None:
    ranked = wishes(a=["L1", "L2", "L3"], b=["L3"])
    slots = [slot(name) for name in ("L1", "L2", "L3")]
    instance = read(make_round([student("a"), student("b")], slots, ranked), Policy(places_per_student=2))
    market = build_market(instance, find_pairs(instance))
    assert market.student.tolist() == [0, 0, 1]
    assert market.extra.tolist() == [False, True, False]
    assert np.diff(market.start).tolist() == [3, 3, 1]
    assert market.pair.tolist() == [0, 1, 2, 0, 1, 2, 3]


def test_only_the_pairs_within_are_laid_out() -> None:
    ranked = wishes(a=["L1", "L2"], b=["L2"])
    instance = read(make_round([student("a"), student("b")], [slot("L1"), slot("L2")], ranked))
    pairs = find_pairs(instance)
    market = build_market(instance, pairs, within=pairs.student == 1)
    assert market.student.tolist() == [1]
    assert market.pair.tolist() == [2]
