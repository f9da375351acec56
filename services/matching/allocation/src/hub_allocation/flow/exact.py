"""Solves a market exactly in every level: a flow with compact weights, then exact prices, one key after the other.

The first flow gets close; the prices of each key prove it or name the exchanges that are still better, and leave open
only what stays tight for the next key. The lottery comes last, on what is left. Whatever the weights, prices decide.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hub_allocation.flow.charges import Charge, Key, compact_key, exact_keys
from hub_allocation.flow.min_cost import cheapest, largest_cost, whole_face
from hub_allocation.flow.network import Market
from hub_allocation.flow.prices import label_vectors, settle, tight_face
from hub_allocation.instance import Ints, Longs
from hub_allocation.levels import LOTTERY
from hub_allocation.lottery import draws

PairIds = Callable[[Longs], list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Optimum:
    """Each student's option (-1: unplaced), and what one seat more at each node is worth."""

    taken: Ints
    levels: tuple[str, ...]
    label: Longs
    """What the cheapest way of sending one student out of each node costs in each level; 0 for the sink (N + 1 x K)."""
    improved: int
    """How many exchanges were found after the first flow."""


def solve_levels(
    seed: str,
    market: Market,
    pair_ids: PairIds,
    *,
    charges: list[Charge],
    check: Callable[[], None],
    settled: Callable[[Ints], None],
) -> Optimum:
    """Solve a market exactly in every level and the lottery.

    Args:
        seed: of the lottery.
        market: what is to decide.
        pair_ids: (student_id, slot_id) of pairs, for the lottery.
        charges: the levels in order, without the lottery.
        check: called before each step; raises to stop.
        settled: told each student's option (-1: unplaced) once every level but the lottery is settled.

    Raises:
        TooLarge: a level does not fit exact arithmetic.
    """
    check()
    face = whole_face(market)
    first = compact_key(market, charges, room=largest_cost(market))
    taken = cheapest(market, face, option_cost=first.option, out_cost=first.stay)
    del first
    improved, keys = 0, exact_keys(market, charges)
    while keys:
        key = keys.pop(0)
        priced = settle(market, key, taken, face=face, check=check)
        face = tight_face(market, key, priced, face=face)
        taken, improved = priced.taken, improved + priced.improved
    settled(taken)
    check()
    tight = np.flatnonzero(face.option)
    option = np.zeros(len(market.node), dtype=np.int64)
    option[tight] = draws(seed, pair_ids(market.pair[tight].astype(np.int64)))
    nothing = np.zeros(len(market), dtype=np.int64)
    taken = cheapest(market, face, option_cost=option, out_cost=nothing)
    last = settle(market, Key(option, nothing), taken, face=face, check=check)
    label = label_vectors(market, [*charges, Charge(LOTTERY, option, None)], last)
    names = tuple(charge.name for charge in charges)
    return Optimum(last.taken, (*names, LOTTERY), label, improved + last.improved)
