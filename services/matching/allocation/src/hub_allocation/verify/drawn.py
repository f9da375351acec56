"""The draws of pairs, each computed once: hashing is a good part of what verifying takes."""

import numpy as np

from hub_allocation.eligibility import Pairs
from hub_allocation.instance import Instance, Longs
from hub_allocation.lottery import draws


class Drawn:
    """Looks up draws of a round's pairs, and computes those not asked for before."""

    def __init__(self, instance: Instance, pairs: Pairs) -> None:
        self._instance, self._pairs = instance, pairs
        self._known = np.full(len(pairs), -1, dtype=np.int64)

    def of(self, at: Longs) -> Longs:
        """The draw of each of these pairs, in an array of its own."""
        new = at[self._known[at] < 0]
        students, slots = self._instance.students.ids, self._instance.slots.ids
        who, what = self._pairs.student[new].tolist(), self._pairs.slot[new].tolist()
        ids = [(students[one], slots[other]) for one, other in zip(who, what, strict=True)]
        self._known[new] = draws(self._instance.policy.lottery_seed, ids)
        return self._known[at]
