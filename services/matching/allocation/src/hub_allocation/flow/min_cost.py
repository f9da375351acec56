"""One min-cost flow by OR-Tools over a market, or over the part of it that stays optimal for the levels before."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hub_allocation.errors import AllocationError, TooLarge
from hub_allocation.flow.network import Market
from hub_allocation.instance import Flags, Ints, Longs
from hub_allocation.proof.certificate import SCHOOL, SEATS, UNRESERVED

LARGEST = 1 << 62
"""OR-Tools multiplies every cost by the number of nodes plus one and adds a few of them: all must stay below this."""

BATCH = 4_000
"""Parts that share nothing are solved one after the other, at least so many students at a time: a flow takes more than
twice as long for twice as many."""

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
    from hub_allocation.flow.neighbours import neighbours  # loads numba

    largest = max(np.abs(option_cost).max(initial=0), np.abs(out_cost).max(initial=0))
    if largest > largest_cost(market):
        raise TooLarge(f"costs up to {largest} in a network of {len(market)} students leave 62 bits")
    taken = np.full(len(market), -1, dtype=np.int32)
    owner = market.owner()
    ways = np.bincount(owner[face.option], minlength=len(market)) + face.unplaced
    only = np.flatnonzero(face.option & (ways[owner] == 1))
    taken[owner[only]] = only
    open_ = _Open(face, ways > 1, market.nodes.capacity - flow_through(market, _entered(market, only)))
    del owner, only, ways
    order = neighbours(market).batches(BATCH)
    for part in range(len(order)):
        students = order.students[order.student_start[part] : order.student_start[part + 1]]
        nodes = order.nodes[order.node_start[part] : order.node_start[part + 1]]
        students = students[open_.undecided[students]]
        if len(students):
            found, options = _solve(market, open_, students, nodes, option_cost=option_cost, out_cost=out_cost)
            taken[found] = options
    return taken


@dataclass(frozen=True, slots=True)
class _Open:
    """What is left to a flow: the face, who has a choice on it, and the seats left at each node by the others."""

    face: Face
    undecided: Flags
    left: Longs


def _entered(market: Market, options: Longs) -> Longs:
    return np.bincount(market.node[options], minlength=len(market.nodes))


def _solve(
    market: Market, open_: _Open, students: Ints, nodes: Ints, *, option_cost: Longs, out_cost: Longs
) -> tuple[Ints, Ints]:
    """Solve one batch: these students and these nodes have nothing to do with others. Who takes which option."""
    from ortools.graph.python import min_cost_flow

    owner, options = _options_of(market, students, face=open_.face)
    count = len(options)
    node_at = np.full(len(market.nodes) + 1, -1, dtype=np.int32)
    node_at[nodes] = np.arange(len(students), len(students) + len(nodes), dtype=np.int32)
    node_at[-1] = len(students) + len(nodes)
    solver = min_cost_flow.SimpleMinCostFlow()
    for at in range(0, len(options), _CHUNK):  # in pieces, so that no second copy of all arcs is needed
        some = options[at : at + _CHUNK]
        _add(solver, owner[at : at + _CHUNK], node_at[market.node[some]], cost=option_cost[some])
    out = np.flatnonzero(open_.face.unplaced[students]).astype(np.int32)
    _add(solver, out, np.full(len(out), node_at[-1]), cost=out_cost[students[out]])
    limits = nodes[~open_.face.full[nodes] & (open_.left[nodes] > 0)]
    solver.add_arcs_with_capacity_and_unit_cost(
        node_at[limits], node_at[market.nodes.parent[limits]], open_.left[limits], np.zeros(len(limits), np.int64)
    )
    supply = np.zeros(int(node_at[-1]) + 1, dtype=np.int64)
    supply[: len(students)] = 1
    supply[-1] = -len(students)
    # A node that must be full keeps its arc's flow fixed: what it sends on is demanded here and supplied there.
    full = nodes[open_.face.full[nodes]]
    supply[node_at[full]] -= open_.left[full]
    np.add.at(supply, node_at[market.nodes.parent[full]], open_.left[full])
    solver.set_nodes_supplies(np.arange(len(supply), dtype=np.int32), supply)
    del owner, options, supply  # a country's take up too much memory beside the solver's own
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise AllocationError(f"the min-cost flow ended with {status} where an allocation exists")
    pieces = [np.arange(at, min(at + _CHUNK, count), dtype=np.int32) for at in range(0, count, _CHUNK)]
    used = np.concatenate([solver.flows(piece) > 0 for piece in pieces])
    owner, options = _options_of(market, students, face=open_.face)
    return students[owner[used]], options[used]


def _options_of(market: Market, students: Ints, *, face: Face) -> tuple[Ints, Ints]:
    """The place of each option's student among these, and the options on the face, in the order of the students."""
    begin, count = market.start[students], market.start[students + 1] - market.start[students]
    owner = np.repeat(np.arange(len(students), dtype=np.int32), count)
    shift = begin - np.append(0, np.cumsum(count)[:-1])
    options = np.arange(len(owner), dtype=np.int32) + np.repeat(shift.astype(np.int32), count)
    on_face = face.option[options]
    return owner[on_face], options[on_face]


def _add(solver: Any, tail: Ints, head: Ints, *, cost: Longs) -> None:
    """Add arcs that one student may take."""
    solver.add_arcs_with_capacity_and_unit_cost(tail, head, np.ones(len(tail), np.int64), cost)


def flow_through(market: Market, entered: Longs) -> Longs:
    """How many students pass each node, from how many enter the network at each node."""
    nodes = market.nodes
    flow = entered.astype(np.int64).copy()
    inner = (nodes.limit == UNRESERVED) | (nodes.limit == SCHOOL)
    for kind in (inner, nodes.limit == SEATS):  # ways in first, then the slots of groups
        below = np.flatnonzero(kind & (nodes.parent != len(nodes)))
        np.add.at(flow, nodes.parent[below], flow[below])
    return flow
