"""One whole number for each pair in which the levels weigh as on a path through the network: close to their order."""

import numpy as np

from hub_allocation.general.part import Aim, Part
from hub_allocation.instance import Longs

ROOM = 1 << 52
"""The largest number of a pair: a path adds up a few hundred of them."""


def compact_costs(part: Part, aims: tuple[Aim, ...], *, steps: int, room: int = ROOM) -> tuple[Longs, list[int]]:
    """The cost of each pair (V), of either sign, and what a step of each level counts; staying unplaced costs nothing.

    Args:
        part: the component, one place each.
        aims: the levels that count, in order.
        steps: how many pairs a path has at most. A step of a level outweighs all that a path can change in the
            levels after it; where that leaves no room, only so many steps as fit.
        room: the largest number of a pair that there is room for; with a step of one each it may still be passed.
    """
    reach = [_reach(part, aim) for aim in aims]
    while True:
        units = [1]
        for constant, largest in reversed(reach[1:]):
            units.insert(0, units[0] * (2 * largest * (1 if constant else steps) + 1))
        if steps <= 1 or units[0] * max(1, reach[0][1]) * len(aims) <= room:
            break
        steps //= 2
    cost = np.zeros(len(part), dtype=np.int64)
    for aim, unit in zip(aims, units, strict=True):
        cost += (-unit if aim.maximise else unit) * aim.weight
    return cost, units


def _reach(part: Part, aim: Aim) -> tuple[bool, int]:
    """Whether all pairs of a student count the same, so that only a path's ends matter; and the largest."""
    first = np.unique(part.student, return_index=True)[1]
    return bool((aim.weight == aim.weight[first][part.student]).all()), int(aim.weight.max(initial=0))
