"""Repeatable draws: named streams of uniform numbers, turned into choices with exactly rounded arithmetic only.

numpy promises the raw stream of PCG64 and the uniform doubles made of it, but neither the algorithms behind
``choice`` or ``shuffle`` nor the last bit of ``log`` and ``exp`` on different processors. So everything here is built
from ``random()``, additions, divisions and comparisons: the same bytes on every machine.
"""

from bisect import bisect_right
from collections.abc import Sequence
from hashlib import sha256
from itertools import accumulate
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
T = TypeVar("T")

_AHEAD = 16


class Draws:
    """One stream; its name decides it, so adding a stream elsewhere never moves this one."""

    def __init__(self, seed: int, *name: str) -> None:
        digest = sha256("/".join((str(seed), *name)).encode()).digest()
        self._generator = np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))
        self._ahead: list[float] = []  # drawn already, the next one last: single draws from numpy are slow

    def units(self, count: int) -> FloatArray:
        """Draw uniform numbers in [0, 1)."""
        taken = [self._ahead.pop() for _ in range(min(count, len(self._ahead)))]
        return np.concatenate((np.array(taken), self._generator.random(count - len(taken))))

    def unit(self) -> float:
        """Draw one uniform number in [0, 1)."""
        if not self._ahead:
            self._ahead = self._generator.random(_AHEAD)[::-1].tolist()
        return self._ahead.pop()

    def chance(self, share: float) -> bool:
        """Answer yes in this share (0 to 1) of cases."""
        return self.unit() < share

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number, both ends included."""
        return low + int(self.unit() * (high - low + 1))

    def one(self, items: Sequence[T]) -> T:
        """Draw one item, all equally likely."""
        return items[self.whole(0, len(items) - 1)]

    def within(self, edges: Sequence[float] | FloatArray) -> int:
        """Draw an index in proportion to weights whose running total is given."""
        return min(int(np.searchsorted(edges, self.unit() * edges[-1], side="right")), len(edges) - 1)

    def weighted(self, weights: FloatArray, count: int) -> list[int]:
        """Draw indices with replacement, in proportion to weights >= 0 with a positive sum."""
        edges = np.cumsum(weights)
        found = np.searchsorted(edges, self.units(count) * edges[-1], side="right")
        return [int(index) for index in np.minimum(found, len(edges) - 1)]

    def pick(self, weighted_items: Sequence[tuple[T, float]]) -> T:
        """Draw one item in proportion to its weight."""
        edges = list(accumulate(weight for _, weight in weighted_items))
        return weighted_items[min(bisect_right(edges, self.unit() * edges[-1]), len(edges) - 1)][0]

    def several(self, weights: FloatArray, count: int) -> list[int]:
        """Draw up to ``count`` different indices with positive weight, the most wanted first.

        Source:
            Order by weight * u / (1 - u): logistic noise on the log of the weight, a ranked discrete choice
            without a logarithm.
        """
        u = self.units(len(weights))
        keys = weights * u / (1.0 - u)
        wanted = min(count, len(keys))
        leaders = np.sort(np.argpartition(-keys, wanted - 1)[:wanted])
        order = leaders[np.argsort(-keys[leaders], kind="stable")]
        return [int(index) for index in order if keys[index] > 0.0]


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Split a total into whole parts in proportion to weights, by largest remainder (ties: the earlier part)."""
    scale = total / sum(weights)
    exact = [weight * scale for weight in weights]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts
