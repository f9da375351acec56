"""Students propose, slots hold the best who have asked so far: the loop behind ``stable``, compiled.

Source: Gale & Shapley (1962), "College admissions and the stability of marriage"; the order in which students propose
does not matter (McVitie & Wilson 1971), so each displaced student proposes again at once.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hub_allocation.compiled import compiled

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


class Asked(NamedTuple):
    """What students want: O options, by student and in each student's order."""

    start: Longs
    """Where each student's options begin (M + 1)."""
    owner: Ints
    """The student of each option."""
    slot: Ints
    key: Longs
    """How the slot sees the option: the smaller the better; equal ones in order of the options."""


class Seats(NamedTuple):
    """What slots hold: seat k of slot s is entry ``first[s] + k``; a slot's seats are a heap, the worst on top."""

    first: Longs
    """Where each slot's seats begin (S + 1)."""
    option: Ints
    """The option in each seat; -1: empty."""
    key: Longs
    used: Ints
    """Seats taken, for each slot."""


def empty_seats(capacity: Longs) -> Seats:
    """Seats for these capacities, nobody in them."""
    first = np.append(0, np.cumsum(capacity)).astype(np.int64)
    count = int(first[-1])
    return Seats(first, np.full(count, -1, np.int32), np.zeros(count, np.int64), np.zeros(len(capacity), np.int32))


@compiled
def hold_best(asked, seats):  # type: ignore[no-untyped-def]
    """Run deferred acceptance: fills the seats. Time O(O log C) with C the largest capacity."""
    start, slot, key, first, used = asked.start, asked.slot, asked.key, seats.first, seats.used
    asking = start[:-1].copy()
    for student in range(len(start) - 1):
        who = student
        while who >= 0:
            option = asking[who]
            if option == start[who + 1]:
                break
            asking[who] += 1
            where = slot[option]
            base = first[where]
            size = first[where + 1] - base
            if used[where] < size:
                _rise(seats, base, used[where], option, key[option])
                used[where] += 1
                break
            if size and _before(key[option], option, seats.key[base], seats.option[base]):
                who = asked.owner[seats.option[base]]
                _sink(seats, base, size, option, key[option])


@compiled
def _before(key, option, other_key, other):  # type: ignore[no-untyped-def]
    """Whether the slot prefers the one option to the other."""
    return key < other_key or (key == other_key and option < other)


@compiled
def _rise(seats, base, place, option, key):  # type: ignore[no-untyped-def]
    """Put an option into the heap at ``base`` that had ``place`` entries."""
    while place > 0:
        above = (place - 1) // 2
        if not _before(seats.key[base + above], seats.option[base + above], key, option):
            break
        seats.option[base + place], seats.key[base + place] = seats.option[base + above], seats.key[base + above]
        place = above
    seats.option[base + place], seats.key[base + place] = option, key


@compiled
def _sink(seats, base, size, option, key):  # type: ignore[no-untyped-def]
    """Put an option in the place of the heap's top."""
    place = 0
    while 2 * place + 1 < size:
        below = base + 2 * place + 1
        if below + 1 < base + size and _before(
            seats.key[below], seats.option[below], seats.key[below + 1], seats.option[below + 1]
        ):
            below += 1
        if not _before(key, option, seats.key[below], seats.option[below]):
            break
        seats.option[base + place], seats.key[base + place] = seats.option[below], seats.key[below]
        place = below - base
    seats.option[base + place], seats.key[base + place] = option, key
