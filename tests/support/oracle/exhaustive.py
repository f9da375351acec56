"""Every allocation of a small round tried, the best kept."""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.oracle.problem import Key, Problem
from tests.support.oracle.rules import Levels, better_key, faults, level_values

Places = tuple[Key, ...]
Vector = tuple[int, ...]


@dataclass(frozen=True)
class Best:
    levels: Levels
    placements: frozenset[Key]
    ties: int
    """How many allocations reach these levels."""


def best(problem: Problem) -> Best | None:
    """The best allocation; None when the pins and the rules allow none.

    Every level is a sum over students, so an allocation's levels are summed up on the way to it, and the rules are
    asked only of one that would be the best so far.
    """
    found: tuple[Vector, Places, int] | None = None
    for counts, placed in _counted(problem):
        if found is not None and counts > found[0]:
            continue
        if faults(problem, placed):
            continue
        found = (counts, placed, found[2] + 1 if found is not None and counts == found[0] else 1)
    return None if found is None else Best(level_values(problem, found[1]), frozenset(found[1]), found[2])


def allocations(problem: Problem) -> Iterator[Places]:
    """Every choice of places for each student that keeps to seats and pins; the other rules are still to be asked."""
    for _, placed in _counted(problem):
        yield placed


def _counted(problem: Problem) -> Iterator[tuple[Vector, Places]]:
    if any(key not in problem.pairs for key in problem.forced):
        return
    ways = [
        [(better_key(level_values(problem, way)), way) for way in _ways(problem, who)]
        for who in sorted(problem.students)
    ]  # fmt: skip
    nothing = better_key(level_values(problem, ()))
    yield from _from(problem, ways, (nothing, ()), Counter())


def _from(
    problem: Problem, ways: list[list[tuple[Vector, Places]]], so_far: tuple[Vector, Places], taken: Counter[str]
) -> Iterator[tuple[Vector, Places]]:
    if not ways:
        yield so_far
        return
    for counts, way in ways[0]:
        slots = [what for _, what in way]
        if all(taken[what] < problem.slots[what].capacity for what in slots):
            taken.update(slots)
            total = tuple(map(int.__add__, so_far[0], counts))
            yield from _from(problem, ways[1:], (total, so_far[1] + way), taken)
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
