"""The flow, its arithmetic and the prices, on instances whose answers are known."""

import numpy as np
import pytest

from hub_allocation.eligibility import find_pairs
from hub_allocation.errors import TooLarge
from hub_allocation.flow import exact, min_cost
from hub_allocation.flow.charges import exact_keys
from hub_allocation.flow.min_cost import cheapest, largest_cost, whole_face
from hub_allocation.flow.neighbours import neighbours
from hub_allocation.flow.network import Market, Nodes, build_market
from hub_allocation.flow.prices import settle
from hub_allocation.lottery import draw, draws
from hub_allocation.objectives import balanced
from hub_allocation.policy import Policy
from tests.bench.allocation_instances import instance_of, invent
from tests.unit.allocation.rounds import journey, make_round, read, slot, solved, student, wishes

# The 4 x 4 assignment problem of Munkres' algorithm as taught by R. Pilgrim ("Munkres' Assignment Algorithm, Modified
# for Rectangular Matrices"), here with cost i * j: its optimum is 1*4 + 2*3 + 3*2 + 4*1 = 20.
PRODUCTS = np.array([[row * column for column in range(1, 5)] for row in range(1, 5)], dtype=np.int64)


def market(costs: np.ndarray, *, capacity: int = 1, priority: int = 0) -> Market:
    students, slots = costs.shape
    nodes = Nodes(
        limit=np.zeros(slots, np.int32), slot=np.arange(slots, dtype=np.int32), school=np.full(slots, -1, np.int32),
        parent=np.full(slots, slots, np.int32), capacity=np.full(slots, capacity, np.int64),
    )  # fmt: skip
    count = students * slots
    return Market(
        nodes=nodes, student=np.arange(students, dtype=np.int32), start=np.arange(0, count + 1, slots),
        node=np.tile(np.arange(slots, dtype=np.int32), students), pair=np.arange(count),
        rank=np.ones(count, np.int32), rank_cost=costs.ravel().astype(np.int64), minutes=np.zeros(count, np.int64),
        priority=np.full(students, priority, np.int64), extra=np.zeros(students, bool), last_rank=1,
    )  # fmt: skip


def test_flow_finds_the_published_optimum() -> None:
    what = market(PRODUCTS)
    out = np.full(4, 1000, dtype=np.int64)
    taken = cheapest(what, whole_face(what), option_cost=what.rank_cost, out_cost=out)
    assert what.rank_cost[taken].sum() == 20


def test_prices_repair_any_start() -> None:
    what = market(PRODUCTS)
    worst = np.array([0, 5, 10, 15], dtype=np.int32)
    assert what.rank_cost[worst].sum() == 30
    (key,) = exact_keys(what, balanced.charges(what))
    priced = settle(what, key, worst, face=whole_face(what), check=lambda: None)
    assert what.rank_cost[priced.taken].sum() == 20
    assert priced.improved > 0
    empty = settle(what, key, np.full(4, -1, np.int32), face=whole_face(what), check=lambda: None)
    assert what.rank_cost[empty.taken].sum() == 20


def test_costs_beyond_the_solvers_scaling_are_refused_not_wrapped() -> None:
    what = market(PRODUCTS)
    huge = np.full(4, largest_cost(what) + 1, dtype=np.int64)
    with pytest.raises(TooLarge):
        cheapest(what, whole_face(what), option_cost=what.rank_cost, out_cost=huge)


def test_paths_beyond_64_bits_are_refused() -> None:
    what = market(PRODUCTS * (1 << 57))
    with pytest.raises(TooLarge, match="rank_cost"):
        exact_keys(what, balanced.charges(what))


@pytest.mark.parametrize("room", [10**15, 4000, 300, 40, 7, 1])
def test_any_room_for_weights_gives_the_same_exact_answer(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [student(f"p{at}", priority=at * 100 % 700, postcode=f"H{at % 3}") for at in range(12)]
    slots = [slot(f"L{at}", capacity=1 + at % 3, postcode=f"W{at}") for at in range(5)]
    ranked = wishes(**{f"p{at}": [f"L{(at * 3 + step * (1 + at % 2)) % 5}" for step in range(3)] for at in range(12)})
    travel = [
        journey((17 * home + 23 * work) % 50, origin=f"H{home}", destination=f"W{work}")
        for home in range(3)
        for work in range(5)
    ]
    instance = read(make_round(people, slots, ranked, travel=travel), Policy(rank_cost=(0, 3, 1000, 5000)))
    expected = solved(instance)[1].files()
    monkeypatch.setattr(exact, "largest_cost", lambda _market: room)
    assert solved(instance)[1].files() == expected


def test_draw_is_the_one_of_the_specification() -> None:
    # printf 'seed\nann\nL1' | sha256sum
    assert draw("0", "P1", "L1") == draws("0", [("P1", "L1")])[0]
    assert draw("seed", "ann", "L1") == 0xE45655AF


def test_parts_of_the_order_share_nothing() -> None:
    ranked = wishes(a=["L1", "L2"], b=["L2"], c=["L3"], d=["L4", "L3"], e=["L5"])
    names = ["L1", "L2", "L3", "L4", "L5", "L6"]
    instance = read(make_round([student(name) for name in "abcde"], [slot(name) for name in names], ranked))
    order = neighbours(build_market(instance, find_pairs(instance)))
    students = [set(part.tolist()) for part in np.split(order.students, order.student_start[1:-1])]
    nodes = [set(part.tolist()) for part in np.split(order.nodes, order.node_start[1:-1])]
    assert list(zip(students, nodes, strict=True)) == [
        ({0, 1}, {0, 1}), ({2, 3}, {2, 3}), ({4}, {4}), (set(), {5})
    ]  # fmt: skip
    joined = order.batches(3)
    assert (joined.student_start.tolist(), joined.node_start.tolist()) == ([0, 5], [0, 6])


def test_batches_give_what_one_flow_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    instance, pairs = instance_of(invent(400, 100, geography="regions", seed=5))
    what = build_market(instance, pairs)
    out = np.full(len(what), 1000, dtype=np.int64)

    def cost(batch: int) -> int:
        monkeypatch.setattr(min_cost, "BATCH", batch)
        taken = cheapest(what, whole_face(what), option_cost=what.rank_cost, out_cost=out)
        return int(np.where(taken >= 0, what.rank_cost[taken], out).sum())

    assert cost(1) == cost(10_000)
