"""An order of students and nodes in which those that share options lie close together.

A flow over a country visits memory at random when students are in order of opaque ids; in this order most of what a
step needs is near what the step before needed. It uses the options alone: coordinates need not be known.
"""

import numpy as np

from hub_allocation.compiled import compiled
from hub_allocation.instance import Ints, Longs
from hub_allocation.network import Market


def near_order(market: Market) -> tuple[Ints, Ints]:
    """The place of each student (M) and of each node (N), by breadth-first search from node to node."""
    by_node = np.argsort(market.node, kind="stable").astype(np.int32)
    node_start = np.searchsorted(market.node[by_node], np.arange(len(market.nodes) + 1))
    found: tuple[Ints, Ints] = _places(
        market.start, market.node, node_start, market.owner()[by_node], market.nodes.slot
    )
    return found


@compiled
def _places(start: Longs, node: Ints, node_start: Longs, student_at: Ints, slot: Ints):  # type: ignore[no-untyped-def]
    students, nodes = len(start) - 1, len(node_start) - 1
    of_student, of_node = np.full(students, -1, np.int32), np.full(nodes, -1, np.int32)
    queue = np.empty(nodes, np.int32)
    seen, size = 0, 0
    for root in range(nodes):
        if of_node[root] >= 0:
            continue
        of_node[root] = size
        queue[size] = root
        head, size = size, size + 1
        while head < size:
            here = queue[head]
            head += 1
            if of_node[slot[here]] < 0:
                of_node[slot[here]] = size
                queue[size] = slot[here]
                size += 1
            for place in range(node_start[here], node_start[here + 1]):
                student = student_at[place]
                if of_student[student] >= 0:
                    continue
                of_student[student] = seen
                seen += 1
                for option in range(start[student], start[student + 1]):
                    other = node[option]
                    if of_node[other] < 0:
                        of_node[other] = size
                        queue[size] = other
                        size += 1
    return of_student, of_node
