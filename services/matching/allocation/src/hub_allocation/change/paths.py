"""Shortest ways through the residual graph of a standing allocation, and the changes along them; compiled.

Prices make every arc's reduced cost, its cost + the price of its head - the price of its tail, nothing or more in the
order of the keys, so Dijkstra's method finds the cheapest way from a surplus to a want; along it, one student more or
fewer is optimal again, and the distances give the new prices. (Successive shortest paths: Busacker & Gowen 1960;
Edmonds & Karp 1972 for the prices.)
"""

import numpy as np

from hub_allocation.change.book import CLOSED, GONE
from hub_allocation.compiled import compiled
from hub_allocation.flow.residual import BY_LEAVING, BY_LIMIT


@compiled
def _less(a, b):  # type: ignore[no-untyped-def]
    """Whether the keys ``a`` come before the keys ``b``."""
    if a[0] != b[0]:
        return a[0] < b[0]
    if a[1] != b[1]:
        return a[1] < b[1]
    return a[2] < b[2]


@compiled
def _rise(scratch, place):  # type: ignore[no-untyped-def]
    """Let the heap's entry at ``place`` rise to where it belongs."""
    node = scratch.heap[place]
    own = scratch.distance[node]
    while place > 0:
        above = (place - 1) // 2
        other = scratch.heap[above]
        if not _less(own, scratch.distance[other]):
            break
        scratch.heap[place] = other
        scratch.place[other] = place
        place = above
    scratch.heap[place] = node
    scratch.place[node] = place


@compiled
def _pop(scratch):  # type: ignore[no-untyped-def]
    """Take the nearest node out of the heap and settle it."""
    top = scratch.heap[0]
    scratch.state[top] = 2
    scratch.sizes[0] -= 1
    size = scratch.sizes[0]
    if size:
        node = scratch.heap[size]
        own = scratch.distance[node]
        place = 0
        while 2 * place + 1 < size:
            below = 2 * place + 1
            if below + 1 < size and _less(
                scratch.distance[scratch.heap[below + 1]], scratch.distance[scratch.heap[below]]
            ):
                below += 1
            other = scratch.heap[below]
            if not _less(scratch.distance[other], own):
                break
            scratch.heap[place] = other
            scratch.place[other] = place
            place = below
        scratch.heap[place] = node
        scratch.place[node] = place
    return top


@compiled
def reach(scratch, node, distance, pointer, how):  # type: ignore[no-untyped-def]
    """Note that a node can be reached at this distance, if it is the shortest so far."""
    state = scratch.state[node]
    if state == 2 or (state == 1 and not _less(distance, scratch.distance[node])):
        return
    own = scratch.distance[node]
    own[0], own[1], own[2] = distance
    scratch.pointer[node] = pointer
    scratch.via[node], scratch.mover[node] = how
    if state == 0:
        scratch.state[node] = 1
        scratch.known[scratch.sizes[1]] = node
        scratch.heap[scratch.sizes[0]] = node
        scratch.place[node] = scratch.sizes[0]
        scratch.sizes[0] += 1
        scratch.sizes[1] += 1
    _rise(scratch, scratch.place[node])


@compiled
def clean(scratch):  # type: ignore[no-untyped-def]
    """Forget the search."""
    for place in range(scratch.sizes[1]):
        scratch.state[scratch.known[place]] = 0
    scratch.sizes[:] = 0


@compiled
def _sum(here, cost, head, tail):  # type: ignore[no-untyped-def]
    """A distance and the reduced cost of an arc."""
    return (
        here[0] + cost[0] + head[0] - tail[0], here[1] + cost[1] + head[1] - tail[1],
        here[2] + cost[2] + head[2] - tail[2],
    )  # fmt: skip


@compiled
def _bound(scratch, goal):  # type: ignore[no-untyped-def]
    """The first two keys of the shortest way to the goal so far: whatever is farther is of no use."""
    if goal >= 0 and scratch.state[goal]:
        return scratch.distance[goal, 0], scratch.distance[goal, 1]
    return np.int64(CLOSED), np.int64(0)


