"""An order of students and nodes in which those that share options lie close together, part by part.

A flow over a country visits memory at random when students are in order of opaque ids; in this order most of what a
step needs is near what the step before needed. Parts that share nothing follow each other, so each can be cut out.
It uses the options alone: coordinates need not be known.
"""

from dataclasses import dataclass

import numpy as np

from hub_allocation.compiled import compiled
from hub_allocation.flow.network import Market
from hub_allocation.instance import Ints, Longs


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The order, and where its parts begin.

    Part p has ``students[student_start[p]:student_start[p + 1]]`` and ``nodes[node_start[p]:node_start[p + 1]]``.
    """

    students: Ints
    nodes: Ints
    student_start: Longs
    node_start: Longs

    def batches(self, least: int) -> "Neighbours":
        """The same order with neighbouring parts joined until each has at least so many students (but the last)."""
        keep = [0]
        for part in range(1, len(self.student_start)):
            if self.student_start[part] - self.student_start[keep[-1]] >= least:
                keep.append(part)
        last = len(self.student_start) - 1
        if keep[-1] != last:
            keep = [*keep, last] if len(keep) == 1 else [*keep[:-1], last]
        return Neighbours(self.students, self.nodes, self.student_start[keep], self.node_start[keep])

    def __len__(self) -> int:
        return len(self.student_start) - 1


def neighbours(market: Market) -> Neighbours:
    """Order a market by breadth-first search from node to node."""
    nodes = market.nodes
    by_node = np.argsort(market.node, kind="stable").astype(np.int32)
    node_start = np.searchsorted(market.node[by_node], np.arange(len(nodes) + 1))
    top = nodes.top()
    below = np.flatnonzero(nodes.parent != len(nodes)).astype(np.int32)
    child = below[np.argsort(top[below], kind="stable")]
    child_start = np.searchsorted(top[child], np.arange(len(nodes) + 1))
    students, order, first_student, first_node = _search(
        market.start, market.node, node_start, market.owner()[by_node], top, child_start, child
    )
    return Neighbours(students, order, first_student, first_node)


@compiled
def _search(  # type: ignore[no-untyped-def]  # noqa: PLR0917 - compiled loops take arrays, not objects
    start: Longs, node: Ints, node_start: Longs, student_at: Ints, top: Ints, child_start: Longs, child: Ints
):
    students, nodes = len(start) - 1, len(node_start) - 1
    met, found = np.zeros(students, np.bool_), np.zeros(nodes, np.bool_)
    order, queue = np.empty(students, np.int32), np.empty(nodes, np.int32)
    first_student, first_node = np.empty(nodes + 1, np.int64), np.empty(nodes + 1, np.int64)
    parts, seen, head, size = 0, 0, 0, 0
    for root in range(nodes):
        if found[root]:
            continue
        first_student[parts], first_node[parts] = seen, size
        parts += 1
        found[root] = True
        queue[size] = root
        size += 1
        while head < size:
            here = queue[head]
            head += 1
            family = top[here]
            for place in range(child_start[family] - 1, child_start[family + 1]):
                other = family if place < child_start[family] else child[place]
                if not found[other]:
                    found[other] = True
                    queue[size] = other
                    size += 1
            for place in range(node_start[here], node_start[here + 1]):
                student = student_at[place]
                if met[student]:
                    continue
                met[student] = True
                order[seen] = student
                seen += 1
                for option in range(start[student], start[student + 1]):
                    other = node[option]
                    if not found[other]:
                        found[other] = True
                        queue[size] = other
                        size += 1
    first_student[parts], first_node[parts] = seen, size
    return order, queue, first_student[: parts + 1], first_node[: parts + 1]
