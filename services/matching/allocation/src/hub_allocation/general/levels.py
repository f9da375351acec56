"""Levels laid together in one whole number, where that provably fits, and taken apart again."""

from dataclasses import dataclass

import numpy as np

from hub_allocation.errors import TooLarge
from hub_allocation.general.part import Aim, Part
from hub_allocation.instance import Longs

LARGEST = 1 << 62
COMFORTABLE = 1 << 36
"""Larger sums are exact too, but CP-SAT's linear relaxation loses its grip on them."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Consecutive levels as one sum to be minimised: of weights of pairs (V), and one for each student placed (M)."""

    aims: tuple[Aim, ...]
    unit: tuple[int, ...]
    """How much a step of each level counts; a step outweighs everything that comes after it."""
    pair: Longs
    placed: int
    """What each student placed at all counts (0 or less)."""
    most: tuple[int, ...]
    """What each level comes to at most."""

    def value(self, values: tuple[int, ...]) -> int:
        """The sum for the values of these levels."""
        signed = (-value if aim.maximise else value for aim, value in zip(self.aims, values, strict=True))
        return sum(unit * value for unit, value in zip(self.unit, signed, strict=True))

    def bounds(self, least: int, values: tuple[int, ...]) -> tuple[int, ...]:
        """The bound of each level up to the first that is not its value, from a lower bound of the sum.

        Each holds for the allocations that have the values reached in the levels before.
        """
        found: list[int] = []
        room = [
            0 if aim.maximise else unit * most for aim, unit, most in zip(self.aims, self.unit, self.most, strict=True)
        ]
        for place, (aim, value) in enumerate(zip(self.aims, values, strict=True)):
            step = -((sum(room[place + 1 :]) - least) // self.unit[place])
            bound = max(value, min(-step, self.most[place])) if aim.maximise else min(value, max(step, 0))
            found.append(bound)
            if bound != value:
                break
            least -= self.unit[place] * (-value if aim.maximise else value)
        return tuple(found)


def folds(part: Part, *, first: int = 0, room: int = COMFORTABLE) -> list[Fold]:
    """Lay the levels of a component from ``first`` on together, as many in each sum as stay below ``room``.

    Raises:
        TooLarge: one level alone leaves 62 bits.
    """
    most = [part.most(aim) for aim in part.aims]
    made: list[list[int]] = []
    for place, largest in list(enumerate(most))[first:]:
        if largest >= LARGEST:
            raise TooLarge(f"the level {part.aims[place].name} of a component can come to {largest}")
        if made and _size([most[at] for at in [*made[-1], place]]) < room:
            made[-1].append(place)
        else:
            made.append([place])
    return [_fold(part, places, most) for places in made]


def _size(most: list[int]) -> int:
    total = 1
    for largest in most:
        total *= largest + 1
    return total


def _fold(part: Part, places: list[int], most: list[int]) -> Fold:
    units = [1]
    for place in reversed(places[1:]):
        units.insert(0, units[0] * (most[place] + 1))
    pair, placed = np.zeros(len(part), dtype=np.int64), 0
    for place, unit in zip(places, units, strict=True):
        aim = part.aims[place]
        signed = -unit if aim.maximise else unit
        if aim.once:
            placed += signed
        else:
            pair += signed * aim.weight
    aims, largest = tuple(part.aims[place] for place in places), tuple(most[place] for place in places)
    return Fold(aims, tuple(units), pair, placed, largest)