@compiled
def _now_key(book, student):  # type: ignore[no-untyped-def]
    """What a student costs where they are."""
    option = book.option[student]
    if option < 0:
        return book.stay[student], np.int64(0), np.int64(0)
    return book.key[option, 0], book.key[option, 1], book.key[option, 2]


@compiled
def _scan_student(book, price, scratch, at, bound):  # type: ignore[no-untyped-def]
    """Relax the ways the student of ``at`` (node, student) could go."""
    node, student = at
    sink = len(book.parent)
    here, tail = scratch.distance[node], price[node]
    now = _now_key(book, student)
    first, second = here[0] - now[0] - tail[0], here[1] - now[1] - tail[1]
    if node != sink:
        cost = (book.stay[student] - now[0], -now[1], -now[2])
        reach(scratch, sink, _sum(here, cost, price[sink], tail), node, (np.int64(BY_LEAVING), student))
    for option in range(book.start[student], book.start[student + 1]):
        other = np.int64(book.node[option])
        key = book.key[option]
        reached = first + key[0] + price[other, 0]
        if reached > bound[0] or other == node or key[0] >= CLOSED or scratch.state[other] == 2:
            continue
        if reached == bound[0] and second + key[1] + price[other, 1] > bound[1]:
            continue
        cost = (key[0] - now[0], key[1] - now[1], key[2] - now[2])
        reach(scratch, other, _sum(here, cost, price[other], tail), node, (option, student))


@compiled
def _scan_from(book, price, scratch, node, goal):  # type: ignore[no-untyped-def]
    """Relax the arcs out of a node, as far as they may lead to the goal."""
    sink = len(book.parent)
    here, tail = scratch.distance[node], price[node]
    free = (np.int64(0), np.int64(0), np.int64(0))
    how = (np.int64(BY_LIMIT), np.int64(-1))
    if node != sink and book.flow[node] < book.capacity[node]:
        head = np.int64(book.parent[node])
        reach(scratch, head, _sum(here, free, price[head], tail), node, how)
    for place in range(book.child_start[node], book.child_start[node + 1]):
        child = np.int64(book.child[place])
        if book.flow[child] > 0:
            reach(scratch, child, _sum(here, free, price[child], tail), node, how)
    student = np.int64(book.first[node])
    while student >= 0:
        _scan_student(book, price, scratch, (node, student), _bound(scratch, goal))
        student = np.int64(book.after[student])


@compiled
def _scan_into(book, price, scratch, node, goal):  # type: ignore[no-untyped-def]
    """Relax the arcs into a node, from where students would come, as far as they may lead to the goal."""
    here, head = scratch.distance[node], price[node]
    free = (np.int64(0), np.int64(0), np.int64(0))
    how = (np.int64(BY_LIMIT), np.int64(-1))
    if book.flow[node] > 0:
        tail = np.int64(book.parent[node])
        reach(scratch, tail, _sum(here, free, head, price[tail]), node, how)
    for place in range(book.child_start[node], book.child_start[node + 1]):
        child = np.int64(book.child[place])
        if book.flow[child] < book.capacity[child]:
            reach(scratch, child, _sum(here, free, head, price[child]), node, how)
    base = here[0] + head[0]
    bound = _bound(scratch, goal)
    for place in range(book.arc_start[node], book.arc_start[node + 1]):
        student = np.int64(book.arc_student[place])
        tail = np.int64(book.now[student])
        cost = book.arc_cost[place]
        if tail < 0 or tail == node or cost >= CLOSED or scratch.state[tail] == 2:
            continue
        now = _now_key(book, student)
        reached = base + cost - now[0] - price[tail, 0]
        if reached > bound[0]:
            continue
        key = book.key[book.arc_option[place]]
        if reached == bound[0] and here[1] + head[1] + key[1] - now[1] - price[tail, 1] > bound[1]:
            continue
        change = (key[0] - now[0], key[1] - now[1], key[2] - now[2])
        distance = _sum(here, change, head, price[tail])
        reach(scratch, tail, distance, node, (np.int64(book.arc_option[place]), student))


