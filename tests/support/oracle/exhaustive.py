"""Every allocation of a small round tried, the best kept."""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.oracle.problem import Key, Problem
from tests.support.oracle.rules import Levels, better_key, faults, level_values

Places = tuple[Key, ...]


@dataclass(frozen=True)
class Best:
    levels: Levels
    placements: frozenset[Key]
    ties: int
    """How many allocations reach these levels."""


def best(problem: Problem) -> Best | None:
    """The best allocation; None when the pins and the rules allow none."""
    found: Best | None = None
    for placed in allocations(problem):
        levels = level_values(problem, placed)
        if found is not None and better_key(levels) > better_key(found.levels):
            continue
        if faults(problem, placed):
            continue
        again = found is not None and levels == found.levels
        found = Best(levels, frozenset(placed), found.ties + 1 if again and found else 1)
    return found


def allocations(problem: Problem) -> Iterator[Places]:
    """Every choice of places for each student that keeps to seats and pins; the other rules are still to be asked."""
    if any(key not in problem.pairs for key in problem.forced):
        return
    ways = [_ways(problem, who) for who in sorted(problem.students)]
    yield from _from(problem, ways, (), Counter())


def _from(problem: Problem, ways: list[list[Places]], so_far: Places, taken: Counter[str]) -> Iterator[Places]:
    if not ways:
        yield so_far
        return
    for way in ways[0]:
        slots = [what for _, what in way]
        if all(taken[what] < problem.slots[what].capacity for what in slots):
            taken.update(slots)
            yield from _from(problem, ways[1:], so_far + way, taken)
            taken.subtract(slots)


def _ways(problem: Problem, who: str) -> list[Places]:
    """Every set of places one student may hold."""
    mine = [key for key in problem.pairs if key[0] == who]
    fixed = {key for key in problem.forced if key[0] == who}
    most = problem.policy["places_per_student"]
    return [
        way for size in range(most + 1) for way in itertools.combinations(mine, size)
        if fixed <= set(way) and _apart(problem, way)
    ]  # fmt: skip


def _apart(problem: Problem, way: Places) -> bool:
    days = [day for _, what in way for day in problem.slots[what].days]
    return len(set(days)) == len(days)
