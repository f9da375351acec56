"""The levels of an objective: what each pair counts in them, and what an allocation comes to."""

from dataclasses import dataclass

import numpy as np

from hub_allocation.eligibility import Pairs, rules
from hub_allocation.instance import Flags, Instance, Longs

LOTTERY = "lottery"
"""The last level of every objective but ``stable``: the least sum of draws."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the objective: what was reached and what was proven possible."""

    name: str
    value: int
    bound: int


@dataclass(frozen=True, slots=True)
class Measure:
    """One level: the sum of what the placements count, or the number of students with a placement."""

    name: str
    maximise: bool
    weight: Longs | None
    """What each pair counts (P); None: each student with at least one placement counts once."""

    def loss(self, pairs: Pairs) -> Longs:
        """What each pair adds to what is to be small (P); a student's every placement counts in ``students``."""
        weight = np.ones(len(pairs), dtype=np.int64) if self.weight is None else self.weight
        return -weight if self.maximise else weight

    def of(self, pairs: Pairs, chosen: Longs) -> int:
        """What these placements come to."""
        if self.weight is None:
            return len(np.unique(pairs.student[chosen]))
        return int(self.weight[chosen].sum())


def rank_costs(instance: Instance, pairs: Pairs) -> Longs:
    """The rank cost of each pair: by its rank, 1 more for a past sector when variety is preferred, 0 for a pin."""
    cost = instance.policy.cost_of(pairs.rank)
    if instance.policy.variety == "prefer" and len(pairs):
        cost = cost + rules.in_past_sector(instance, pairs.student, pairs.slot)
    return np.where(pairs.pinned, 0, cost)


def measures(instance: Instance, pairs: Pairs, *, standing: Flags | None = None) -> tuple[Measure, ...]:
    """Every level of the policy's objective in order but the lottery.

    Args:
        instance: the round.
        pairs: its P pairs.
        standing: which pairs are placements of the allocation that stands (P); adds the level ``moves``.
    """
    minutes = Measure("minutes", False, np.maximum(pairs.minutes, 0).astype(np.int64))
    priority = Measure("priority", True, instance.students.priority[pairs.student])
    moves = () if standing is None else (Measure("moves", False, (~standing).astype(np.int64)),)
    if instance.policy.objective == "rank_maximal":
        last = int(pairs.rank[pairs.feasible].max(initial=0))
        ranks = (Measure(f"rank_{rank}", True, (pairs.rank == rank).astype(np.int64)) for rank in range(1, last + 1))
        return (*ranks, *moves, priority, minutes)
    students = Measure("students", True, None)
    placements = Measure("placements", True, np.ones(len(pairs), dtype=np.int64))
    cost = Measure("rank_cost", False, rank_costs(instance, pairs))
    return (students, placements, priority, cost, *moves, minutes)


def level_values(
    instance: Instance, pairs: Pairs, chosen: Longs, *, drawn: int, standing: Flags | None = None
) -> tuple[Level, ...]:
    """The levels of these placements, taken as proven; ``drawn`` is the sum of their draws."""
    found = [(one.name, one.of(pairs, chosen)) for one in measures(instance, pairs, standing=standing)]
    return tuple(Level(name, value, value) for name, value in [*found, (LOTTERY, drawn)])
