"""Which rules to drop, fewest first; and for each of them which others it can't hold together with."""

from collections.abc import Callable, Collection

from ortools.sat.python import cp_model

from hub_allocation.errors import AllocationError
from hub_allocation.infeasible.model import Droppable
from hub_allocation.infeasible.rules import KINDS, Rule


def smallest(droppable: Droppable, rules: list[Rule], *, check: Callable[[], None]) -> list[int]:
    """The places of a smallest set of rules to drop; between equals, rather rules of an earlier kind."""
    check()
    each = len(rules) * len(KINDS) + 1
    weights = [each + KINDS.index(rule.kind) for rule in rules]
    model = droppable.model
    model.minimize(sum(weight * (1 - keep) for weight, keep in zip(weights, droppable.keep, strict=True)))
    solver = _solver()
    if solver.solve(model) != cp_model.OPTIMAL:
        raise AllocationError("no set of rules makes the round feasible")  # dropping all of them does
    model.clear_objective()  # type: ignore[no-untyped-call]
    return [at for at, keep in enumerate(droppable.keep) if not solver.boolean_value(keep)]


def conflict(droppable: Droppable, at: int, *, dropped: Collection[int], check: Callable[[], None]) -> list[int]:
    """The rules that rule ``at`` can't hold together with, none of which could be missing from the list.

    Found by leaving out one rule after the other and keeping those without which the rest could hold.
    """
    check()
    candidates = [other for other in range(len(droppable.keep)) if other not in dropped]
    core = _core(droppable, [at, *candidates])
    needed = [other for other in candidates if other in core]
    for other in list(needed):
        check()
        less = [one for one in needed if one != other]
        if _core(droppable, [at, *less]):
            needed = less
    return needed


def _core(droppable: Droppable, kept: list[int]) -> set[int]:
    """Some of the rules ``kept`` that can't all hold; empty when they can."""
    model = droppable.model
    model.clear_assumptions()
    model.add_assumptions([droppable.keep[one] for one in kept])
    solver = _solver()
    status = solver.solve(model)
    found = set(solver.sufficient_assumptions_for_infeasibility()) if status == cp_model.INFEASIBLE else set()
    model.clear_assumptions()
    if status == cp_model.INFEASIBLE and not found:
        return set(kept)
    place = {droppable.keep[one].index: one for one in kept}
    return {place[index] for index in found}


def _solver() -> cp_model.CpSolver:
    """One worker and a fixed seed: the same round gets the same answer."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.catch_sigint_signal = False  # it would abort the process: see general.search
    return solver
