"""Chains of moves: somebody is seated, whoever gives way for that takes another's place, and the last finds room."""

from hub_allocation.compiled import compiled
from hub_allocation.explain.trying import ALONE, fits, flip, holds, listed, may_leave, undo, within


@compiled
def chain(m, b, who, first, last):  # type: ignore[no-untyped-def]
    """Seat a student by one of the pairs ``first`` to ``last`` where everybody who gives way is seated, too.

    Breadth first from slot to slot, so that few move. Whether a step fits is judged without those before it, and the
    whole at its end.
    """
    m[b.turn] += 1
    begin, size, at = m[b.size], 0, 0
    for pair in range(first, last):
        if not m[b.has + pair] and m[b.mate + pair] == ALONE:
            if fits(m, b, pair, -1, -1) and _done(m, b, (-1, -1, pair), who, begin):
                return True
            size = _reached(m, b, (-1, -1, pair), size)
    while at < size:
        comes, left = m[b.queue + 3 * at], m[b.queue + 3 * at + 1]
        for place in range(_in_the_way(m, b, comes, left)):
            other = m[b.found + place]
            student = m[b.student + other]
            if other == left or student == who or not may_leave(m, b, other, m[b.slot + comes]):
                continue
            if not fits(m, b, comes, left, other):
                continue
            for pair in range(m[b.options + student], m[b.options + student + 1]):
                if m[b.has + pair] or m[b.mate + pair] != ALONE or m[b.seen + m[b.slot + pair]] == m[b.turn]:
                    continue
                if fits(m, b, pair, other, -1) and _done(m, b, (at, other, pair), who, begin):
                    return True
                size = _reached(m, b, (at, other, pair), size)
        at += 1
    return False


@compiled
def _reached(m, b, step, size):  # type: ignore[no-untyped-def]
    """Note that a slot is reached by a pair, for which another is left, after an earlier step; how many are."""
    at, left, pair = step
    m[b.seen + m[b.slot + pair]] = m[b.turn]
    if size < b.steps:
        m[b.queue + 3 * size], m[b.queue + 3 * size + 1], m[b.queue + 3 * size + 2] = pair, left, at
        size += 1
    return size


@compiled
def _in_the_way(m, b, pair, left):  # type: ignore[no-untyped-def]
    """List the pairs taken under the first limit that keeps a pair out once ``left`` is given up; how many."""
    for place in range(m[b.limits + pair], m[b.limits + pair + 1]):
        limit = m[b.limit + place]
        full = m[b.total + limit] - m[b.high + limit]
        if full >= 0 and full - (left >= 0 and within(m, b, left, limit)) >= 0:
            return listed(m, b, limit)
    return 0


@compiled
def _done(m, b, step, who, begin):  # type: ignore[no-untyped-def]
    """Make the moves of a chain from its last step to its first; undone unless every rule holds."""
    at, left, pair = step
    while True:
        if left >= 0:
            flip(m, b, left)
        flip(m, b, pair)
        if at < 0:
            break
        pair, left, at = m[b.queue + 3 * at], m[b.queue + 3 * at + 1], m[b.queue + 3 * at + 2]
    if holds(m, b, who, begin):
        return True
    undo(m, b, begin)
    return False
