"""A component too large for one exact search: groups decided on flows, neighbourhoods, and a bound by prices."""

from collections.abc import Callable

import numpy as np

from hub_allocation.general.bounds import first_open
from hub_allocation.general.budget import Budget
from hub_allocation.general.compact import compact_costs
from hub_allocation.general.decisions import Decisions, Values
from hub_allocation.general.flips import decide
from hub_allocation.general.lagrange import lay_out, raise_bound
from hub_allocation.general.neighbourhoods import improve
from hub_allocation.general.relaxation import Relaxed
from hub_allocation.general.repair import repaired
from hub_allocation.general.rules import Rules
from hub_allocation.general.shifting import potentials
from hub_allocation.instance import NONE, Flags
from hub_allocation.split import binding_employers, binding_schools

FLIPS, NEIGHBOURHOODS, PRICES = 0.6, 0.7, 0.9
"""Which part of the time left each may take at most, in this order."""
GRAIN = 64
"""Prices are told in so many parts of a step of the level bounded."""


def flows_suffice(rules: Rules) -> bool:
    """Whether, once it is decided which groups run, all other rules form a network."""
    part, instance = rules.part, rules.part.instance
    slots, students = instance.slots, instance.students
    both = (slots.reserved > 0) & (slots.max_per_school != NONE)
    capped = binding_employers(instance, part.pairs)[slots.employer.codes[part.pairs.slot]]
    capped |= binding_schools(instance, part.pairs)[students.school.codes[part.pairs.student]]
    together = (students.companion[part.pairs.student] != NONE) | both[part.pairs.slot]
    return part.places == 1 and not (capped | together).any()


def decide_groups(rules: Rules, relaxed: Relaxed, *, budget: Budget, told: Callable[[Values], None]) -> Flags | None:
    """Decide which groups run by flows; None when what comes out breaks rules that the flow does not know.

    Args:
        rules: a component of one place each.
        relaxed: its network relaxation.
        budget: the time.
        told: given the values of the best so far in every level but the lottery.
    """
    until = budget.share(FLIPS)

    aims = rules.part.aims[:-1]
    fixed = rules.part.values(rules.forced)

    def going_on(values: Values) -> bool:
        budget.check()
        signed = (-value if aim.maximise else value for aim, value in zip(aims, values, strict=True))
        told(tuple(value + more for value, more in zip(signed, fixed, strict=False)))
        return budget.clock() < until

    decisions = Decisions(rules, relaxed.market, taken=relaxed.option)
    decide(decisions, going_on=going_on)
    return repaired(rules, decisions.taken())


def search_large(
    rules: Rules, relaxed: Relaxed, start: Flags, *, budget: Budget, told: Callable[[Flags], None]
) -> Flags:
    """Improve an allocation by neighbourhoods around the slots where the relaxation breaks rules, then all others."""
    broken = rules.rows.broken(rules.decided(relaxed.taken))
    entries = np.isin(rules.rows.owner(), broken)
    members = rules.rows.decision[entries]
    pairs = members[members < len(rules.part)]
    grouped = np.isin(rules.group, members[members >= len(rules.part)] - len(rules.part)) & (rules.group != NONE)
    first = np.unique(np.concatenate([rules.part.slot[pairs], rules.part.slot[grouped]]))
    return improve(rules, start, seeds=first, budget=budget, until=budget.share(NEIGHBOURHOODS), told=told)


def price_bound(rules: Rules, relaxed: Relaxed, taken: Flags, *, budget: Budget) -> tuple[int, ...]:
    """The bounds of the levels up to the first that the relaxation does not prove, this one by students' prices."""
    part = rules.part
    values = part.values(taken)
    place = first_open(values, relaxed.values)
    if place >= len(values) - 1 or part.places > 1:
        return relaxed.values
    bound = conditional_bound(rules, relaxed, taken, place=place, going_on=_until(budget, budget.share(PRICES)))
    return (*values[:place], bound)


def _until(budget: Budget, end: float) -> Callable[[int], bool]:
    def going_on(_: int) -> bool:
        budget.check()
        return budget.clock() < end

    return going_on


def conditional_bound(
    rules: Rules, relaxed: Relaxed, taken: Flags, *, place: int, going_on: Callable[[int], bool]
) -> int:
    """The bound of one level among the allocations that have the values of ``taken`` in all levels before it."""
    part, market = rules.part, relaxed.market
    aims, values = part.aims[: place + 1], part.values(taken)
    cost, units = compact_costs(part, aims, steps=2 * len(market.nodes))
    cost = cost * GRAIN
    decisions = Decisions(rules, market, taken=relaxed.option)
    flow = decisions.flow._replace(cost=cost[market.pair])
    price = np.zeros(len(market), dtype=np.int64)
    if potentials(flow, 1000):
        highest = np.full(len(market), flow.potential[-1])
        np.maximum.at(highest, flow.owner, flow.potential[flow.node] - flow.cost)
        price = highest - flow.potential[-1]
    forced = int(cost[rules.forced].sum())
    least, _ = raise_bound(lay_out(decisions, cost[market.pair]), price, target=int(cost[taken].sum()) - forced,
                           going_on=going_on)  # fmt: skip
    before = sum(
        unit * (-value if aim.maximise else value)
        for unit, aim, value in zip(units[:-1], aims[:-1], values, strict=False)
    )
    step = -(-(least + forced) // (GRAIN * units[-1])) - before
    return -step if aims[-1].maximise else step