@compiled
def _scan_into_sink(book, price, scratch):  # type: ignore[no-untyped-def]
    """Relax the arcs into the sink: slots with a seat left, and every student who could stay unplaced."""
    sink = len(book.parent)
    here, head = scratch.distance[sink], price[sink]
    free = (np.int64(0), np.int64(0), np.int64(0))
    how = (np.int64(BY_LIMIT), np.int64(-1))
    for place in range(book.child_start[sink], book.child_start[sink + 1]):
        slot = np.int64(book.child[place])
        if book.flow[slot] < book.capacity[slot]:
            distance = _sum(here, free, head, price[slot])
            reach(scratch, slot, distance, sink, how)
    for student in range(len(book.now)):
        tail = np.int64(book.now[student])
        if 0 <= tail < sink:
            now = _now_key(book, student)
            cost = (book.stay[student] - now[0], -now[1], -now[2])
            distance = _sum(here, cost, head, price[tail])
            reach(scratch, tail, distance, sink, (np.int64(BY_LEAVING), np.int64(student)))


@compiled
def search_from(book, price, scratch, goal):  # type: ignore[no-untyped-def]
    """Settle nodes, nearest first, along the arcs until ``goal`` is settled (-1: all). The heap holds the sources."""
    while scratch.sizes[0]:
        node = np.int64(_pop(scratch))
        if node == goal:
            return True
        _scan_from(book, price, scratch, node, goal)
    return goal < 0


@compiled
def search_into(book, price, scratch, goal):  # type: ignore[no-untyped-def]
    """The same against the arcs: where could somebody come from? The heap holds where somebody is wanted."""
    sink = len(book.parent)
    while scratch.sizes[0]:
        node = np.int64(_pop(scratch))
        if node == goal:
            return True
        if node == sink:
            _scan_into_sink(book, price, scratch)
            continue
        _scan_into(book, price, scratch, node, goal)
    return goal < 0


@compiled
def _unlink(book, student):  # type: ignore[no-untyped-def]
    """Take a student out of the list of where they are."""
    after, before = book.after[student], book.before[student]
    if before >= 0:
        book.after[before] = after
    else:
        book.first[book.now[student]] = after
    if after >= 0:
        book.before[after] = before


@compiled
def put(book, student, node, option):  # type: ignore[no-untyped-def]
    """Move a student; node GONE takes them out."""
    if book.now[student] != GONE:
        _unlink(book, student)
    book.now[student], book.option[student] = node, option
    if node != GONE:
        head = book.first[node]
        book.before[student], book.after[student] = -1, head
        if head >= 0:
            book.before[head] = student
        book.first[node] = student


@compiled
def _step(book, tail, head, how, movers):  # type: ignore[no-untyped-def]
    """Send one unit along an arc; notes a student who moves, with the option left."""
    via, student = how
    if via == BY_LIMIT:
        if head < len(book.parent) and book.parent[head] == tail:
            book.flow[head] -= 1
        else:
            book.flow[tail] += 1
        return
    movers.append((student, np.int64(book.option[student])))
    if via == BY_LEAVING:
        put(book, student, np.int64(len(book.parent)), np.int64(-1))
    else:
        put(book, student, head, via)


@compiled
def follow_back(book, scratch, source, goal):  # type: ignore[no-untyped-def]
    """Change the allocation along the way that `search_from` found; the students moved and the options they had."""
    movers = [(np.int64(0), np.int64(0)) for _ in range(0)]
    node = goal
    while node != source:
        tail = np.int64(scratch.pointer[node])
        via, student = np.int64(scratch.via[node]), np.int64(scratch.mover[node])
        if tail < 0:  # the student who comes in takes this option, or stays out
            put(book, student, node, max(via, np.int64(-1)))
            break
        _step(book, tail, node, (via, student), movers)
        node = tail
    return movers


@compiled
def follow_on(book, scratch, source, goal):  # type: ignore[no-untyped-def]
    """Change the allocation along the way that `search_into` found."""
    movers = [(np.int64(0), np.int64(0)) for _ in range(0)]
    node = source
    while node != goal:
        head = np.int64(scratch.pointer[node])
        _step(book, node, head, (np.int64(scratch.via[node]), np.int64(scratch.mover[node])), movers)
        node = head
    return movers


