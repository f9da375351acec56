"""Levels packed into few 64-bit words that compare, add and subtract as the levels do one after the other."""

from collections.abc import Sequence

import numpy as np

from hub_allocation.errors import TooLarge
from hub_allocation.instance import Longs

ROOM = 1 << 62


def packed(levels: Longs, largest: Sequence[int]) -> Longs:
    """Pack vectors of levels.

    Args:
        levels: A rows of K levels, compared from the first on.
        largest: for each level, a bound on the absolute value of any sum that will be compared.

    Returns:
        A rows of words, each word holding as many levels as fit: a level is multiplied by more than twice what all
        later levels of its word can come to, so that no sum of theirs reaches it.

    Raises:
        TooLarge: one level alone leaves 62 bits.
    """
    words: list[Longs] = []
    width = ROOM
    for level, most in enumerate(largest):
        radix = 2 * int(most) + 1
        if radix >= ROOM:
            raise TooLarge("sums of a level leave 62 bits")
        if not words or width * radix >= ROOM:
            words.append(np.zeros(len(levels), dtype=np.int64))
            width = 1
        words[-1] = words[-1] * radix + levels[:, level]
        width *= radix
    return np.stack(words, axis=1) if words else np.zeros((len(levels), 0), dtype=np.int64)
