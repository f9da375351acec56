"""Which pairs an explanation speaks of: the slots a student would rather have than what they got."""

import numpy as np

from hub_allocation.eligibility import Pairs
from hub_allocation.instance import Flags, Instance, Longs


def better_ranked(instance: Instance, pairs: Pairs, chosen: Longs) -> Flags:
    """Which of the P pairs are no placement though they are ranked above the student's worst one.

    Where the student has fewer placements than the policy allows, or an unranked pin, every other slot counts.
    """
    count = np.bincount(pairs.student[chosen], minlength=len(instance.students))
    worst = np.zeros(len(instance.students), dtype=np.int64)
    np.maximum.at(worst, pairs.student[chosen], pairs.rank[chosen])
    unranked = np.zeros(len(instance.students), dtype=bool)
    unranked[pairs.student[chosen[pairs.rank[chosen] == 0]]] = True
    any_other = unranked | (count < instance.policy.places_per_student)
    better = any_other[pairs.student] | (pairs.rank < worst[pairs.student])
    better[chosen] = False
    return np.asarray(better)
