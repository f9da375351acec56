"""The levels of ``balanced`` as three keys, with ``moves`` among them: what each placement costs seen from what stands.

First key: staying unplaced and rank cost. Second: moves and minutes. Third: draws. A step of the earlier level in a key
outweighs whatever a way through the whole network can add up to in the later one.
"""

from dataclasses import dataclass

import numpy as np

from hub_allocation.errors import TooLarge
from hub_allocation.flow.network import Market
from hub_allocation.instance import Instance, Ints, Longs
from hub_allocation.lottery import draws

LONGEST_MINUTES = 100_000
LAST_RANK = 100
"""Rank costs up to that of this rank fit, also for students who come later."""
LARGEST = 1 << 58


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of M students and O options."""

    option: Longs
    """O x 3."""
    stay: Longs
    """The first key of staying unplaced (M)."""
    unit: int
    """What staying unplaced costs for each step of priority + 1."""
    move: int
    """What a move costs in the second key, beside the minutes."""
    dearest: int
    """The largest rank cost that fits."""


def standing_keys(instance: Instance, market: Market, ids: list[tuple[str, str]], taken: Ints) -> Keys:
    """Lay out the keys.

    Args:
        instance: for the policy.
        market: M students, O options.
        ids: (student_id, slot_id) of each option.
        taken: the option each student has; -1: unplaced. Any other is a move.

    Raises:
        TooLarge: the rank costs don't fit exact arithmetic.
    """
    ranks = np.arange(1, LAST_RANK + 1, dtype=np.int32)
    dearest = max(int(market.rank_cost.max(initial=0)), int(instance.policy.cost_of(ranks).max()) + 1)
    length = 4 * (len(market.nodes) + 2)
    unit, move = length * (dearest + 1), length * LONGEST_MINUTES
    if (1000 + 2) * unit >= LARGEST or length * move >= LARGEST:
        raise TooLarge(f"rank costs of up to {dearest} leave no room for exact changes; use smaller ones")
    option = np.empty((len(market.node), 3), dtype=np.int64)
    option[:, 0] = market.rank_cost
    option[:, 1] = market.minutes.astype(np.int64) + move
    option[taken[taken >= 0], 1] -= move
    option[:, 2] = draws(instance.policy.lottery_seed, ids)
    return Keys(option, (market.priority.astype(np.int64) + 1) * unit, unit, move, dearest)
