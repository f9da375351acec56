"""The exact prices of an allocation, and its improvement wherever they show that one exists."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hub_allocation.flow.charges import Charge, Key
from hub_allocation.flow.min_cost import Face, flow_through
from hub_allocation.flow.network import Market
from hub_allocation.flow.residual import BY_LEAVING, BY_LIMIT, FAR, Residual, Search
from hub_allocation.instance import Ints, Longs


@dataclass(frozen=True, slots=True)
class Priced:
    """An allocation that no exchange improves: each student's option (-1: unplaced) and the ways to the sink."""

    taken: Ints
    search: Search
    improved: int
    """How many better exchanges were found on the way."""


def settle(market: Market, key: Key, taken: Ints, *, face: Face, check: Callable[[], None]) -> Priced:
    """Improve an allocation by exchanges until its prices prove that none is left.

    Args:
        market: what is to decide.
        key: what is to be least.
        taken: each student's option to start from; -1: unplaced.
        face: what the keys before leave open; the allocation is on it and stays on it.
        check: called before each round; raises to stop.
    """
    from hub_allocation.flow.labels import correct_labels  # loads numba

    nodes, count = market.nodes, len(market.nodes)
    options = np.flatnonzero(face.option).astype(np.int32)
    arcs = options[np.argsort(market.node[options], kind="stable")]
    del options
    arc_start = np.searchsorted(market.node[arcs], np.arange(count + 2))
    arc_student, arc_cost = market.owner()[arcs], key.option[arcs]
    order = np.argsort(nodes.parent, kind="stable").astype(np.int32)
    child_start = np.searchsorted(nodes.parent[order], np.arange(count + 2))
    taken = taken.copy()
    improved = 0
    while True:
        check()
        placed = taken >= 0
        now_node = np.where(placed, market.node[taken], count).astype(np.int32)
        now_cost = np.where(placed, key.option[taken], key.stay)
        flow = flow_through(market, np.bincount(now_node, minlength=count + 1)[:count])
        residual = Residual(
            arc_start, arcs, arc_student, arc_cost, now_node, now_cost, key.stay, face.unplaced, nodes.parent,
            child_start, order, (flow < nodes.capacity) & ~face.full, (flow > 0) & ~face.full,
        )  # fmt: skip
        search, found = correct_labels(residual)
        if found < 0:
            return Priced(taken, search, improved)
        for cycle in _cycles(search.pointer, found):
            improved += 1
            for node in cycle:
                if search.via[node] != BY_LIMIT:
                    taken[search.mover[node]] = search.via[node]


def _cycles(pointer: Ints, found: int) -> list[list[int]]:
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


def tight_face(market: Market, key: Key, priced: Priced, *, face: Face) -> Face:
    """What an allocation must keep to on this face, to be as good as this one in this key too."""
    label = priced.search.label
    through = label[market.node] + key.option
    placed = priced.taken >= 0
    best = np.where(placed, through[priced.taken], key.stay)
    option = through == np.repeat(best, np.diff(market.start))
    option &= face.option & (label[market.node] < FAR)
    dearer = (label[:-1] != label[market.nodes.parent]) & (label[:-1] < FAR)
    return Face(option, face.unplaced & (key.stay == best), face.full | dearer)


def label_vectors(market: Market, charges: list[Charge], priced: Priced) -> Longs:
    """What the cheapest way from each node to the sink costs in each level (N + 1 x K); 0 where there is none.

    The pointers of the last key form a tree that is cheapest in the keys before it as well, being on their face.
    """
    search = priced.search
    by_option = np.flatnonzero(search.via >= 0)
    leaving = np.flatnonzero(search.via == BY_LEAVING)
    vector = np.zeros((len(search.label), len(charges)), dtype=np.int64)
    for place, charge in enumerate(charges):
        if charge.stay is not None:
            vector[leaving, place] = charge.stay[search.mover[leaving]]
            moving = by_option[priced.taken[search.mover[by_option]] < 0]
            vector[moving, place] = -charge.stay[search.mover[moving]]
        elif charge.option is not None:
            vector[by_option, place] = charge.option[search.via[by_option]]
            for at in (by_option, leaving):
                now = priced.taken[search.mover[at]]
                vector[at, place] -= np.where(now >= 0, charge.option[now], 0)
    ahead = np.where(search.pointer >= 0, search.pointer, len(search.label) - 1)
    while True:  # each round doubles the length of the ways that are added up
        further = ahead[ahead]
        vector += vector[ahead]
        if (further == ahead).all():
            return vector
        ahead = further
