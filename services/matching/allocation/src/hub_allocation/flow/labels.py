"""Exact prices by label correction: the cheapest way of sending one more student out of each node, to the sink.

The residual graph has the nodes of the network and the sink. A student placed at ``a`` who could go to ``b`` makes an
arc a -> b at the difference of the two costs; a limit that is not reached makes an arc to the parent, one that is used
an arc back. A negative cycle is a better allocation, and is returned instead of prices.

Method: Bellman-Ford with a queue (Moore 1959), negative cycles found in the tree of pointers (Tarjan 1981; Cherkassky &
Goldberg 1999, "Negative-cycle detection algorithms", Mathematical Programming 85, 277-311).
"""

import numpy as np

from hub_allocation.compiled import compiled
from hub_allocation.flow.residual import BY_LEAVING, BY_LIMIT, FAR, UNREACHED, Residual, Search


def correct_labels(residual: Residual) -> tuple[Search, int]:
    """Find the cheapest way from every node to the sink, or a negative cycle.

    Returns:
        The search, and -1 or a node from which the pointers lead round a negative cycle.
    """
    count = len(residual.parent)
    label = np.full(count + 1, FAR, np.int64)
    label[count] = 0
    ends, queued = np.zeros(2, np.int64), np.zeros(count + 1, np.bool_)
    unknown = np.full((3, count + 1), -1, np.int32)
    unknown[1] = UNREACHED
    search = Search(label, unknown[0], unknown[1], unknown[2], np.empty(count + 1, np.int32), queued, ends)
    return search, int(_run(residual, search))


@compiled
def _lower(search, node, cost, towards, how):  # type: ignore[no-untyped-def]
    """Give a node a cheaper label, and queue it."""
    search.label[node] = cost
    search.pointer[node] = towards
    search.via[node], search.mover[node] = how
    if not search.queued[node]:
        search.queue[(search.ends[0] + search.ends[1]) % len(search.queue)] = node
        search.ends[1] += 1
        search.queued[node] = True


@compiled
def _begin(residual, search):  # type: ignore[no-untyped-def]
    """Label what leads straight to the sink: slots with a free seat, and students who could stay unplaced."""
    sink = len(residual.parent)
    for node in range(sink):
        if residual.parent[node] == sink and residual.room[node]:
            _lower(search, node, 0, sink, (BY_LIMIT, -1))
    for student in range(len(residual.now_node)):
        node = residual.now_node[student]
        if node != sink and residual.may_stay[student]:
            cost = residual.stay_cost[student] - residual.now_cost[student]
            if cost < search.label[node]:
                _lower(search, node, cost, sink, (BY_LEAVING, student))


@compiled
def _along_limits(residual, search, node):  # type: ignore[no-untyped-def]
    """Relax the arcs of limits: from children with a seat left, and back from the parent of a node in use."""
    changes = 0
    cost = search.label[node]
    for place in range(residual.child_start[node], residual.child_start[node + 1]):
        other = residual.child[place]
        if residual.room[other] and cost < search.label[other]:
            _lower(search, other, cost, node, (BY_LIMIT, -1))
            changes += 1
    if residual.used[node] and cost < search.label[residual.parent[node]]:
        _lower(search, residual.parent[node], cost, node, (BY_LIMIT, -1))
        changes += 1
    return changes


@compiled
def _along_options(residual, search, node):  # type: ignore[no-untyped-def]
    """Relax the arcs of students who could move to this node."""
    changes = 0
    here = search.label[node]
    for place in range(residual.arc_start[node], residual.arc_start[node + 1]):
        student = residual.arc_student[place]
        other = residual.now_node[student]
        cost = here + residual.arc_cost[place] - residual.now_cost[student]
        if cost < search.label[other] and other != node:
            _lower(search, other, cost, node, (residual.arc_option[place], student))
            changes += 1
    return changes


@compiled
def _run(residual, search):  # type: ignore[no-untyped-def]
    sink = len(residual.parent)
    mark = np.empty(sink + 1, np.int64)
    _begin(residual, search)
    changes = 0
    while search.ends[1] > 0:
        node = search.queue[search.ends[0]]
        search.ends[0] = (search.ends[0] + 1) % len(search.queue)
        search.ends[1] -= 1
        search.queued[node] = False
        changes += _along_limits(residual, search, node)
        changes += _along_options(residual, search, node)
        if search.pointer[sink] >= 0:
            return sink  # a way from the sink back to itself that costs less than nothing
        if changes > sink:
            changes = 0
            found = _pointer_cycle(search.pointer, mark)
            if found >= 0:
                return found
    return -1


@compiled
def _pointer_cycle(pointer, mark):  # type: ignore[no-untyped-def]
    """A node on a cycle of the pointers, or -1."""
    mark[:] = 0
    for root in range(len(pointer)):
        node = root
        while node >= 0 and mark[node] == 0:
            mark[node] = root + 1
            node = pointer[node]
        if node >= 0 and mark[node] == root + 1:
            return node
    return -1
