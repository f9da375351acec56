"""The objective ``stable``: the student-optimal stable matching.

No student and slot are left who would both rather have each other, and no stable matching gives any student a better
slot. Students prefer by rank, equal ranks by draw; slots prefer the higher priority, then fewer minutes, then the
smaller draw. It knows feasible pairs and capacity: `refusals` names every other rule.
"""

from dataclasses import dataclass

import numpy as np

from hub_allocation.eligibility import Pairs
from hub_allocation.errors import InputError, TooLarge
from hub_allocation.instance import NONE, Flags, Instance, Ints, Longs
from hub_allocation.levels import Level, rank_costs
from hub_allocation.lottery import pair_draws

DRAW_BITS = 32
LARGEST_KEY = 1 << 62


@dataclass(frozen=True, slots=True)
class Lists:
    """Who prefers what: O options, by student and in each student's order."""

    start: Longs
    """Where each student's options begin (M + 1, M all students of the round)."""
    pair: Longs
    """Index into the pairs, for each option."""
    slot: Ints
    key: Longs
    """How the slot sees the option: the smaller the better, equal ones in order of the options."""


def refusals(instance: Instance) -> list[InputError]:
    """Name every rule of the round that a stable matching does not know, in the order of the files."""
    policy, students, slots = instance.policy, instance.students, instance.slots
    errors = []

    def refuse(file: str, rows: Longs, column: str, said: str) -> None:
        if len(rows):
            more = f" ({len(rows)} rows ask for it)" if len(rows) > 1 else ""
            what = f"the objective stable knows no {said}{more}"
            errors.append(InputError(file, int(rows.min()), column, what, _mend(column)))

    if policy.places_per_student > 1:
        refuse("policy.toml", np.zeros(1, dtype=np.int64), "places_per_student", "several places for a student")
    if policy.variety == "prefer":
        refuse("policy.toml", np.zeros(1, dtype=np.int64), "variety", "preferred variety")
    refuse("students.csv", students.rows[students.companion != NONE], "companion_id", "companions")
    refuse("students.csv", students.rows[students.pinned != NONE], "pinned_slot_id", "pins")
    refuse("slots.csv", slots.rows[slots.min_group > 0], "min_group", "minimum group")
    refuse("slots.csv", slots.rows[slots.max_per_school != NONE], "max_per_school", "limit for each school")
    refuse("slots.csv", slots.rows[slots.single_school], "single_school", "single-school slot")
    refuse("slots.csv", slots.rows[slots.reserved > 0], "reserved", "reserved seats")
    errors += _cap_errors("employers.csv", "max_at_once", slots.employer.values, instance.employer_caps)
    errors += _cap_errors("schools.csv", "max_out_at_once", students.school.values, instance.school_caps)
    return errors


def _mend(column: str) -> str:
    suited = {"places_per_student": "use places_per_student = 1", "variety": 'use variety = "off" or "require"'}
    return suited.get(column, f"leave {column} blank") + ', or use objective = "balanced"'


def _cap_errors(file: str, column: str, names: list[str], caps: Longs) -> list[InputError]:
    capped = np.flatnonzero(caps != NONE)
    if not len(capped):
        return []
    more = f" and {len(capped) - 1} more" if len(capped) > 1 else ""
    what = f"the objective stable knows no limit for a day, {names[capped[0]]} has one{more}"
    return [InputError(file, 0, column, what, _mend(column))]


def stable_matching(instance: Instance, pairs: Pairs) -> Longs:
    """Find the student-optimal stable matching.

    Args:
        instance: the round, with nothing in it that `refusals` names.
        pairs: its P pairs.

    Returns:
        The chosen pairs, rising.

    Raises:
        TooLarge: priorities and minutes don't fit one number.
    """
    return match(preference_lists(instance, pairs), instance.slots.capacity)


