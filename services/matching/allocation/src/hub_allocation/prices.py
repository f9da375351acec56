"""The exact prices of an allocation, and its improvement wherever they show that one exists."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub_allocation.errors import TooLarge
from hub_allocation.flow import Face, flow_through
from hub_allocation.instance import Ints, Longs
from hub_allocation.network import Market
from hub_allocation.residual import BY_LIMIT, FAR, Residual

Keys = NDArray[np.int64]
"""Costs as three keys compared in order: out-of-placement weight and rank cost together, minutes, lottery."""


@dataclass(frozen=True, slots=True)
class Costs:
    """The keys of each option (O x 3) and of staying unplaced (M x 3); ``unit`` divides the first key's two parts."""

    option: Keys
    out: Keys
    unit: int


@dataclass(frozen=True, slots=True)
class Priced:
    """An allocation that no exchange improves: each student's option (-1: unplaced) and each node's label."""

    taken: Ints
    label: Keys
    improved: int
    """How many better exchanges were found on the way."""


def exact_costs(market: Market) -> Costs:
    """Lay the levels into keys that no path through the network can overflow; raises TooLarge where one could.

    On any cycle at most one student drops out and one comes in, so being placed and priority together weigh as the
    place of the priority among its distinct values: the order alone decides, and one step outweighs any rank cost.
    """
    weight = np.unique(market.priority, return_inverse=True)[1].astype(np.int64) + 1
    steps = 2 * (len(market.nodes) + 2)
    unit = steps * (int(market.rank_cost.max(initial=0)) + 1)
    if (int(weight.max(initial=0)) + 2) * unit >= 1 << 61:
        raise TooLarge("rank costs are too large for exact arithmetic: use smaller ones")
    option = np.zeros((len(market.node), 3), dtype=np.int64)
    option[:, 0] = market.rank_cost
    option[:, 1] = market.minutes
    out = np.zeros((len(market), 3), dtype=np.int64)
    out[:, 0] = weight * unit
    return Costs(option, out, unit)


def settle(market: Market, costs: Costs, taken: Ints, *, face: Face, check: Callable[[], None]) -> Priced:
    """Improve an allocation by exchanges until its prices prove that none is left.

    Args:
        market: what is to decide.
        costs: the keys, all three compared.
        taken: each student's option to start from; -1: unplaced.
        face: only options on it take part (the prices of the levels before make it exact).
        check: called before each round; raises to stop.
    """
    from hub_allocation.labels import correct_labels  # loads numba

    count = len(market.nodes)
    options = np.flatnonzero(face.option)
    arcs = options[np.argsort(market.node[options], kind="stable")]
    arc_start = np.searchsorted(market.node[arcs], np.arange(count + 2))
    order = np.argsort(market.nodes.parent, kind="stable")
    child_start = np.searchsorted(market.nodes.parent[order], np.arange(count + 2))
    parent = market.nodes.parent.astype(np.int64)
    owner = market.owner()
    taken = taken.copy()
    improved = 0
    while True:
        check()
        placed = taken >= 0
        now_node = np.where(placed, market.node[taken], count).astype(np.int64)
        now_cost = np.where(placed[:, None], costs.option[taken], costs.out)
        flow = flow_through(market, np.bincount(now_node, minlength=count + 1)[:count])
        residual = Residual(arc_start, arcs, owner, now_node, now_cost, costs.option, costs.out, parent, child_start,
                            order.astype(np.int64), flow, market.nodes.capacity)  # fmt: skip
        search, found = correct_labels(residual)
        if found < 0:
            return Priced(taken, search.label, improved)
        for cycle in _cycles(search.pointer, found):
            improved += 1
            for node in cycle:
                if search.via[node] != BY_LIMIT:
                    taken[search.mover[node]] = search.via[node]


def _cycles(pointer: Longs, found: int) -> list[list[int]]:
    """Every cycle of the pointers; they share no node, so each may be walked whatever the others do."""
    state = np.zeros(len(pointer), dtype=np.int64)
    cycles = []
    for run, root in enumerate([found, *range(len(pointer))], start=1):
        node = root
        while node >= 0 and state[node] == 0:
            state[node] = run
            node = int(pointer[node])
        if node >= 0 and state[node] == run:
            cycle = [node]
            step = int(pointer[node])
            while step != node:
                cycle.append(step)
                step = int(pointer[step])
            cycles.append(cycle)
    return cycles


def tight_face(market: Market, costs: Costs, priced: Priced) -> Face:
    """What an allocation must keep to, to be as good as this one in the keys priced so far."""
    label = priced.label
    through = label[market.node] + costs.option
    owner = market.owner()
    placed = priced.taken >= 0
    best = np.where(placed[:, None], through[priced.taken], costs.out)
    option = (through == best[owner]).all(axis=1) & (label[market.node, 0] < FAR)
    unplaced = (costs.out == best).all(axis=1)
    dearer = (label[:-1] != label[market.nodes.parent]).any(axis=1) & (label[:-1, 0] < FAR)
    return Face(option, unplaced, dearer)
