"""Gives a student a slot and makes room for that under every rule: what is found is allowed, if rarely the best.

First somebody gives way who finds another place, or sets off a chain of such moves. Where that fails, as few as can be
seen lose theirs, groups that fall short are filled or closed, and whoever lost a place is seated again if possible.
Whatever was tried, an answer is counted only if every rule holds at its end.
"""

from typing import NamedTuple

import numpy as np

from hub_allocation.compiled import compiled
from hub_allocation.explain.board import Board
from hub_allocation.explain.chains import chain
from hub_allocation.explain.trying import (
    ALONE,
    again,
    another_school,
    fits,
    flip,
    give_up,
    holds,
    listed,
    may_leave,
    undo,
    within,
)
from hub_allocation.instance import Flags, Longs

FOUND, UNKNOWN, IMPOSSIBLE = 0, 1, 2
SEATED_AGAIN = 100
"""So many of those who lose a placement are seated elsewhere at most; see board.LOG."""


class Room(NamedTuple):
    """What making room comes to for each of Q pairs."""

    status: Longs
    """FOUND, UNKNOWN, or IMPOSSIBLE whoever gives way."""
    placed: Longs
    """How many more students have a placement (fewer: less than 0)."""
    places: Longs
    """How many more placements there are."""
    losing: Longs
    """How many others have fewer placements than before."""
    moving: Longs
    """How many placements others give up."""
    own: Longs
    """How many placements the student has given up."""


def make_room(memory: Longs, board: Board, asked: Longs, reseat: Flags) -> Room:
    """Make room for each of these pairs of the board, each by itself.

    Args:
        memory: what ``lay_out`` laid out; it is afterwards as it was.
        board: where in it things are.
        asked: Q pairs that are not taken.
        reseat: whether who gives way is worth seating elsewhere (Q).
    """
    found = np.zeros((6, len(asked)), dtype=np.int64)
    _make_room(memory, board, asked, reseat, found)
    return Room(*found)


@compiled
def _make_room(m, b, asked, reseat, found):  # type: ignore[no-untyped-def]
    for query in range(len(asked)):
        found[0, query] = _give(m, b, asked[query], reseat[query])
        if found[0, query] == FOUND:
            _count(m, b, m[b.student + asked[query]], found[:, query])
        undo(m, b, 0)


@compiled
def _give(m, b, pair, reseat):  # type: ignore[no-untyped-def]
    """Give a student a pair, and the companion theirs; whether every rule holds then."""
    who, mate = m[b.student + pair], m[b.mate + pair]
    if mate < ALONE:
        return IMPOSSIBLE
    for place in range(m[b.options + who], m[b.options + who + 1]):
        if m[b.has + place] and _shut_out(m, b, place, pair):
            give_up(m, b, place)
    seated = reseat and mate == ALONE and chain(m, b, who, pair, pair + 1)
    if not seated:
        flip(m, b, pair)
        if mate >= 0 and not m[b.has + mate]:
            other = m[b.student + mate]
            for place in range(m[b.options + other], m[b.options + other + 1]):
                if m[b.fixed + place]:
                    return IMPOSSIBLE
                if m[b.has + place]:
                    give_up(m, b, place)
            flip(m, b, mate)
        end = _clear(m, b, pair)
        if end == FOUND and mate >= 0:
            end = _clear(m, b, mate)
        if end != FOUND:
            return end
    _mend(m, b, who)
    if reseat:
        _seat_again(m, b, who)
    return FOUND if holds(m, b, who, 0) else UNKNOWN


@compiled
def _shut_out(m, b, held, pair):  # type: ignore[no-untyped-def]
    """Whether one student can't have both pairs: they share a limit of which one place is all there is."""
    for place in range(m[b.limits + held], m[b.limits + held + 1]):
        limit = m[b.limit + place]
        if m[b.high + limit] == 1 and within(m, b, pair, limit):
            return True
    return False


@compiled
def _clear(m, b, pair):  # type: ignore[no-untyped-def]
    """Let others give way until a pair that is taken breaks no limit and its slot has one school."""
    who, mate = m[b.student + pair], m[b.mate + pair]
    if m[b.single + m[b.slot + pair]]:
        other = another_school(m, b, pair)
        while other >= 0:
            if m[b.fixed + other] or other == mate:
                return IMPOSSIBLE
            give_up(m, b, other)
            other = another_school(m, b, pair)
    for place in range(m[b.limits + pair], m[b.limits + pair + 1]):
        limit = m[b.limit + place]
        while m[b.total + limit] > m[b.high + limit]:
            best, most = -1, -1
            for at in range(listed(m, b, limit)):
                other = m[b.found + at]
                if other in (pair, mate) or (m[b.fixed + other] and m[b.student + other] != who):
                    continue
                worth = _worth(m, b, other, pair)
                if worth > most:
                    best, most = other, worth
            if best < 0:
                return IMPOSSIBLE
            give_up(m, b, best)
    return FOUND