def match(lists: Lists, capacity: Longs) -> Longs:
    """Run deferred acceptance over prepared lists; the chosen pairs, rising."""
    from hub_allocation.objectives.deferred_acceptance import Asked, empty_seats, hold_best  # loads numba

    seats = empty_seats(np.minimum(capacity, np.bincount(lists.slot, minlength=len(capacity))))
    owner = np.repeat(np.arange(len(lists.start) - 1, dtype=np.int32), np.diff(lists.start))
    hold_best(Asked(lists.start, owner, lists.slot, lists.key), seats)
    return np.sort(lists.pair[seats.option[seats.option >= 0]])


def preference_lists(instance: Instance, pairs: Pairs) -> Lists:
    """Put each student's feasible pairs in order and give each the key its slot compares by.

    Draws are looked up only where something is equal: ranks of one student, or priority and minutes at a slot that
    more students want than it has seats.
    """
    at = np.flatnonzero(pairs.feasible)
    student, slot = pairs.student[at], pairs.slot[at]
    longest = int(pairs.minutes[at].max(initial=0)) + 1
    priority = instance.students.priority
    highest = int(priority.max(initial=0))
    if (highest + 1) * longest << DRAW_BITS >= LARGEST_KEY:
        raise TooLarge(f"priorities up to {highest} and journeys of {longest - 1} minutes don't fit one key")
    key = (highest - priority[student]) * longest + pairs.minutes[at]
    ranks_tie = _same_as_neighbour(student, pairs.rank[at])
    tied = ranks_tie | _ties_at_slots(slot, key, capacity=instance.slots.capacity)
    draw = _draws(instance, pairs, at, tied)
    order = np.arange(len(at))
    again = np.flatnonzero(ranks_tie)
    order[again] = again[np.lexsort((draw[again], pairs.rank[at[again]], student[again]))]
    start = np.searchsorted(student, np.arange(len(instance.students) + 1)).astype(np.int64)
    return Lists(start, at[order], slot[order], ((key << DRAW_BITS) + draw)[order])


def _same_as_neighbour(student: Ints, rank: Ints) -> Flags:
    """Whether an option shares its student and rank with the one before or after it."""
    same = (student[1:] == student[:-1]) & (rank[1:] == rank[:-1])
    return np.asarray(np.append(same, False) | np.append(False, same))[: len(student)]


def _ties_at_slots(slot: Ints, key: Longs, *, capacity: Longs) -> Flags:
    """Whether a slot with more applicants than seats sees another option as equal."""
    tied = np.zeros(len(slot), dtype=bool)
    crowded = np.flatnonzero(np.bincount(slot, minlength=len(capacity))[slot] > capacity[slot])
    whole = slot[crowded].astype(np.int64) * (int(key.max(initial=0)) + 1) + key[crowded]
    order = np.argsort(whole)
    same = np.diff(whole[order]) == 0
    tied[crowded[order[1:][same]]] = True
    tied[crowded[order[:-1][same]]] = True
    return tied


def _draws(instance: Instance, pairs: Pairs, at: Longs, wanted: Flags) -> Longs:
    """The draws of the options that are wanted; 0 for the others."""
    found = np.zeros(len(at), dtype=np.int64)
    found[wanted] = pair_draws(instance, pairs, at[wanted])
    return found


def stable_levels(instance: Instance, pairs: Pairs, chosen: Longs) -> tuple[Level, ...]:
    """What a stable matching comes to, in the figures of ``balanced``: facts, not optima, so each is its own bound."""
    priority = instance.students.priority[pairs.student[chosen]]
    values = {
        "students": len(np.unique(pairs.student[chosen])),
        "placements": len(chosen),
        "priority": int(priority.sum()),
        "rank_cost": int(rank_costs(instance, pairs)[chosen].sum()),
        "minutes": int(pairs.minutes[chosen].sum(dtype=np.int64)),
    }
    return tuple(Level(name, value, value) for name, value in values.items())
