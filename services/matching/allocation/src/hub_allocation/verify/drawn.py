"""The draws of pairs, each computed once: hashing is a good part of what verifying takes."""

import numpy as np

from hub_allocation.eligibility import Pairs
from hub_allocation.instance import Instance, Longs
from hub_allocation.lottery import pair_draws


class Drawn:
    """Looks up draws of a round's pairs, and computes those not asked for before."""

    def __init__(self, instance: Instance, pairs: Pairs) -> None:
        self._instance, self._pairs = instance, pairs
        self._known = np.full(len(pairs), -1, dtype=np.int64)

    def of(self, at: Longs) -> Longs:
        """The draw of each of these pairs, in an array of its own."""
        new = at[self._known[at] < 0]
        self._known[new] = pair_draws(self._instance, self._pairs, new)
        return self._known[at]
