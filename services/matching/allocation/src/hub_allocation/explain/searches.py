"""Cheapest ways from one node to all others, or from all others to it, by label correction.

Costs are rows of words compared from the first on. They may be negative; cycles are not, as the allocation is optimal.
"""

from typing import NamedTuple

import numpy as np

from hub_allocation.compiled import compiled
from hub_allocation.instance import Ints, Longs

NOWHERE = -1
"""In place of an arc: the node is the root of the search, or nothing leads there."""


class Incidence(NamedTuple):
    """The A arcs as one end of them sees it."""

    start: Longs
    """For each node and the sink, where its arcs begin in ``arcs`` (N + 2)."""
    arcs: Longs
    other: Ints
    """The node at the far end of each arc."""
    words: Longs
    """The cost of each arc (A x W)."""


@compiled
def less(left, right):  # type: ignore[no-untyped-def]
    """Whether one row of words comes before another."""
    for place in range(len(left)):
        if left[place] != right[place]:
            return left[place] < right[place]
    return False


@compiled
def spread(incidence, root, most):  # type: ignore[no-untyped-def]
    """Label every node with the cheapest way to or from the root.

    Args:
        incidence: the arcs, by the end that a way comes from.
        root: the node where every way begins or ends.
        most: how often a node may be lowered on average before the search gives up.

    Returns:
        The labels (N + 1 x W), the arc each was reached by (NOWHERE: not at all), and whether no cycle
        costs less than nothing.
    """
    start, arcs, other, words = incidence
    count, width = len(start) - 1, words.shape[1]
    label, by = np.zeros((count, width), np.int64), np.full(count, NOWHERE, np.int64)
    queue, queued = np.empty(count, np.int64), np.zeros(count, np.bool_)
    queue[0], head, size = root, 0, 1
    left = most * count
    key = np.empty(width, np.int64)
    while size > 0:
        node = queue[head]
        head = (head + 1) % count
        size -= 1
        queued[node] = False
        for place in range(start[node], start[node + 1]):
            arc = arcs[place]
            to = other[arc]
            for word in range(width):
                key[word] = label[node, word] + words[arc, word]
            if to == root:
                if less(key, label[root]):
                    return label, by, False  # back at the root for less than nothing
                continue
            if by[to] == NOWHERE or less(key, label[to]):
                label[to], by[to] = key, arc
                left -= 1
                if not queued[to]:
                    queue[(head + size) % count] = to
                    size += 1
                    queued[to] = True
        if left < 0:
            return label, by, False
    return label, by, True
