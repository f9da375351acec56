"""What a placement counts in each level of an objective."""

from dataclasses import dataclass

import numpy as np

from hub_allocation.eligibility import Pairs, rules
from hub_allocation.instance import Instance, Longs

LEVELS = ("students", "placements", "priority", "rank_cost", "minutes", "lottery")
"""The levels of ``balanced``, in order; the first three are to be large, the others small."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the objective: what was reached and what was proven possible."""

    name: str
    value: int
    bound: int


def rank_costs(instance: Instance, pairs: Pairs) -> Longs:
    """The rank cost of each pair: by its rank, 1 more for a past sector when variety is preferred, 0 for a pin."""
    cost = instance.policy.cost_of(pairs.rank)
    if instance.policy.variety == "prefer" and len(pairs):
        cost = cost + rules.in_past_sector(instance, pairs.student, pairs.slot)
    return np.where(pairs.pinned, 0, cost)


def level_values(instance: Instance, pairs: Pairs, chosen: Longs, *, drawn: int) -> tuple[Level, ...]:
    """The levels of ``balanced`` for these placements, taken as proven; ``drawn`` is the sum of their draws."""
    students = pairs.student[chosen]
    values = (
        len(np.unique(students)),
        len(chosen),
        int(instance.students.priority[students].sum()),
        int(rank_costs(instance, pairs)[chosen].sum()),
        int(pairs.minutes[chosen].sum(dtype=np.int64)),
        drawn,
    )
    return tuple(Level(name, value, value) for name, value in zip(LEVELS, values, strict=True))