@compiled
def reprice(price, scratch, goal, sign):  # type: ignore[no-untyped-def]
    """Keep the prices valid after a search: settled nodes rise (sign 1) or fall (-1) by what they are nearer."""
    end = scratch.distance[goal]
    for place in range(scratch.sizes[1]):
        node = scratch.known[place]
        if scratch.state[node] == 2:
            own = scratch.distance[node]
            for key in range(3):
                price[node, key] += sign * (end[key] - own[key])


@compiled
def fill(book, price, scratch, want, source):  # type: ignore[no-untyped-def]
    """Bring one student more to ``want``, the cheapest way from ``source``; the moves (student, option before)."""
    none = np.int64(-1)
    reach(scratch, want, (np.int64(0), np.int64(0), np.int64(0)), none, (none, none))
    search_into(book, price, scratch, source)
    movers = follow_on(book, scratch, source, want)
    reprice(price, scratch, source, -1)
    clean(scratch)
    return movers


@compiled
def drain(book, price, scratch, surplus, goal):  # type: ignore[no-untyped-def]
    """Take one student from ``surplus``, the cheapest way to ``goal``; the moves (student, option before)."""
    none = np.int64(-1)
    reach(scratch, surplus, (np.int64(0), np.int64(0), np.int64(0)), none, (none, none))
    search_from(book, price, scratch, goal)
    movers = follow_back(book, scratch, surplus, goal)
    reprice(price, scratch, goal, 1)
    clean(scratch)
    return movers


@compiled
def enter(book, price, scratch, student):  # type: ignore[no-untyped-def]
    """Place a student who is nowhere, the cheapest way; the moves of the others (student, option before)."""
    sink = len(book.parent)
    none = np.int64(-1)
    own = np.int64(student)
    zero = (np.int64(0), np.int64(0), np.int64(0))
    base = (book.stay[student] + price[sink, 0], price[sink, 1], price[sink, 2])
    for option in range(book.start[student], book.start[student + 1]):
        through = _sum(zero, book.key[option], price[book.node[option]], zero)
        if book.key[option, 0] < CLOSED and _less(through, base):
            base = through
    out = (book.stay[student] + price[sink, 0] - base[0], price[sink, 1] - base[1], price[sink, 2] - base[2])
    reach(scratch, sink, out, none, (np.int64(BY_LEAVING), own))
    for option in range(book.start[student], book.start[student + 1]):
        if book.key[option, 0] < CLOSED:
            node = np.int64(book.node[option])
            distance = _sum(zero, book.key[option], price[node], base)
            reach(scratch, node, distance, none, (option, own))
    search_from(book, price, scratch, sink)
    movers = follow_back(book, scratch, none, sink)
    reprice(price, scratch, sink, 1)
    clean(scratch)
    return movers


@compiled
def extreme(book, price, scratch, sign):  # type: ignore[no-untyped-def]
    """Move valid prices to the largest (sign 1) or smallest (-1) valid ones, in the first key; the sink's is 0.

    The largest are the distances to the sink, the smallest the distances from it, turned round.
    """
    sink = len(book.parent)
    none = np.int64(-1)
    price[:, 0] -= price[sink, 0]
    reach(scratch, sink, (np.int64(0), np.int64(0), np.int64(0)), none, (none, none))
    if sign > 0:
        search_into(book, price, scratch, -1)
    else:
        search_from(book, price, scratch, -1)
    farthest = np.int64(0)
    for place in range(scratch.sizes[1]):
        farthest = max(farthest, scratch.distance[scratch.known[place], 0])
    for node in range(sink + 1):
        price[node, 0] += sign * (scratch.distance[node, 0] if scratch.state[node] else farthest)
    clean(scratch)


@compiled
def relate(price, saved):  # type: ignore[no-untyped-def]
    """Set the lower keys of prices to what fits an allocation that stands: see `StandingFlow`."""
    sink = len(price) - 1
    for node in range(sink + 1):
        price[node, 1] = saved if price[node, 0] == price[sink, 0] else 0
        price[node, 2] = 0
