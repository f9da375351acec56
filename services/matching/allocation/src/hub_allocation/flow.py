"""One min-cost flow by OR-Tools over a market, or over the part of it that stays optimal for the levels before."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hub_allocation.errors import AllocationError, TooLarge
from hub_allocation.instance import Flags, Ints, Longs
from hub_allocation.neighbours import near_order
from hub_allocation.network import Market

LARGEST = 1 << 62
"""OR-Tools multiplies every cost by the number of nodes plus one and adds a few of them: all must stay below this."""

_CHUNK = 1 << 19


@dataclass(frozen=True, slots=True)
class Face:
    """The allocations still allowed: options and stays that may be used, nodes that must be full."""

    option: Flags
    unplaced: Flags
    full: Flags


def whole_face(market: Market) -> Face:
    """Everything is allowed."""
    return Face(np.ones(len(market.node), bool), np.ones(len(market), bool), np.zeros(len(market.nodes), bool))


def largest_cost(market: Market) -> int:
    """The largest cost of an arc that the solver's own scaling can bear."""
    return LARGEST // (8 * (len(market) + len(market.nodes) + 3))


def cheapest(market: Market, face: Face, *, option_cost: Longs, out_cost: Longs) -> Ints:
    """Find a cheapest allocation on a face.

    Args:
        market: M students, O options.
        face: what is allowed; some allocation must be.
        option_cost: the cost of each option (O), of either sign.
        out_cost: the cost of leaving each student unplaced (M).

    Returns:
        The option each student takes; -1: unplaced.

    Raises:
        TooLarge: a cost times the number of nodes leaves 62 bits.
    """
    largest = max(np.abs(option_cost).max(initial=0), np.abs(out_cost).max(initial=0))
    if largest > largest_cost(market):
        raise TooLarge(f"costs up to {largest} in a network of {len(market)} students leave 62 bits")
    taken = np.full(len(market), -1, dtype=np.int64)
    owner = market.owner()
    ways = np.bincount(owner[face.option], minlength=len(market)) + face.unplaced
    only = np.flatnonzero(face.option & (ways[owner] == 1))
    taken[owner[only]] = only
    undecided = ways > 1
    used = np.bincount(market.node[only], minlength=len(market.nodes))
    if undecided.any():
        options = np.flatnonzero(face.option & undecided[owner])
        taken_options = _solve(market, face, options, option_cost=option_cost, out_cost=out_cost, used=used,
                               undecided=undecided)  # fmt: skip
        taken[owner[taken_options]] = taken_options
    return taken.astype(np.int32)


def _solve(
    market: Market, face: Face, options: Longs, *, option_cost: Longs, out_cost: Longs, used: Longs, undecided: Flags
) -> Longs:
    from ortools.graph.python import min_cost_flow

    solver = min_cost_flow.SimpleMinCostFlow()
    nodes = _add_arcs(solver, market, face, options, option_cost=option_cost, out_cost=out_cost, used=used,
                      undecided=undecided)  # fmt: skip
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise AllocationError(f"the min-cost flow ended with {status} where an allocation exists, {nodes} nodes")
    flows = [solver.flows(np.arange(at, min(at + _CHUNK, len(options)), dtype=np.int32))
             for at in range(0, len(options), _CHUNK)]  # fmt: skip
    used_options: Longs = options[np.concatenate(flows) > 0]
    return used_options


def _add_arcs(
    solver: Any, market: Market, face: Face, options: Longs, *, option_cost: Longs, out_cost: Longs, used: Longs,
    undecided: Flags,
) -> int:  # fmt: skip
    """Lay out the network, the options first; returns how many nodes it has."""
    nodes, students = market.nodes, np.flatnonzero(undecided)
    of_student, of_node = near_order(market)
    place = np.full(len(market), -1, dtype=np.int32)
    place[students[np.argsort(of_student[students])]] = np.arange(len(students), dtype=np.int32)
    sink = len(students) + len(nodes)
    node_at = np.append(len(students) + of_node, sink).astype(np.int32)
    left = nodes.capacity - flow_through(market, used)
    supply = np.zeros(sink + 1, dtype=np.int64)
    supply[: len(students)] = 1
    supply[sink] = -len(students)
    # A node that must be full keeps its arc's flow fixed: what it sends on is demanded here and supplied there.
    full = np.flatnonzero(face.full)
    supply[node_at[full]] -= left[full]
    np.add.at(supply, node_at[nodes.parent[full]], left[full])
    owner = market.owner()[options]
    for at in range(0, len(options), _CHUNK):  # in pieces, so that no second copy of all arcs is needed
        some = options[at : at + _CHUNK]
        solver.add_arcs_with_capacity_and_unit_cost(
            place[owner[at : at + _CHUNK]], node_at[market.node[some]], np.ones(len(some), np.int64), option_cost[some]
        )
    out = students[face.unplaced[students]]
    solver.add_arcs_with_capacity_and_unit_cost(
        place[out], np.full(len(out), sink, np.int32), np.ones(len(out), np.int64), out_cost[out]
    )
    limits = np.flatnonzero(~face.full & (left > 0))
    solver.add_arcs_with_capacity_and_unit_cost(
        node_at[limits], node_at[nodes.parent[limits]], left[limits], np.zeros(len(limits), np.int64)
    )
    solver.set_nodes_supplies(np.arange(sink + 1, dtype=np.int32), supply)
    return sink + 1


def flow_through(market: Market, entered: Longs) -> Longs:
    """How many students pass each node, from how many enter the network at each node."""
    nodes = market.nodes
    flow = entered.astype(np.int64).copy()
    inner = np.arange(nodes.slots, len(nodes))
    np.add.at(flow, nodes.parent[inner], entered[inner])
    return flow