@compiled
def _worth(m, b, other, pair):  # type: ignore[no-untyped-def]
    """How good it is that a pair gives way: it makes room under many limits, and nobody else has to go."""
    worth = 0
    for place in range(m[b.limits + pair], m[b.limits + pair + 1]):
        limit = m[b.limit + place]
        worth += 4 * (m[b.total + limit] > m[b.high + limit] and within(m, b, other, limit))
    own = m[b.slot + other]
    stands = own == m[b.slot + pair] or m[b.here + own] == 1 or m[b.here + own] - 1 >= m[b.least + own]
    return worth + 2 * stands + (m[b.mate + other] == ALONE)


@compiled
def _mend(m, b, who):  # type: ignore[no-untyped-def]
    """Fill each group that falls short, or close it."""
    at = 0
    while at < m[b.size]:
        slot = m[b.slot + m[b.log + at]]
        at += 1
        if m[b.here + slot] == 0 or m[b.here + slot] >= m[b.least + slot]:
            continue
        begin = m[b.size]
        _fill(m, b, slot, who)
        if m[b.here + slot] < m[b.least + slot]:
            undo(m, b, begin)
            for place in range(m[b.takers + slot], m[b.takers + slot + 1]):
                pair = m[b.taker + place]
                if m[b.has + pair] and not m[b.fixed + pair] and m[b.student + pair] != who:
                    give_up(m, b, pair)


@compiled
def _fill(m, b, slot, who):  # type: ignore[no-untyped-def]
    """Bring students to a slot until its group is large enough: first who is free, then who may leave another slot."""
    for moving in (False, True):
        for place in range(m[b.takers + slot], m[b.takers + slot + 1]):
            if m[b.here + slot] >= m[b.least + slot]:
                return
            pair = m[b.taker + place]
            if m[b.has + pair] or m[b.mate + pair] != ALONE or m[b.student + pair] == who:
                continue
            begin = m[b.size]
            if moving:
                student = m[b.student + pair]
                for held in range(m[b.options + student], m[b.options + student + 1]):
                    if m[b.has + held] and may_leave(m, b, held, slot) and _shut_out(m, b, held, pair):
                        flip(m, b, held)
            flip(m, b, pair)
            if not _in_limits(m, b, pair):
                undo(m, b, begin)


@compiled
def _in_limits(m, b, pair):  # type: ignore[no-untyped-def]
    """Whether a pair that is taken breaks no limit and is of its slot's school."""
    for place in range(m[b.limits + pair], m[b.limits + pair + 1]):
        if m[b.total + m[b.limit + place]] > m[b.high + m[b.limit + place]]:
            return False
    return not (m[b.single + m[b.slot + pair]] and another_school(m, b, pair) >= 0)


@compiled
def _seat_again(m, b, who):  # type: ignore[no-untyped-def]
    """Seat those elsewhere who lost a placement."""
    left = SEATED_AGAIN
    for at in range(m[b.size]):
        lost = m[b.log + at]
        student = m[b.student + lost]
        if m[b.has + lost] or student == who or not m[b.held + lost] or left == 0:
            continue
        left -= 1
        first, last = m[b.options + student], m[b.options + student + 1]
        if m[b.mate + lost] == ALONE:
            chain(m, b, who, first, last)
            continue
        for pair in range(first, last):
            mate = m[b.mate + pair]
            if mate >= 0 and not m[b.has + pair] and fits(m, b, pair, -1, -1):
                begin = m[b.size]
                flip(m, b, pair)
                flip(m, b, mate)
                if _in_limits(m, b, pair) and _in_limits(m, b, mate):
                    break
                undo(m, b, begin)


@compiled
def _count(m, b, who, found):  # type: ignore[no-untyped-def]
    """Write down what the steps come to (see Room)."""
    for at in range(m[b.size]):
        pair = m[b.log + at]
        if m[b.has + pair] == m[b.held + pair] or again(m, b, at):
            continue
        step = 1 if m[b.has + pair] else -1
        m[b.change + m[b.student + pair]] += step
        found[2] += step
        if step < 0 and m[b.student + pair] == who:
            found[5] += 1
        elif step < 0:
            found[4] += 1
    for at in range(m[b.size]):
        student = m[b.student + m[b.log + at]]
        if m[b.change + student] == 0:
            continue
        before = 0
        for pair in range(m[b.options + student], m[b.options + student + 1]):
            before += m[b.held + pair]
        after = before + m[b.change + student]
        found[1] += (after > 0) - 1 * (before > 0)
        found[3] += student != who and after < before
        m[b.change + student] = 0
