"""The cheapest exchanges of an allocation: what each node's seat is worth, and who moves to make room."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hub_allocation.components.prepared import Prepared
from hub_allocation.errors import AllocationError
from hub_allocation.explain.exchanges import BY_LIMIT, Exchanges, exchanges
from hub_allocation.instance import NONE, Flags, Ints, Longs

DEPTH = 3
"""A way in leads to its slot, a slot to its employer's limit, and that to the sink."""
PATIENCE = 1000
"""Labels are lowered a few times each; an allocation that is not optimal would lower them for ever."""


class NotOptimal(AllocationError):
    """Some exchange of students is better than none, so nothing can be told from exchanges."""


@dataclass(frozen=True, slots=True)
class Trees:
    """The cheapest way from every node to the sink and from the sink to every node."""

    to_sink: Longs
    """N + 1 x W."""
    next_arc: Longs
    """The arc out of each node on its way to the sink; NONE: nothing leads there."""
    from_sink: Longs
    into_arc: Longs
    """The arc into each node on its way from the sink; NONE."""


@dataclass(frozen=True, slots=True)
class Moves:
    """Who moves in each of Q exchanges: ``via[start[q] : start[q + 1]]``, as in ``Exchanges.via``."""

    start: Longs
    via: Longs
    possible: Flags
    """False where no seat can be cleared, whoever moves."""


def trees(graph: Exchanges) -> Trees:
    """Find both trees.

    Raises:
        NotOptimal: some exchange is better than none.
    """
    from hub_allocation.explain.searches import Incidence, spread  # loads numba

    sink = len(graph.ways)
    nodes = np.arange(sink + 2)
    out = np.argsort(graph.tail, kind="stable")
    by_head, by_tail = np.searchsorted(graph.head, nodes), np.searchsorted(graph.tail[out], nodes)
    every = np.arange(len(graph.head))
    to_sink, next_arc, settled = spread(Incidence(by_head, every, graph.tail, graph.words), sink, PATIENCE)
    from_sink, into_arc, also = spread(Incidence(by_tail, out, graph.head, graph.words), sink, PATIENCE)
    if not (settled and also):
        raise NotOptimal("the allocation is not optimal: some exchange of its students is better")
    return Trees(to_sink, next_arc, from_sink, into_arc)


class CheapestExchanges:
    """The exchanges of an allocation with both trees: laid out when first asked for, and once for all who ask."""

    def __init__(self, prepared: Prepared, chosen: Longs) -> None:
        self._prepared, self._chosen = prepared, chosen

    @cached_property
    def graph(self) -> Exchanges:
        """The exchanges; raises TooLarge where their sums leave 62 bits."""
        return exchanges(self._prepared, self._chosen)

    @cached_property
    def trees(self) -> Trees:
        """Both trees; raises NotOptimal where some exchange is better than none."""
        return trees(self.graph)


def cheapest_moves(graph: Exchanges, found: Trees, sources: Ints, targets: Ints) -> Moves:
    """Who moves when one more student enters each source node and leaves a seat at its target node.

    Args:
        graph: the exchanges.
        found: its trees.
        sources: Q nodes that one more student enters.
        targets: Q nodes that the student leaves; the sink for one who was unplaced.
    """
    from hub_allocation.explain.nearest import Asked, Detours, Graph, ways_back

    sink = len(graph.ways)
    potential, alive = _potentials(graph, found)
    asked = np.flatnonzero(alive[sources])
    possible = alive[sources] | _made_room(graph, sources, targets)
    asked = asked[np.argsort(targets[asked], kind="stable")]
    source, target = sources[asked].astype(np.int64), targets[asked].astype(np.int64)
    groups = np.append(np.flatnonzero(np.diff(target, prepend=-1)), len(target))
    reduced = graph.words + potential[graph.head] - potential[graph.tail]
    start = np.searchsorted(graph.head, np.arange(sink + 2))
    begin, via = ways_back(
        Graph(start, graph.tail, graph.head, reduced, graph.via),
        Detours(found.from_sink + potential, found.into_arc, found.next_arc),
        Asked(source, target, groups),
    )
    return _in_order(asked, begin, via, possible)


def _potentials(graph: Exchanges, found: Trees) -> tuple[Longs, Flags]:
    """Labels under which no arc costs less than nothing, and whether the sink can be reached from each node.

    Where it can't, nobody can be moved away: such nodes have only each other's limits to lead to, at no cost, so one
    label does for all of them, if it is large enough for the arcs into them.
    """
    alive = found.next_arc != NONE
    alive[len(graph.ways)] = True
    potential = found.to_sink.copy()
    inward = np.flatnonzero(alive[graph.tail] & ~alive[graph.head])
    if len(inward):
        needed = potential[graph.tail[inward]] - graph.words[inward]
        potential[~alive] = needed[np.lexsort(needed.T[::-1])[-1]]
    return potential, alive


def _made_room(graph: Exchanges, sources: Ints, targets: Ints) -> Flags:
    """Whether the seat that is left makes room by itself: it counts towards the limit that is in the way.

    So it may be where nobody else can be moved away, since all others under that limit are fixed.
    """
    ways, sink = graph.ways, len(graph.ways)
    reached, left = sources.astype(np.int64), np.zeros(len(sources), dtype=bool)
    for _ in range(DEPTH):
        above = targets.astype(np.int64)
        for _ in range(DEPTH):
            left |= (reached == above) & (reached != sink)
            above = np.append(ways.parent, sink)[above]
        open_ = np.append(ways.flow < ways.capacity, False)[reached]
        reached = np.where(open_, np.append(ways.parent, sink)[reached], reached)
    return left


def _in_order(asked: Longs, begin: Longs, via: Longs, possible: Flags) -> Moves:
    """Put the moves of the queries asked back into the order of all queries."""
    length = np.zeros(len(possible), dtype=np.int64)
    length[asked] = np.diff(begin)
    start = np.append(0, np.cumsum(length))
    place = np.repeat(start[asked] - begin[:-1], np.diff(begin)) + np.arange(len(via))
    ordered = np.empty_like(via)
    ordered[place] = via
    return Moves(start.astype(np.int64), ordered, possible)


def moved_levels(graph: Exchanges, students: Ints, moves: Moves) -> Longs:
    """What the moves of each query change in each level (Q x K); less is better."""
    cost = np.concatenate([graph.counts.cost, np.zeros((1, graph.counts.cost.shape[1]), dtype=np.int64)])  # NONE: last
    left, taken = mover_pairs(graph, students, moves.via)
    change = np.zeros((len(moves.possible), cost.shape[1]), dtype=np.int64)
    np.add.at(change, np.repeat(np.arange(len(change)), np.diff(moves.start)), cost[taken] - cost[left])
    return change


def mover_pairs(graph: Exchanges, students: Ints, via: Longs) -> tuple[Longs, Longs]:
    """The pair each mover gives up and the pair each takes; NONE where they were or stay unplaced.

    Args:
        graph: the exchanges.
        students: the student of each of the P pairs.
        via: moves, none of them BY_LIMIT.
    """
    leaving = via < BY_LIMIT
    taken = np.where(leaving, NONE, via)
    left = np.where(leaving, BY_LIMIT - 1 - via, graph.now[students[np.where(leaving, 0, via)]])
    return left, taken
