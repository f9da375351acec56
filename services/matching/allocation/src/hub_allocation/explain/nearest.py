"""Who moves when somebody enters one node and leaves a seat at another: cheapest ways between many pairs of nodes.

Dijkstra's search on costs reduced by the labels to the sink, one for each seat that would be left, against the arcs. It
ends when all who ask are reached, or where the way through the sink, known beforehand, is cheaper than any other.
"""

from typing import NamedTuple

import numpy as np

from hub_allocation.compiled import compiled
from hub_allocation.explain.searches import NOWHERE, less
from hub_allocation.instance import Flags, Ints, Longs


class Graph(NamedTuple):
    """A arcs ordered by head; N nodes and the sink."""

    start: Longs
    """For each node and the sink, where the arcs into it begin (N + 2)."""
    tail: Ints
    head: Ints
    words: Longs
    """Costs reduced by the labels to the sink: never negative (A x W)."""
    via: Longs
    """Who moves; -1: nobody."""


class Detours(NamedTuple):
    """The cheapest ways through the sink."""

    bound: Longs
    """The reduced cost of coming from the sink to each node (N + 1 x W)."""
    into: Longs
    """The arc into each node on its way from the sink."""
    onward: Longs
    """The arc out of each node on its way to the sink."""


class Space(NamedTuple):
    """What one search after the other works in."""

    key: Longs
    at: Longs
    """Place in the heap; UNSEEN; DONE."""
    heap: Longs
    seen: Longs
    by: Longs
    """The arc that leads on from each node."""
    wanted: Flags


class Asked(NamedTuple):
    """Q queries, those with equal targets next to each other."""

    source: Longs
    """Nodes that the sink can be reached from."""
    target: Longs
    groups: Longs
    """Where each new target begins, and Q at the end."""


@compiled
def _sift_up(heap, at, key, place):  # type: ignore[no-untyped-def]
    node = heap[place]
    while place > 0:
        above = (place - 1) >> 1
        if not less(key[node], key[heap[above]]):
            break
        heap[place] = heap[above]
        at[heap[place]] = place
        place = above
    heap[place] = node
    at[node] = place


@compiled
def _sift_down(heap, at, key, size):  # type: ignore[no-untyped-def]
    node, place = heap[0], 0
    while 2 * place + 1 < size:
        below = 2 * place + 1
        if below + 1 < size and less(key[heap[below + 1]], key[heap[below]]):
            below += 1
        if not less(key[heap[below]], key[node]):
            break
        heap[place] = heap[below]
        at[heap[place]] = place
        place = below
    heap[place] = node
    at[node] = place


UNSEEN, DONE = -1, -2


@compiled
def _backwards(graph, space, root, bound, waiting):  # type: ignore[no-untyped-def]
    """Dijkstra from ``root`` against the arcs until all that wait are reached or the bound is passed.

    Returns how many nodes were seen; the others are still clean in ``space``.
    """
    start, tail, words = graph.start, graph.tail, graph.words
    key, at, heap, seen, by, wanted = space
    sink, width = len(start) - 2, words.shape[1]
    key[root] = 0
    heap[0], at[root], by[root], seen[0] = root, 0, NOWHERE, root
    size, count = 1, 1
    new = np.empty(width, np.int64)
    while size > 0:
        node = heap[0]
        if less(bound, key[node]):
            break
        size -= 1
        heap[0] = heap[size]
        if size > 0:
            _sift_down(heap, at, key, size)
        at[node] = DONE
        if wanted[node]:
            waiting -= 1
            if waiting == 0:
                break
        for arc in range(start[node], start[node + 1]):
            other = tail[arc]
            if other == sink or at[other] == DONE:
                continue
            for word in range(width):
                new[word] = key[node, word] + words[arc, word]
            if at[other] == UNSEEN:
                seen[count] = other
                count += 1
                heap[size], at[other] = other, size
                size += 1
            elif not less(new, key[other]):
                continue
            key[other], by[other] = new, arc
            _sift_up(heap, at, key, at[other])
    return count


@compiled
def _note(moves, used, via):  # type: ignore[no-untyped-def]
    """Append a move, if somebody moves, to an array that grows."""
    if via == -1:
        return moves, used
    if used == len(moves):
        grown = np.empty(2 * len(moves), np.int64)
        grown[:used] = moves
        moves = grown
    moves[used] = via
    return moves, used + 1


@compiled
def _follow(graph, detours, space, ends, noted):  # type: ignore[no-untyped-def]
    """Note who moves on the way that was found: the direct one where it is no dearer than the one through the sink."""
    source, target = ends
    moves, used = noted
    sink, node = len(graph.start) - 2, source
    if target != sink and space.at[source] == DONE:
        while node != target:
            moves, used = _note(moves, used, graph.via[space.by[node]])
            node = graph.head[space.by[node]]
        return moves, used
    while node != sink:
        moves, used = _note(moves, used, graph.via[detours.onward[node]])
        node = graph.head[detours.onward[node]]
    node = target
    while node != sink:
        moves, used = _note(moves, used, graph.via[detours.into[node]])
        node = graph.tail[detours.into[node]]
    return moves, used


@compiled
def ways_back(graph, detours, asked):  # type: ignore[no-untyped-def]
    """The cheapest way from each source to its target, as who moves on it.

    Returns:
        For each query where its moves begin (Q + 1), and the moves.
    """
    count, width = len(graph.start) - 1, graph.words.shape[1]
    space = Space(
        np.zeros((count, width), np.int64), np.full(count, UNSEEN, np.int64), np.empty(count, np.int64),
        np.empty(count, np.int64), np.full(count, NOWHERE, np.int64), np.zeros(count, np.bool_),
    )  # fmt: skip
    begin, moves, used = np.zeros(len(asked.source) + 1, np.int64), np.empty(1024, np.int64), 0
    for group in range(len(asked.groups) - 1):
        first, last = asked.groups[group], asked.groups[group + 1]
        target = asked.target[first]
        seen = 0
        if target != count - 1:
            waiting = 0
            for query in range(first, last):
                waiting += not space.wanted[asked.source[query]]
                space.wanted[asked.source[query]] = True
            seen = _backwards(graph, space, target, detours.bound[target], waiting)
        for query in range(first, last):
            moves, used = _follow(graph, detours, space, (asked.source[query], target), (moves, used))
            begin[query + 1] = used
            space.wanted[asked.source[query]] = False
        for place in range(seen):
            space.at[space.seen[place]] = UNSEEN
    return begin, moves[:used]
