"""One component from its relaxation to its optimum: flow, repair, level after level by CP-SAT, bounds."""

from collections.abc import Callable
from dataclasses import dataclass

from hub_allocation.certificate import Certificate
from hub_allocation.eligibility import Pairs
from hub_allocation.errors import Infeasible
from hub_allocation.general.exact import Answer, Budget, solve_levels
from hub_allocation.general.part import Part, make_part
from hub_allocation.general.relaxation import Relaxed, relax
from hub_allocation.general.repair import repaired
from hub_allocation.general.rules import make_rules
from hub_allocation.instance import Flags, Instance, Longs

Progress = Callable[[str, int, int], None]


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

    Raises:
        Infeasible: the pins and the rules can't hold together.
        TooLarge: a level's sum could leave 62 bits.
    """
    own = make_part(instance, pairs, part, standing=standing)
    rules = make_rules(own, forced=own.pairs.pinned if fixed is None else own.pairs.pinned | fixed[own.at])
    if (rules.never & rules.forced).any():
        raise Infeasible
    budget = Budget(clock, deadline, check, workers)
    relaxed = relax(own, forced=rules.forced, standing=None if standing is None else standing[own.at], check=check)
    if own.values(relaxed.taken) == relaxed.values and rules.hold(relaxed.taken):
        return PartSolved(own.at[relaxed.taken], relaxed.values, relaxed.values, relaxed.certificate)
    start = repaired(rules, relaxed.taken)
    answer = solve_levels(rules, start=start, budget=budget, progress=progress)
    bounds = _bounds(own, answer, relaxed)
    return PartSolved(own.at[answer.taken], own.values(answer.taken), bounds, relaxed.certificate)


def _bounds(part: Part, answer: Answer, relaxed: Relaxed) -> tuple[int, ...]:
    """The bound of each level: the closer one of the search's and the relaxation's, until a level is not proven."""
    values = part.values(answer.taken)
    found: list[int] = []
    comparable = True
    for place, (aim, value) in enumerate(zip(part.aims, values, strict=True)):
        if found and found[-1] != values[place - 1]:
            found.append(part.loosest(aim))
            continue
        bound = answer.bounds[place] if place < len(answer.bounds) else part.loosest(aim)
        if comparable:
            bound = min(bound, relaxed.values[place]) if aim.maximise else max(bound, relaxed.values[place])
            comparable = relaxed.values[place] == value
        found.append(bound)
    return tuple(found)
