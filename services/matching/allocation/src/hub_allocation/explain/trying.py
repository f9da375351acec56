"""Taking and giving up pairs one after the other, taking all of it back, and whether every rule holds in the end.

``m`` is all memory there is, ``b`` a ``board.Board``, which says where what begins in it.
"""

from hub_allocation.compiled import compiled

ALONE = -1
"""``mate`` of a pair whose student has no companion."""


@compiled
def flip(m, b, pair):  # type: ignore[no-untyped-def]
    """Take a pair that is not taken, or give up one that is."""
    step = -1 if m[b.has + pair] else 1
    m[b.has + pair] = step > 0
    m[b.here + m[b.slot + pair]] += step
    for place in range(m[b.limits + pair], m[b.limits + pair + 1]):
        m[b.total + m[b.limit + place]] += step
    m[b.log + m[b.size]] = pair
    m[b.size] += 1


@compiled
def undo(m, b, size):  # type: ignore[no-untyped-def]
    """Take back all but the first so many steps."""
    while m[b.size] > size:
        flip(m, b, m[b.log + m[b.size] - 1])
        m[b.size] -= 2


@compiled
def give_up(m, b, pair):  # type: ignore[no-untyped-def]
    """Give up a pair, and the companion's with it."""
    flip(m, b, pair)
    mate = m[b.mate + pair]
    if mate >= 0 and m[b.has + mate]:
        flip(m, b, mate)


@compiled
def within(m, b, pair, limit):  # type: ignore[no-untyped-def]
    """Whether a pair counts up to a limit."""
    place, end = m[b.limits + pair], m[b.limits + pair + 1]
    while place < end and m[b.limit + place] != limit:
        place += 1
    return place < end


@compiled
def again(m, b, step):  # type: ignore[no-untyped-def]
    """Whether a step's pair was in the log before."""
    before = 0
    while m[b.log + before] != m[b.log + step]:
        before += 1
    return before < step


@compiled
def listed(m, b, limit):  # type: ignore[no-untyped-def]
    """Write the pairs taken that count up to a limit into ``found``; how many there are."""
    used = 0
    for place in range(m[b.holders + limit], m[b.holders + limit + 1]):
        if m[b.has + m[b.holder + place]]:
            m[b.found + used] = m[b.holder + place]
            used += 1
    for place in range(m[b.size]):
        pair = m[b.log + place]
        if m[b.has + pair] and not m[b.held + pair] and within(m, b, pair, limit) and not again(m, b, place):
            m[b.found + used] = pair
            used += 1
    return used


@compiled
def another_school(m, b, pair):  # type: ignore[no-untyped-def]
    """A pair taken at the slot of a pair by a student of another school; -1: none."""
    slot = m[b.slot + pair]
    for place in range(m[b.takers + slot], m[b.takers + slot + 1]):
        other = m[b.taker + place]
        if m[b.has + other] and m[b.school + other] != m[b.school + pair]:
            return other
    return -1


@compiled
def fits(m, b, pair, without, nor):  # type: ignore[no-untyped-def]
    """Whether a pair keeps every limit, its slot runs and takes its school, once two pairs are given up (-1: none)."""
    for place in range(m[b.limits + pair], m[b.limits + pair + 1]):
        limit = m[b.limit + place]
        if m[b.total + limit] >= m[b.high + limit]:
            spare = (without >= 0 and within(m, b, without, limit)) + (nor >= 0 and within(m, b, nor, limit))
            if m[b.total + limit] - spare >= m[b.high + limit]:
                return False
    slot = m[b.slot + pair]
    leaving = (without >= 0 and m[b.slot + without] == slot) + (nor >= 0 and m[b.slot + nor] == slot)
    here = m[b.here + slot] - leaving
    if here + 1 < m[b.least + slot]:
        return False
    return here == 0 or not m[b.single + slot] or another_school(m, b, pair) < 0


@compiled
def may_leave(m, b, pair, slot):  # type: ignore[no-untyped-def]
    """Whether a student may be taken out of a pair for one who comes to ``slot``, without another going too."""
    if m[b.fixed + pair] or m[b.mate + pair] != ALONE:
        return False
    own = m[b.slot + pair]
    return own == slot or m[b.here + own] == 1 or m[b.here + own] - 1 >= m[b.least + own]


@compiled
def holds(m, b, who, since):  # type: ignore[no-untyped-def]
    """Whether every rule holds that the steps from ``since`` on touch; what is fixed may leave student ``who`` only."""
    for step in range(since, m[b.size]):
        pair = m[b.log + step]
        slot, mate = m[b.slot + pair], m[b.mate + pair]
        if m[b.here + slot] > 0 and m[b.here + slot] < m[b.least + slot]:
            return False
        if mate >= 0 and m[b.has + mate] != m[b.has + pair]:
            return False
        if not m[b.has + pair]:
            if m[b.fixed + pair] and m[b.student + pair] != who:
                return False
            continue
        if mate < ALONE or (m[b.single + slot] and another_school(m, b, pair) >= 0):
            return False
        for place in range(m[b.limits + pair], m[b.limits + pair + 1]):
            if m[b.total + m[b.limit + place]] > m[b.high + m[b.limit + place]]:
                return False
    return True
