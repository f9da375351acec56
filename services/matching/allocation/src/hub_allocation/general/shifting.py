"""A min-cost flow that is changed step by step: a slot closes, opens or must have more students, and stays optimal.

Each step is a few shortest paths on the residual network with kept potentials (Edmonds & Karp 1972; Tomizawa 1971):
a student who lost a slot is placed anew by the cheapest chain of moves, a seat that must be filled by the cheapest
chain towards it. Costs are single whole numbers. The potential of a node is such that cost + p[tail] - p[head] >= 0 on
every arc of the residual network; node N is the sink, where students without a placement are, too.
"""

import heapq
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hub_allocation.compiled import compiled

Longs = NDArray[np.int64]

NOWHERE = np.int64(-1)
FAR = np.int64(1) << np.int64(61)


class Flow(NamedTuple):
    """N nodes, M students, O options, G groups; what changes is marked *."""

    start: Longs
    """Options of student m: ``start[m]`` to ``start[m + 1]``."""
    owner: Longs
    node: Longs
    cost: Longs
    group: Longs
    """The group an option belongs to, or -1."""
    entry_start: Longs
    entry: Longs
    """The options into each node."""
    parent: Longs
    child_start: Longs
    child: Longs
    runs: NDArray[np.bool_]
    """* Which groups may have students (G)."""
    low: Longs
    """* Fewest students through each node (N)."""
    high: Longs
    """* Most."""
    used: Longs
    """* How many students pass each node."""
    now: Longs
    """* Each student's option; -1: unplaced."""
    first: Longs
    """* The first student at each node and at the sink, -1: none (N + 1)."""
    after: Longs
    """* The next student at the same node (M)."""
    before: Longs
    potential: Longs
    """* Of each node and the sink (N + 1)."""
    distance: Longs
    seen: Longs
    """Which search last reached a node, and which last left it (2 x N + 2)."""
    via: Longs
    """The option by which a search reached a node; -1: along a limit, up or down."""
    towards: Longs
    """The node it came from."""


@compiled
def put(flow, student, option):  # type: ignore[no-untyped-def]
    """Place a student who is nowhere (-1: at the sink, unplaced)."""
    sink = len(flow.parent)
    node = sink if option < 0 else flow.node[option]
    flow.now[student] = option
    head = flow.first[node]
    flow.first[node] = student
    flow.after[student], flow.before[student] = head, NOWHERE
    if head >= 0:
        flow.before[head] = student
    while node != sink:
        flow.used[node] += 1
        node = flow.parent[node]


@compiled
def take(flow, student):  # type: ignore[no-untyped-def]
    """Take a student away from where they are; they are nowhere then."""
    sink = len(flow.parent)
    option = flow.now[student]
    node = sink if option < 0 else flow.node[option]
    ahead, behind = flow.before[student], flow.after[student]
    if ahead >= 0:
        flow.after[ahead] = behind
    else:
        flow.first[node] = behind
    if behind >= 0:
        flow.before[behind] = ahead
    while node != sink:
        flow.used[node] -= 1
        node = flow.parent[node]


@compiled
def _allowed(flow, option):  # type: ignore[no-untyped-def]
    group = flow.group[option]
    if group >= 0 and not flow.runs[group]:
        return False
    return flow.high[flow.node[option]] > 0


@compiled
def _reach(flow, heap, search, node, step):  # type: ignore[no-untyped-def]
    """Note a shorter way to a node."""
    length, option, origin = step
    if flow.seen[0, node] == search and flow.distance[node] <= length:
        return
    flow.seen[0, node] = search
    flow.distance[node] = length
    flow.via[node], flow.towards[node] = option, origin
    heapq.heappush(heap, (length, np.int64(node)))


@compiled
def _onwards(flow, heap, search, node):  # type: ignore[no-untyped-def]
    """Relax every arc out of a node that is not the sink."""
    sink = len(flow.parent)
    here = flow.distance[node] + flow.potential[node]
    up = flow.parent[node]
    if flow.used[node] < flow.high[node]:
        _reach(flow, heap, search, up, (here - flow.potential[up], np.int64(-1), node))
    for place in range(flow.child_start[node], flow.child_start[node + 1]):
        below = flow.child[place]
        if flow.used[below] > flow.low[below]:
            _reach(flow, heap, search, below, (here - flow.potential[below], np.int64(-1), node))
    student = flow.first[node]
    while student >= 0:
        given = here - flow.cost[flow.now[student]]
        for option in range(flow.start[student], flow.start[student + 1]):
            other = flow.node[option]
            if other != node and _allowed(flow, option):
                length = given + flow.cost[option] - flow.potential[other]
                _reach(flow, heap, search, other, (length, np.int64(option), node))
        _reach(flow, heap, search, sink, (given - flow.potential[sink], np.int64(-2 - student), node))
        student = flow.after[student]


