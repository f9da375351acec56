"""An allocation under any rules, laid out so that one change after the other can be tried and taken back.

Only pairs outside network components are in it. What counts up to a limit is a row; minimum groups, single-school
slots and companions are looked up by themselves. All of it lies in one array: to hand thirty to every small loop takes
longer than what the loops do.
"""

from typing import NamedTuple

import numpy as np

from hub_allocation.components.prepared import Prepared
from hub_allocation.instance import NONE, Flags, Ints, Longs

STEPS, ALL_STEPS = 128, 1_000_000
"""So many slots are reached at most in a search for a chain of moves, and about so many in all searches together."""
LOG = 30_000
"""So many steps there are room for beside a few for each pair: those of all chains that seat somebody again."""
CANT = -2
"""In place of the companion's pair: the companion can't have the slot, or the slot's group can't come about."""


class Board(NamedTuple):
    """Where in the memory what begins, of V pairs, M students, L slots and R limits."""

    student: int
    slot: int
    school: int
    """The school of each pair's student."""
    mate: int
    """The companion's pair at the same slot; NONE: no companion; CANT."""
    fixed: int
    """Taken in any case: pins, and what stays in a frozen change run."""
    held: int
    """The placements as they are."""
    options: int
    """Student m has the pairs ``options[m]`` to ``options[m + 1]``."""
    takers: int
    """Slot l has the pairs ``taker[takers[l] : takers[l + 1]]``."""
    taker: int
    limits: int
    """Pair v counts up to ``limit[limits[v] : limits[v + 1]]``."""
    limit: int
    holders: int
    """Of the placements as they are, ``holder[holders[r] : holders[r + 1]]`` count up to limit r."""
    holder: int
    high: int
    """Of each limit."""
    least: int
    """The fewest with which each slot runs; 0, 1: any."""
    single: int
    """Whether all of a slot's students come from one school."""
    has: int
    """From here on what is being tried: the pairs taken."""
    total: int
    """Of each limit."""
    here: int
    """Students at each slot."""
    change: int
    """How many more places each student has; 0 between uses."""
    log: int
    """The pairs taken or given up so far, in order; a pair may come twice."""
    size: int
    """How many are in the log."""
    found: int
    """Room for a list of pairs."""
    seen: int
    """The last search in which each slot was seen."""
    turn: int
    """The number of the last search."""
    queue: int
    """Three for each step of a search: the pair somebody takes, the pair they leave, the step before; NONE."""
    steps: int
    """No place: how many steps a search has at most."""


def lay_out(prepared: Prepared, chosen: Longs, *, searches: int) -> tuple[Longs, Longs, Board]:
    """Lay out the parts of a round that are no network: where their pairs are among the round's, memory and board.

    Args:
        prepared: the round.
        chosen: the placements.
        searches: how many there will be, about: the more, the shorter each.
    """
    from hub_allocation.general.part import make_part
    from hub_allocation.general.rules import counted_limits, make_rules  # loads the solver

    instance, pairs = prepared.instance, prepared.pairs
    part = make_part(instance, pairs, np.concatenate(prepared.split.parts), standing=None)
    own, slots, count = part.pairs, part.slots, len(part)
    fixed = own.pinned if prepared.fixed is None else own.pinned | prepared.fixed[part.at]
    held = np.isin(part.at, chosen)
    rows = counted_limits(part)
    by_pair, by_slot = np.argsort(rows.decision, kind="stable"), np.argsort(part.slot, kind="stable")
    owner, taken = rows.owner(), held[rows.decision]
    companion = instance.students.companion[part.students]
    never = make_rules(part, forced=fixed).never
    arrays: dict[str, Longs | Ints | Flags] = {
        "student": part.student, "slot": part.slot, "school": instance.students.school.codes[own.student],
        "mate": _mates(part.student, part.slot, companion, part.students, never=never),
        "fixed": fixed, "held": held, "options": _starts(part.student, len(part.students)),
        "takers": _starts(part.slot[by_slot], len(slots)), "taker": by_slot,
        "limits": _starts(rows.decision[by_pair], count), "limit": owner[by_pair],
        "holders": _starts(owner[taken], len(rows)), "holder": rows.decision[taken], "high": rows.high,
        "least": instance.slots.min_group[slots], "single": instance.slots.single_school[slots],
        "has": held, "total": np.bincount(owner[taken], minlength=len(rows)),
        "here": np.bincount(part.slot[held], minlength=len(slots)), "change": _room(len(part.students)),
        "log": _room(8 * count + LOG), "size": _room(1), "found": _room(count), "seen": _room(len(slots)),
        "turn": _room(1), "queue": _room(3 * STEPS),
    }  # fmt: skip
    begins = np.cumsum([0, *map(len, arrays.values())]).tolist()
    memory = np.concatenate([array.astype(np.int64) for array in arrays.values()])
    steps = min(STEPS, 1 + ALL_STEPS // max(1, searches))
    return part.at, memory, Board(**dict(zip(arrays, begins, strict=False)), steps=steps)


def _starts(ordered: Longs, count: int) -> Longs:
    """Where each of so many begins in a list ordered by it, and the end."""
    return np.searchsorted(ordered, np.arange(count + 1))


def _room(size: int) -> Longs:
    return np.zeros(size, dtype=np.int64)


def _mates(student: Longs, slot: Longs, companion: Ints, students: Longs, *, never: Flags) -> Longs:
    """The companion's pair of each pair."""
    number = np.searchsorted(students, np.maximum(companion, 0))
    other = np.where(companion == NONE, NONE, number)[student]
    width = int(slot.max(initial=0)) + 1
    key, wanted = student * width + slot, other * width + slot
    order = np.argsort(key)
    place = order[np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)]
    there = (other != NONE) & (key[place] == wanted)
    return np.where(never | ((other != NONE) & ~there), CANT, np.where(there, place, NONE)).astype(np.int64)
