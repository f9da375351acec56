"""Level after level by CP-SAT, each fixed at its optimum before the next, until all are settled or the time is up."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hub_allocation.errors import Infeasible
from hub_allocation.general.budget import Budget
from hub_allocation.general.levels import Fold, folds
from hub_allocation.general.model import Model, model_of, weights
from hub_allocation.general.part import better
from hub_allocation.general.rules import Rules
from hub_allocation.general.search import Found
from hub_allocation.instance import Flags


@dataclass(frozen=True, slots=True)
class Answer:
    """Which pairs are taken (V), and the bounds of the first levels: as far as they equal the values, and one more."""

    taken: Flags
    bounds: tuple[int, ...]


def solve_levels(
    rules: Rules,
    *,
    start: Flags | None,
    budget: Budget,
    progress: Callable[[str, int, int], None],
    proven: int = 0,
) -> Answer:
    """Find the best allocation in every level.

    Args:
        rules: the component.
        start: an allocation that keeps every rule (V), if one is known.
        budget: the time and the threads.
        progress: told (level, value, bound) of what is known.
        proven: in how many of the first levels nothing is better than ``start``.

    Raises:
        Infeasible: no allocation keeps the pins and the rules.
    """
    model = model_of(rules)
    taken = any_allocation(rules, model, budget) if start is None else start
    bounds: tuple[int, ...] = rules.part.values(taken)[:proven]
    for fold in folds(rules.part, room=0)[:proven]:
        model.settle(weights(rules, fold), fold.value(_values(rules, fold, taken)))
    for fold in folds(rules.part, first=proven):
        left = budget.left_s()
        if left <= 0:
            break
        found, taken = _settle(rules, model, fold, taken=taken, seconds=left, budget=budget, progress=progress)
        values = _values(rules, fold, taken)
        bounds += values if found.status == "optimal" else fold.bounds(found.bound, values)
        if found.status != "optimal":
            break
    return Answer(taken, bounds)


def any_allocation(rules: Rules, model: Model, budget: Budget) -> Flags:
    """Any allocation that keeps the pins and the rules."""
    # However late: without an answer there is nothing to bound, and "infeasible" has to be proven to be said.
    found = model.search(seconds=None, workers=budget.workers, check=budget.check, told=lambda value, bound: None)
    if found.status == "infeasible":
        raise Infeasible
    return np.array(found.value[: len(rules.part)], dtype=bool)


def _settle(
    rules: Rules,
    model: Model,
    fold: Fold,
    *,
    taken: Flags,
    seconds: float,
    budget: Budget,
    progress: Callable[[str, int, int], None],
) -> tuple[Found, Flags]:
    weight = weights(rules, fold)
    model.hint(rules.decided(taken))
    model.minimise(weight)

    def told(value: int, bound: int) -> None:
        """Tell of the first level of this sum."""
        aim, unit = fold.aims[0], fold.unit[0]
        reached, proven = -(-value // unit), -(-bound // unit)
        if aim.maximise:
            progress(aim.name, -reached, min(-proven, fold.most[0]))
        else:
            progress(aim.name, reached, max(proven, 0))

    found = model.search(seconds=seconds, workers=budget.workers, check=budget.check, told=told)
    if found.value:
        answer = np.array(found.value[: len(rules.part)], dtype=bool)
        # An answer that is equal in these levels may well be worse in those to come.
        if better(rules.part.values(answer), rules.part.values(taken), rules.part.aims):
            taken = answer
    if found.status == "optimal":
        model.settle(weight, fold.value(_values(rules, fold, taken)))
    return found, taken


def _values(rules: Rules, fold: Fold, taken: Flags) -> tuple[int, ...]:
    values = dict(zip([aim.name for aim in rules.part.aims], rules.part.values(taken), strict=True))
    return tuple(values[aim.name] for aim in fold.aims)
