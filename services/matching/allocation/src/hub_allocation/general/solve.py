"""One component from its relaxation to its optimum: flow, repair, level after level by CP-SAT, bounds."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from hub_allocation.eligibility import Pairs
from hub_allocation.errors import Infeasible
from hub_allocation.general.bounds import combined, first_open
from hub_allocation.general.budget import Budget
from hub_allocation.general.exact import any_allocation, solve_levels
from hub_allocation.general.insertion import completed
from hub_allocation.general.large import decide_groups, flows_suffice, price, search_large
from hub_allocation.general.model import model_of
from hub_allocation.general.part import better, make_part
from hub_allocation.general.relaxation import Relaxed, relax
from hub_allocation.general.repair import repaired
from hub_allocation.general.rules import Rules, make_rules
from hub_allocation.instance import Flags, Instance, Longs
from hub_allocation.proof.certificate import Certificate

Progress = Callable[[str, int, int], None]

EXACT_PAIRS = 20_000
"""Components of more pairs are not given to one exact search: groups on flows, neighbourhoods and a bound instead."""
PRICES = 0.6
"""Which part of the time left the bound by prices may take before a search of what it leaves."""
FEW_PAIRS = 300
"""In components of fewer pairs groups need no search of their own before the exact one."""


@dataclass(frozen=True, slots=True)
class PartSolved:
    """The best allocation found for a component, and what is proven of it."""

    chosen: Longs
    """The round's pairs that became placements, rising."""
    values: tuple[int, ...]
    """What they come to in every level, the lottery last."""
    bounds: tuple[int, ...]
    """What is proven possible: equal to the values up to the first level not proven."""
    certificate: Certificate
    """The prices of the network relaxation."""


def solve_part(
    instance: Instance,
    pairs: Pairs,
    part: Longs,
    *,
    standing: Flags | None,
    clock: Callable[[], float],
    deadline: float,
    check: Callable[[], None],
    progress: Progress,
    workers: int,
    fixed: Flags | None = None,
    exact_pairs: int = EXACT_PAIRS,
) -> PartSolved:
    """Find the best allocation of one component under every rule, or the best until the time is up.

    Args:
        instance: the round.
        pairs: all its P pairs.
        part: the component's feasible pairs, pinned ones among them.
        standing: the pairs that stand from before (P); None: nothing does.
        clock: seconds of a clock that never goes back.
        deadline: when the search stops, by that clock.
        check: raises to stop at once; asked every tenth of a second.
        progress: told (level, value, bound) of what is known so far.
        workers: threads of a search.
        fixed: pairs that are taken besides the pins (P).
        exact_pairs: a component of more pairs is not given to one exact search.

    Raises:
        Infeasible: the pins and the rules can't hold together.
        TooLarge: a level's sum could leave 62 bits.
    """
    own = make_part(instance, pairs, part, standing=standing)
    rules = make_rules(own, forced=own.pairs.pinned if fixed is None else own.pairs.pinned | fixed[own.at])
    if (rules.never & rules.forced).any():
        raise Infeasible
    budget = Budget(clock, deadline, check, workers)
    stands = None if standing is None else standing[own.at]
    relaxed = relax(own, forced=rules.forced, standing=stands, check=check)
    closest = relaxed
    if rules.never.any():
        closest = relax(own, forced=rules.forced, never=rules.never, standing=stands, check=check)
    if own.values(closest.taken) == closest.values and rules.hold(closest.taken):
        return PartSolved(own.at[closest.taken], closest.values, closest.values, relaxed.certificate)
    taken, found = _searched(rules, closest, budget=budget, progress=progress, exact_pairs=exact_pairs)
    values = own.values(taken)
    bounds = combined(own, values, [relaxed.values, closest.values, found])
    return PartSolved(own.at[taken], values, bounds, relaxed.certificate)


def _searched(
    rules: Rules, relaxed: Relaxed, *, budget: Budget, progress: Progress, exact_pairs: int
) -> tuple[Flags, tuple[int, ...]]:
    """The best allocation found, and the bounds of its first levels."""
    part = rules.part

    def told(values: tuple[int, ...]) -> None:
        """Tell of the first level that the relaxation does not prove."""
        at = min(first_open(values, relaxed.values), len(values) - 1)
        progress(part.aims[at].name, values[at], relaxed.values[at])

    start = _first(rules, relaxed, budget=budget, told=told, large=len(part) > exact_pairs)
    if len(part) <= min(FEW_PAIRS, exact_pairs):
        answer = solve_levels(rules, start=start, budget=budget, progress=progress)
        return answer.taken, answer.bounds
    if start is None:
        start = any_allocation(rules, model_of(rules), budget)
    if len(part) > exact_pairs and not flows_suffice(rules):
        start = search_large(rules, relaxed, start, budget=budget, told=lambda found: told(part.values(found)))
    priced = price(rules, relaxed, start, budget=budget, part=PRICES)
    left = replace(rules, never=rules.never | priced.hopeless)
    if int((~left.never).sum()) > exact_pairs:
        return start, priced.bounds
    proven = first_open(part.values(start), priced.bounds)
    answer = solve_levels(left, start=start, budget=budget, progress=progress, proven=min(proven, len(part.aims)))
    values = part.values(answer.taken)
    return answer.taken, combined(part, values, [priced.bounds, answer.bounds])


def _first(
    rules: Rules, relaxed: Relaxed, *, budget: Budget, told: Callable[[tuple[int, ...]], None], large: bool
) -> Flags | None:
    """A good allocation to start from; None where it is hard to keep what is forced."""
    part, start = rules.part, repaired(rules, relaxed.taken)
    if rules.groups and part.places == 1 and (large or len(part) > FEW_PAIRS):
        grouped = decide_groups(rules, relaxed, budget=budget, told=told)
        if grouped is not None and (start is None or better(part.values(grouped), part.values(start), part.aims)):
            start = grouped
    return None if start is None else completed(rules, start, check=budget.check)
