"""What each option, and each place left unfilled, costs in each level: less is better, whatever the level's sense.

Levels are packed, several to a whole number (a key), so that comparing keys compares the levels in order. A key is
exact: no path through the network can make a later level outweigh an earlier one. Levels that do not fit the first key
make further keys, which are compared only among what is equal so far.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub_allocation.errors import TooLarge
from hub_allocation.flow.network import Market
from hub_allocation.instance import Longs

LARGEST_KEY = 1 << 61
STEPS = 8
"""How many steps of the next level one step of a level outweighs in the first flow, at most."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One level of an objective as a cost."""

    name: str
    option: NDArray[np.integer] | None
    """What each option costs (O), of either sign; None: nothing."""
    stay: Longs | None
    """What a student not placed here costs (M), never negative; None: nothing. Only one of the two is there."""


@dataclass(frozen=True, slots=True)
class Key:
    """Levels in one number: what each option (O) and each student who is not placed (M) costs."""

    option: Longs
    stay: Longs


@dataclass(frozen=True, slots=True)
class _Digit:
    """One or more levels that make one digit of a key, before it is weighed."""

    charge: Charge
    spread: int
    """How far apart two options of a student can be, or two stays."""


def exact_keys(market: Market, charges: Sequence[Charge]) -> list[Key]:
    """Pack the levels into as few exact keys as they need.

    Raises:
        TooLarge: one level alone leaves 61 bits on a path through all nodes.
    """
    # A path has an arc for each node at most, and as many label changes again between looks for cycles.
    length = 4 * (len(market.nodes) + 2)
    groups: list[list[tuple[_Digit, int]]] = [[]]
    span = 1
    for digit in _digits(market, charges):
        width = 2 * digit.spread + 2 if digit.charge.stay is not None else length * digit.spread + 2
        if width >= LARGEST_KEY:
            raise TooLarge(f"{digit.charge.name}: costs of up to {digit.spread} leave 61 bits; use smaller ones")
        if span * width >= LARGEST_KEY:
            groups.append([])
            span = 1
        groups[-1].append((digit, width))
        span *= width
    return [_packed(market, group) for group in groups]


def compact_key(market: Market, charges: Sequence[Charge], *, room: int) -> Key:
    """One number for each option and stay that comes close to the levels' order, for a first flow.

    A step of each level outweighs up to STEPS times what all later levels can differ by for one student; fewer steps
    where costs would exceed ``room``, and in the end fewer levels.
    """
    digits = _digits(market, charges)
    for count in range(len(digits), 0, -1):
        steps = STEPS
        while steps:
            units, below = [], 0
            for digit in reversed(digits[:count]):
                units.append(steps * below + 1)
                below += digit.spread * units[-1]
            if below <= room:
                return _weighed(market, list(zip(digits, reversed(units), strict=False)))
            steps //= 2
    return _weighed(market, [(digits[0], 1)] if digits and digits[0].spread <= room else [])


def _digits(market: Market, charges: Sequence[Charge]) -> list[_Digit]:
    """The levels that tell anything apart; neighbours that depend on the student alone make one digit."""
    digits: list[_Digit] = []
    stays: list[Charge] = []
    for charge in charges:
        if charge.stay is not None:
            stays.append(charge)
            continue
        digits += _stay_digit(stays)
        stays = []
        if charge.option is not None and len(charge.option):
            low, high = min(0, int(charge.option.min())), max(0, int(charge.option.max()))
            if high > low:
                digits.append(_Digit(charge, high - low))
    return digits + _stay_digit(stays)


def _stay_digit(stays: Sequence[Charge]) -> list[_Digit]:
    """The place of each student's stays among their distinct values, and zero.

    On any cycle one student at most drops out and one comes in, so the order of the stays is all that matters.
    """
    if not stays:
        return []
    place = np.zeros(0, dtype=np.int64)
    for charge in stays:
        values = np.append(0, charge.stay if charge.stay is not None else place[1:] * 0)
        if len(place):
            values = place * (int(values.max()) + 1) + values
        place = np.unique(values, return_inverse=True)[1].astype(np.int64)
    spread = int(place.max(initial=0))
    return [_Digit(Charge(stays[0].name, None, place[1:]), spread)] if spread else []


def _packed(market: Market, group: Sequence[tuple[_Digit, int]]) -> Key:
    units, unit = [], 1
    for _, width in reversed(group):
        units.append(unit)
        unit *= width
    return _weighed(market, [(digit, unit) for (digit, _), unit in zip(group, reversed(units), strict=True)])


def _weighed(market: Market, digits: Sequence[tuple[_Digit, int]]) -> Key:
    option = np.zeros(len(market.node), dtype=np.int64)
    stay = np.zeros(len(market), dtype=np.int64)
    for digit, unit in digits:
        if digit.charge.stay is not None:
            stay += digit.charge.stay * unit
        elif digit.charge.option is not None:
            option += digit.charge.option.astype(np.int64) * unit
    return Key(option, stay)
