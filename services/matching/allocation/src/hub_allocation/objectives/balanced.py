"""The objective ``balanced``: students, placements, priority, rank cost, minutes and lottery, in this order, exactly.

One flow with compact weights gets close, exact prices over three keys prove it or name the exchanges that are still
better, and a second flow settles the lottery on what stays tight. Whatever the weights, the prices decide.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hub_allocation.flow import cheapest, largest_cost, whole_face
from hub_allocation.instance import Instance, Ints, Longs
from hub_allocation.lottery import draws
from hub_allocation.network import Market
from hub_allocation.prices import Costs, Keys, Priced, exact_costs, settle, tight_face

STEPS = 16
"""How many steps of the next level one step of a level outweighs in the first flow, at most."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """Each student's option (-1: unplaced) and the exact price label of each node, in the keys of ``costs``."""

    taken: Ints
    label: Keys
    costs: Costs
    improved: int


def best_allocation(
    instance: Instance,
    market: Market,
    pair_ids: Callable[[Longs], "list[tuple[str, str]]"],
    *,
    check: Callable[[], None],
    settled: Callable[[Ints], None],
) -> Optimum:
    """Solve a market exactly in every level.

    Args:
        instance: for the lottery seed.
        market: what is to decide.
        pair_ids: (student_id, slot_id) of pairs, for the lottery.
        check: called before each step; raises to stop.
        settled: told each student's option (-1: unplaced) once every level but the lottery is settled.
    """
    costs = exact_costs(market)
    everything = whole_face(market)
    check()
    option_cost, out_cost = compact_weights(market, costs)
    taken = cheapest(market, everything, option_cost=option_cost, out_cost=out_cost)
    first = settle(market, costs, taken, face=everything, check=check)
    settled(first.taken)
    return _lottery(instance, market, pair_ids, costs=costs, first=first, check=check)


def _lottery(
    instance: Instance,
    market: Market,
    pair_ids: Callable[[Longs], "list[tuple[str, str]]"],
    *,
    costs: Costs,
    first: Priced,
    check: Callable[[], None],
) -> Optimum:
    """Choose among the allocations that are equal so far; only options that stay tight need a draw."""
    check()
    face = tight_face(market, costs, first)
    tight = np.flatnonzero(face.option)
    option = costs.option.copy()
    option[tight, 2] = draws(instance.policy.lottery_seed, pair_ids(market.pair[tight]))
    nothing = np.zeros(len(market), dtype=np.int64)
    taken = cheapest(market, face, option_cost=option[:, 2], out_cost=nothing)
    whole = Costs(option, costs.out, costs.unit)
    last = settle(market, whole, taken, face=face, check=check)
    return Optimum(last.taken, last.label, whole, first.improved + last.improved)


def compact_weights(market: Market, costs: Costs) -> tuple[Longs, Longs]:
    """One number for each option and each stay that the first flow minimises: close to the levels' order, and small.

    A step of rank cost outweighs up to STEPS times the longest journey, staying out up to STEPS times the largest of
    both; fewer where the solver's arithmetic has no room, down to no minutes at all.
    """
    room = largest_cost(market)
    longest = int(market.minutes.max(initial=0))
    dearest = int(market.rank_cost.max(initial=0))
    weight = costs.out[:, 0] // costs.unit
    heaviest = int(weight.max(initial=1))
    steps = STEPS
    while steps:
        rank_unit = steps * longest + 1
        out_unit = steps * (dearest * rank_unit + longest) + 1
        if heaviest * out_unit <= room:
            return market.rank_cost * rank_unit + market.minutes, weight * out_unit
        steps //= 2
    out_unit = min(dearest + 1, max(1, room // heaviest))
    scale = max(1, -(-dearest // room))
    return market.rank_cost // scale, weight * out_unit
