"""A component too large for one exact search: groups decided on flows, neighbourhoods, and a bound by prices."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hub_allocation.components.split import binding_employers, binding_schools
from hub_allocation.general.bounds import first_open
from hub_allocation.general.budget import Budget
from hub_allocation.general.compact import compact_costs
from hub_allocation.general.decisions import Decisions, Values
from hub_allocation.general.flips import decide
from hub_allocation.general.lagrange import dearer, lay_out, raise_bound
from hub_allocation.general.neighbourhoods import improve
from hub_allocation.general.relaxation import Relaxed
from hub_allocation.general.repair import repaired
from hub_allocation.general.rules import Rules
from hub_allocation.general.shifting import potentials
from hub_allocation.instance import NONE, Flags

FLIPS, NEIGHBOURHOODS = 0.5, 0.6
"""Which part of the time left each may take at most, in this order."""
SUM = 1 << 60
"""What the costs of all students may come to: twice as much fits, and prices are no larger than costs."""
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
        told: given the values of the best so far in every level but the lottery, once it keeps every rule.
    """
    until, suffice = budget.share(FLIPS), flows_suffice(rules)
    decisions = Decisions(rules, relaxed.market, taken=relaxed.option)

    aims = rules.part.aims[:-1]
    fixed = rules.part.values(rules.forced)

    def going_on(values: Values) -> bool:
        budget.check()
        if suffice and not len(decisions.short()):
            signed = (-value if aim.maximise else value for aim, value in zip(aims, values, strict=True))
            told(tuple(value + more for value, more in zip(signed, fixed, strict=False)))
        return budget.clock() < until

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


@dataclass(frozen=True, slots=True)
class Priced:
    """What students' prices say of a component."""

    bounds: tuple[int, ...]
    """Of the levels up to the first that the relaxation does not prove, this one included."""
    hopeless: Flags
    """Pairs that no allocation has which is at least as good as the one known (V)."""


def price(rules: Rules, relaxed: Relaxed, taken: Flags, *, budget: Budget, part: float) -> Priced:
    """Bound the first level that the relaxation does not prove, and rule out pairs, in this part of the time left."""
    values = rules.part.values(taken)
    place = first_open(values, relaxed.values)
    if place >= len(values) - 1 or rules.part.places > 1:
        return Priced(relaxed.values, np.zeros(len(taken), dtype=bool))
    found = conditional_bound(rules, relaxed, taken, place=place, going_on=_until(budget, budget.share(part)))
    if found is None:
        return Priced(relaxed.values, np.zeros(len(taken), dtype=bool))
    return Priced((*values[:place], found[0]), found[1])


def _until(budget: Budget, end: float) -> Callable[[int], bool]:
    def going_on(_: int) -> bool:
        budget.check()
        return budget.clock() < end

    return going_on


def conditional_bound(
    rules: Rules, relaxed: Relaxed, taken: Flags, *, place: int, going_on: Callable[[int], bool]
) -> tuple[int, Flags] | None:
    """The bound of one level among the allocations that have the values of ``taken`` in all levels before it.

    Also the pairs that none of those has unless it is worse than ``taken`` in that level (V). None where the costs of
    all students together would not fit 64 bits.
    """
    part, market = rules.part, relaxed.market
    aims, values = part.aims[: place + 1], part.values(taken)
    room = SUM // (GRAIN * max(1, len(market)))
    cost, units = compact_costs(part, aims, steps=2 * len(market.nodes), room=room)
    if int(np.abs(cost).max(initial=0)) > room:
        return None
    cost = cost * GRAIN
    decisions = Decisions(rules, market, taken=relaxed.option)
    flow = decisions.flow._replace(cost=cost[market.pair])
    price = np.zeros(len(market), dtype=np.int64)
    if potentials(flow, 1000):
        highest = np.full(len(market), flow.potential[-1])
        np.maximum.at(highest, flow.owner, flow.potential[flow.node] - flow.cost)
        price = highest - flow.potential[-1]
    slots = lay_out(decisions, cost[market.pair])
    target = int(cost[taken & ~rules.forced].sum())
    least, price = raise_bound(slots, price, target=target, going_on=going_on)
    hopeless = np.zeros(len(taken), dtype=bool)
    hopeless[market.pair[slots.option[least + dearer(slots, price) > target]]] = True
    before = sum(
        unit * (-value if aim.maximise else value)
        for unit, aim, value in zip(units[:-1], aims[:-1], values, strict=False)
    )
    step = -(-(least + int(cost[rules.forced].sum())) // (GRAIN * units[-1])) - before
    return (-step if aims[-1].maximise else step), hopeless & ~taken