@compiled
def place(flow, student, search):  # type: ignore[no-untyped-def]
    """Place a student who is nowhere by the cheapest chain of moves, or leave them unplaced."""
    sink = len(flow.parent)
    start = flow.potential[sink]
    for option in range(flow.start[student], flow.start[student + 1]):
        if _allowed(flow, option):
            start = max(start, flow.potential[flow.node[option]] - flow.cost[option])
    heap = [(np.int64(0), np.int64(0))]
    heap.clear()
    for option in range(flow.start[student], flow.start[student + 1]):
        if _allowed(flow, option):
            other = flow.node[option]
            length = start + flow.cost[option] - flow.potential[other]
            _reach(flow, heap, search, other, (length, np.int64(option), NOWHERE))
    _reach(flow, heap, search, sink, (start - flow.potential[sink], NOWHERE, NOWHERE))
    left = [np.int64(0)]
    left.clear()
    while heap:
        length, node = heapq.heappop(heap)
        if flow.seen[1, node] == search:
            continue
        flow.seen[1, node] = search
        if node == sink:
            break
        left.append(node)
        _onwards(flow, heap, search, node)
    whole = flow.distance[sink]
    for node in left:
        flow.potential[node] += flow.distance[node] - whole
    flow.potential[sink] += 0
    _walk_back(flow, student, sink)


@compiled
def _walk_back(flow, student, node):  # type: ignore[no-untyped-def]
    """Make the moves of the chain that ends at ``node``, last first; its first is the student who was nowhere."""
    while True:
        option, origin = flow.via[node], flow.towards[node]
        if origin < 0:
            put(flow, student, option)
            return
        if option <= -2:
            take(flow, -2 - option)
            put(flow, -2 - option, NOWHERE)
        elif option >= 0:
            mover = flow.owner[option]
            take(flow, mover)
            put(flow, mover, option)
        node = origin


@compiled
def fetch(flow, slot, cutoff, search):  # type: ignore[no-untyped-def]
    """Bring one more student to a slot by the cheapest chain of moves, if it is cheaper than ``cutoff``.

    Returns whether one came; if not, the potentials are those of the cut-off.
    """
    sink = len(flow.parent)
    heap = [(np.int64(0), np.int64(0))]
    heap.clear()
    left = [np.int64(0)]
    left.clear()
    flow.seen[0, sink] = 0
    _reach(flow, heap, search, slot, (np.int64(0), NOWHERE, NOWHERE))
    found, whole = False, cutoff
    while heap:
        length, node = heapq.heappop(heap)
        if flow.seen[1, node] == search:
            continue
        if length >= cutoff:
            break
        flow.seen[1, node] = search
        if node == sink:
            found, whole = True, length
            break
        left.append(node)
        _backwards(flow, heap, search, node, slot)
    if not found and cutoff >= FAR:
        return False
    for node in left:
        flow.potential[node] += whole - flow.distance[node]
    if found:
        _walk_on(flow, sink)
    return found


@compiled
def _backwards(flow, heap, search, node, slot):  # type: ignore[no-untyped-def]
    """Relax every arc into a node, by the distance to the slot."""
    sink = len(flow.parent)
    here = flow.distance[node] - flow.potential[node]
    up = flow.parent[node]
    if flow.used[node] > flow.low[node] and node != slot:
        _reach(flow, heap, search, up, (here + flow.potential[up], NOWHERE, node))
    for at in range(flow.child_start[node], flow.child_start[node + 1]):
        below = flow.child[at]
        if flow.used[below] < flow.high[below]:
            _reach(flow, heap, search, below, (here + flow.potential[below], NOWHERE, node))
    for at in range(flow.entry_start[node], flow.entry_start[node + 1]):
        option = flow.entry[at]
        if not _allowed(flow, option):
            continue
        now = flow.now[flow.owner[option]]
        other = sink if now < 0 else flow.node[now]
        if other != node:
            length = here + flow.potential[other] + flow.cost[option] - (0 if now < 0 else flow.cost[now])
            _reach(flow, heap, search, other, (length, np.int64(option), node))


