"""Solves a round again with one whole number for each pair in the place of its rank cost and minutes.

Every rule and the levels before stay as they are, so a weighted sum of two costs becomes an ordinary exact solve.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hub_allocation.components.prepared import Prepared
from hub_allocation.errors import AllocationError
from hub_allocation.flow.network import build_market
from hub_allocation.instance import Longs
from hub_allocation.levels import level_values
from hub_allocation.progress import Reporter


class PriorityNeeded(AllocationError):
    """Priorities can't be set aside: seats are reserved by priority in a component whose rules form no network."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """An allocation of least cost, the levels before held."""

    chosen: Longs
    proven: bool
    """Whether its optimum is proven."""


def weighed(
    prepared: Prepared,
    cost: Longs,
    *,
    hold_priority: bool,
    clock: Callable[[], float],
    deadline: float,
    reporter: Reporter,
) -> Weighed:
    """Find the allocation of most students, most placements, greatest priority if held, then least cost, then lottery.

    Args:
        prepared: the round; its policy's objective does not matter.
        cost: what each pair costs (P), >= 0.
        hold_priority: whether the sum of priorities comes before the cost.
        clock: seconds of a clock that never goes back.
        deadline: when a search stops, by that clock; flows are carried to their end.
        reporter: asked whether to go on.

    Raises:
        PriorityNeeded: not holding priority would change who may have reserved seats.
        Stopped: the caller wants no answer any more.
    """
    policy = replace(prepared.instance.policy, objective="balanced")
    whole = replace(prepared, instance=replace(prepared.instance, policy=policy), standing=None, fixed=None)
    chosen = _network(whole, cost, hold_priority=hold_priority, reporter=reporter)
    if not prepared.split.parts:
        return Weighed(chosen, True)
    more, proven = _parts(whole, cost, hold_priority=hold_priority, clock=clock, deadline=deadline, reporter=reporter)
    return Weighed(np.sort(np.concatenate([chosen, more])), proven)


def _network(prepared: Prepared, cost: Longs, *, hold_priority: bool, reporter: Reporter) -> Longs:
    from hub_allocation.objectives.flows import best_allocation

    pairs, within = prepared.pairs, prepared.split.network
    market = build_market(prepared.instance, pairs, within=within, groups=prepared.split.groups)
    market = replace(market, rank_cost=np.zeros_like(market.rank_cost), minutes=cost[market.pair])
    if not hold_priority:
        market = replace(market, priority=np.zeros_like(market.priority))
    best = best_allocation(
        prepared.instance, market, prepared.ids, check=reporter.check, settled=lambda taken: None
    )  # fmt: skip
    taken = best.taken
    pins = np.flatnonzero(within & pairs.pinned)
    return np.sort(np.concatenate([market.pair[taken[taken >= 0]], pins]))


def _parts(
    prepared: Prepared,
    cost: Longs,
    *,
    hold_priority: bool,
    clock: Callable[[], float],
    deadline: float,
    reporter: Reporter,
) -> tuple[Longs, bool]:
    from hub_allocation.components.searched import solve_parts

    instance = prepared.instance
    # With every rank at no cost, the minutes are the first level after those that are held.
    variety = "off" if instance.policy.variety == "prefer" else instance.policy.variety
    instance = replace(instance, policy=replace(instance.policy, rank_cost=(0,), variety=variety))
    if not hold_priority:
        if (instance.slots.reserved > 0).any():
            raise PriorityNeeded("seats are reserved by priority where the rules form no network")
        students = replace(instance.students, priority=np.zeros_like(instance.students.priority))
        instance = replace(instance, students=students)
    pairs = replace(prepared.pairs, minutes=cost.astype(np.int64))  # wider than minutes are: sums of two
    again = replace(prepared, instance=instance, pairs=pairs)
    partials = solve_parts(
        again, prepared.split.parts, clock=clock, deadline=deadline, reporter=reporter, workers=1
    )  # fmt: skip
    chosen = np.sort(np.concatenate([partial.chosen for partial in partials]))
    bounds = np.sum([partial.bounds for partial in partials], axis=0)
    reached = level_values(instance, pairs, chosen, drawn=0)
    # The lottery only chooses between equals: whether it is proven makes no difference to a point.
    proven = all(level.value == bound for level, bound in zip(reached[:-1], bounds.tolist()[:-1], strict=True))
    return chosen, proven
