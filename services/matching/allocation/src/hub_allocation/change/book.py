"""A network allocation laid out for changes: who is where, at which keys, and the scratch space of a search."""

from typing import NamedTuple

import numpy as np

from hub_allocation.flow.network import Market
from hub_allocation.flow.residual import Flags, Ints
from hub_allocation.instance import Longs

CLOSED = np.int64(1) << np.int64(60)
"""What the first key of an option that is not open any more has on top."""

GONE = -1
"""Where a student is who takes no part any more, or whom the hub has pinned."""


class Book(NamedTuple):
    """M students with O options into N nodes; the sink is node N. Keys are three numbers compared in order."""

    start: Longs
    """Where each student's options begin (M + 1)."""
    node: Ints
    key: Longs
    """What each option costs (O x 3): rank cost; moves and minutes; draw."""
    stay: Longs
    """The first key of staying unplaced (M); the others are 0."""
    arc_start: Longs
    """Where the options into each node begin in the next three arrays (N + 2)."""
    arc_option: Ints
    arc_student: Ints
    arc_cost: Longs
    """The first key of the option."""
    parent: Ints
    child_start: Longs
    child: Ints
    capacity: Longs
    flow: Longs
    """How many pass each node on to its parent."""
    now: Ints
    """Where each student is: a node, N when unplaced, or GONE."""
    option: Ints
    """The option each student has; -1: none."""
    first: Ints
    """The first student at each node (N + 1); the others follow by ``after``; -1 ends."""
    after: Ints
    before: Ints


class Scratch(NamedTuple):
    """What one search knows of each node, and its heap; clean between searches."""

    distance: Longs
    """(N + 1) x 3, of nodes whose ``state`` is not 0."""
    state: Ints
    """0: unknown, 1: in the heap, 2: settled."""
    pointer: Ints
    """The neighbour the distance came from."""
    via: Ints
    """The option the step takes, or residual.BY_LIMIT, residual.BY_LEAVING."""
    mover: Ints
    """The student who takes it."""
    heap: Ints
    place: Ints
    known: Ints
    """The nodes whose state is not 0, in the order they were met."""
    sizes: Longs
    """How many are in the heap, how many are known."""


def make_book(market: Market, taken: Ints, *, key: Longs, stay: Longs) -> Book:
    """Lay out an allocation.

    Args:
        market: M students, O options, N nodes.
        taken: each student's option; -1: unplaced.
        key: the keys of each option (O x 3).
        stay: the first key of staying unplaced (M).
    """
    nodes, count = market.nodes, len(market.nodes)
    placed = taken >= 0
    now = np.full(len(market), count, dtype=np.int32)
    now[placed] = market.node[taken[placed]]
    flow = np.bincount(now, minlength=count + 1)[:count].astype(np.int64)
    inner = np.arange(nodes.slots, count)
    np.add.at(flow, nodes.parent[inner], flow[inner])
    order = np.argsort(nodes.parent, kind="stable").astype(np.int32)
    arcs = arcs_of(market.start, market.node, key[:, 0], nodes=count)
    book = Book(
        market.start, market.node, key, stay, *arcs, nodes.parent,
        np.searchsorted(nodes.parent[order], np.arange(count + 2)), order, nodes.capacity.copy(), flow, now,
        taken.astype(np.int32), np.full(count + 1, -1, np.int32), *np.full((2, len(market)), -1, np.int32),
    )  # fmt: skip
    chain(book)
    return book


def arcs_of(start: Longs, node: Ints, cost: Longs, *, nodes: int) -> tuple[Longs, Ints, Ints, Longs]:
    """The options by the node they lead into: where each node's begin, the options, their students and costs."""
    arcs = np.argsort(node, kind="stable").astype(np.int32)
    owner = np.repeat(np.arange(len(start) - 1, dtype=np.int32), np.diff(start))
    return np.searchsorted(node[arcs], np.arange(nodes + 2)), arcs, owner[arcs], cost[arcs]


def chain(book: Book) -> None:
    """Link the students of each node anew."""
    book.first[:] = -1
    order = np.argsort(book.now, kind="stable").astype(np.int32)
    order = order[book.now[order] != GONE]
    same: Flags = book.now[order[1:]] == book.now[order[:-1]]
    book.after[order[:-1][same]] = order[1:][same]
    book.before[order[1:][same]] = order[:-1][same]
    head = np.append(True, ~same)[: len(order)]
    book.first[book.now[order[head]]] = order[head]


def make_scratch(nodes: int) -> Scratch:
    """Scratch space for a network of so many nodes."""
    count = nodes + 1
    pointer, via, mover, heap, place, known = np.full((6, count), -1, np.int32)
    distance, state, sizes = np.zeros((count, 3), np.int64), np.zeros(count, np.int32), np.zeros(2, np.int64)
    return Scratch(distance, state, pointer, via, mover, heap, place, known, sizes)