@compiled
def _walk_on(flow, node):  # type: ignore[no-untyped-def]
    """Make the moves of the chain from ``node`` on, first first."""
    while flow.towards[node] >= 0:
        option = flow.via[node]
        if option >= 0:
            mover = flow.owner[option]
            take(flow, mover)
            put(flow, mover, option)
        node = flow.towards[node]


@compiled
def close(flow, slot, search):  # type: ignore[no-untyped-def]
    """Close a slot: all its students are placed anew. Returns the number of the last search."""
    out = [np.int64(0)]
    out.clear()
    _collect(flow, slot, out)
    for at in range(flow.child_start[slot], flow.child_start[slot + 1]):
        _collect(flow, flow.child[at], out)
    for student in out:
        take(flow, student)
    flow.low[slot] = flow.high[slot] = 0
    for student in out:
        search += 1
        place(flow, student, search)
    return search


@compiled
def _collect(flow, node, out):  # type: ignore[no-untyped-def]
    student = flow.first[node]
    while student >= 0:
        out.append(student)
        student = flow.after[student]


@compiled
def fill(flow, slot, search):  # type: ignore[no-untyped-def]
    """Bring a slot's students up to its fewest; returns the number of the last search, or 0 when it can't be done."""
    while flow.used[slot] < flow.low[slot]:
        search += 1
        if not fetch(flow, slot, FAR, search):
            return 0
    return search


@compiled
def open_(flow, slot, low, high, search):  # type: ignore[no-untyped-def]
    """Open a closed slot with at least ``low`` students; returns as ``fill``."""
    sink = len(flow.parent)
    flow.low[slot], flow.high[slot] = low, high
    best = FAR
    for at in range(flow.child_start[slot], flow.child_start[slot + 1]):
        below = flow.child[at]
        flow.potential[below] = _entrance(flow, below)
        best = min(best, flow.potential[below])
    best = min(best, _entrance(flow, slot))
    if best >= FAR:
        return 0
    flow.potential[slot] = best
    for at in range(flow.child_start[slot], flow.child_start[slot + 1]):
        below = flow.child[at]
        if flow.potential[below] >= FAR:
            flow.potential[below] = best
    search = fill(flow, slot, search)
    while search and flow.used[slot] < high:
        gain = flow.potential[sink] - flow.potential[slot]
        if gain <= 0:
            break
        search += 1
        if not fetch(flow, slot, gain, search):
            break
    return search


@compiled
def _entrance(flow, node):  # type: ignore[no-untyped-def]
    """The largest potential that a node without students may have."""
    sink = len(flow.parent)
    best = FAR
    for at in range(flow.entry_start[node], flow.entry_start[node + 1]):
        option = flow.entry[at]
        if _allowed(flow, option):
            now = flow.now[flow.owner[option]]
            here = flow.potential[sink] if now < 0 else flow.potential[flow.node[now]] - flow.cost[now]
            best = min(best, here + flow.cost[option])
    return best


@compiled
def potentials(flow, rounds):  # type: ignore[no-untyped-def]
    """Find potentials for an optimal flow by passes over all arcs; returns whether it settled within the rounds."""
    sink = len(flow.parent)
    p = flow.potential
    p[:] = 0
    for _ in range(rounds):
        changed = False
        for node in range(sink):
            up = flow.parent[node]
            if flow.used[node] < flow.high[node] and p[node] < p[up]:
                p[up] = p[node]
                changed = True
            if flow.used[node] > flow.low[node] and p[up] < p[node]:
                p[node] = p[up]
                changed = True
        for student in range(len(flow.now)):
            now = flow.now[student]
            here = p[sink] if now < 0 else p[flow.node[now]] - flow.cost[now]
            if here < p[sink]:
                p[sink] = here
                changed = True
            for option in range(flow.start[student], flow.start[student + 1]):
                other = flow.node[option]
                if _allowed(flow, option) and here + flow.cost[option] < p[other]:
                    p[other] = here + flow.cost[option]
                    changed = True
        if not changed:
            return True
    return False
