"""Exact prices by label correction: the lexicographically cheapest way of sending one more student out of each node.

The residual graph has the nodes of the network and the sink. A student placed at ``a`` who could go to ``b`` makes an
arc a -> b at the difference of the two costs; a limit that is not reached makes an arc to the parent, one that is used an
arc back. Costs are three whole numbers compared in order, so no level can be traded for another. A negative cycle is a
better allocation, and is returned instead of prices.
"""

import numba
import numpy as np

FAR = np.int64(1) << np.int64(62)
"""The first key of a node from which nothing reaches the sink (a node that nobody may enter)."""


@numba.njit(cache=True)
def _less(a1, a2, a3, b1, b2, b3):  # type: ignore[no-untyped-def]
    if a1 != b1:
        return a1 < b1
    if a2 != b2:
        return a2 < b2
    return a3 < b3


@numba.njit(cache=True)
def _pointer_cycle(pointer, mark, count):  # type: ignore[no-untyped-def]
    """A node on a cycle of the pointers, or -1."""
    mark[:] = 0
    for root in range(count):
        node = root
        while node >= 0 and mark[node] == 0:
            mark[node] = root + 1
            node = pointer[node]
        if node >= 0 and mark[node] == root + 1:
            return node
    return -1


@numba.njit(cache=True)
def correct_labels(  # type: ignore[no-untyped-def]
    arc_start, arc_option, owner, now_node, now_cost, option_cost, out_cost, parent, child_start, child, flow, capacity
):
    """Find the cheapest way from every node to the sink, or a negative cycle.

    Args:
        arc_start, arc_option: for each node, the options that lead into it.
        owner: the student of each option.
        now_node: where each student is (the sink N when unplaced).
        now_cost: the three cost keys of where each student is (M x 3; out_cost when unplaced).
        option_cost: the keys of each option (O x 3).
        out_cost: the keys of staying unplaced (M x 3).
        parent, child_start, child: the tree of nodes.
        flow, capacity: of each node.

    Returns:
        (labels, cycle node, pointer, via): labels are (N + 1) x 3; the cycle node is -1, or the pointers from it lead
        round a negative cycle; via is the option taken by a pointer, -1 for unplaced, -2 for a limit's own arc.
    """
    count = len(parent)
    label = np.empty((count + 1, 3), np.int64)
    label[:, 0] = FAR
    label[:, 1] = 0
    label[:, 2] = 0
    label[count, 0] = 0
    pointer = np.full(count + 1, -1, np.int64)
    via = np.full(count + 1, -3, np.int64)
    mover = np.full(count + 1, -1, np.int64)
    queued = np.zeros(count + 1, np.bool_)
    queue = np.empty(count + 2, np.int64)
    mark = np.empty(count + 1, np.int64)
    head = 0
    size = 0
    ring = count + 2
    for node in range(count):
        if parent[node] == count and flow[node] < capacity[node]:
            label[node, 0] = 0
            pointer[node] = count
            via[node] = -2
            queue[(head + size) % ring] = node
            size += 1
            queued[node] = True
    for student in range(len(now_node)):
        at = now_node[student]
        if at == count:
            continue
        c1 = out_cost[student, 0] - now_cost[student, 0]
        c2 = out_cost[student, 1] - now_cost[student, 1]
        c3 = out_cost[student, 2] - now_cost[student, 2]
        if _less(c1, c2, c3, label[at, 0], label[at, 1], label[at, 2]):
            label[at, 0] = c1
            label[at, 1] = c2
            label[at, 2] = c3
            pointer[at] = count
            via[at] = -1
            mover[at] = student
            if not queued[at]:
                queue[(head + size) % ring] = at
                size += 1
                queued[at] = True
    changes = 0
    while size > 0:
        node = queue[head]
        head = (head + 1) % ring
        size -= 1
        queued[node] = False
        l1 = label[node, 0]
        l2 = label[node, 1]
        l3 = label[node, 2]
        # The arcs of limits: from children with a seat left, and back from the parent of a node in use.
        for place in range(child_start[node], child_start[node + 1] + 1):
            if place < child_start[node + 1]:
                other = child[place]
                if flow[other] >= capacity[other]:
                    continue
            else:
                other = parent[node]
                if flow[node] == 0:
                    continue
            if _less(l1, l2, l3, label[other, 0], label[other, 1], label[other, 2]):
                label[other, 0] = l1
                label[other, 1] = l2
                label[other, 2] = l3
                pointer[other] = node
                via[other] = -2
                mover[other] = -1
                changes += 1
                if other == count:
                    return label, count, pointer, via, mover
                if not queued[other]:
                    queue[(head + size) % ring] = other
                    size += 1
                    queued[other] = True
        for place in range(arc_start[node], arc_start[node + 1]):
            option = arc_option[place]
            student = owner[option]
            other = now_node[student]
            if other == node:
                continue
            c1 = l1 + option_cost[option, 0] - now_cost[student, 0]
            o1 = label[other, 0]
            if c1 > o1:
                continue
            c2 = l2 + option_cost[option, 1] - now_cost[student, 1]
            c3 = l3 + option_cost[option, 2] - now_cost[student, 2]
            if _less(c1, c2, c3, o1, label[other, 1], label[other, 2]):
                label[other, 0] = c1
                label[other, 1] = c2
                label[other, 2] = c3
                pointer[other] = node
                via[other] = option
                mover[other] = student
                changes += 1
                if other == count:
                    return label, count, pointer, via, mover
                if not queued[other]:
                    queue[(head + size) % ring] = other
                    size += 1
                    queued[other] = True
        if changes > count:
            changes = 0
            found = _pointer_cycle(pointer, mark, count + 1)
            if found >= 0:
                return label, found, pointer, via, mover
    return label, -1, pointer, via, mover
