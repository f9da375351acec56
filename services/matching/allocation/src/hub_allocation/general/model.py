"""A component in CP-SAT: the rows once, then level after level on what the levels before left open."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from hub_allocation.errors import TooLarge
from hub_allocation.general.levels import LARGEST, Fold
from hub_allocation.general.rows import FREE, Rows
from hub_allocation.general.rules import Rules
from hub_allocation.general.search import Found, run
from hub_allocation.instance import Flags, Longs


@dataclass(frozen=True, slots=True)
class Model:
    """A CP-SAT model and its decisions."""

    proto: cp_model.CpModel
    decisions: list[cp_model.IntVar]

    def hint(self, value: Flags) -> None:
        """Start the next search from these decisions."""
        self.proto.clear_hints()  # type: ignore[no-untyped-call]
        for decision, chosen in zip(self.decisions, value.tolist(), strict=True):
            self.proto.add_hint(decision, chosen)

    def minimise(self, weight: Longs) -> None:
        """Set what the next search minimises; raises TooLarge where the sum could leave 62 bits."""
        if sum(map(abs, weight.tolist())) >= LARGEST:
            raise TooLarge("the sum of a level leaves 62 bits")
        used = np.flatnonzero(weight)
        chosen = [self.decisions[at] for at in used.tolist()]
        self.proto.minimize(cp_model.LinearExpr.weighted_sum(chosen, weight[used].tolist()))

    def settle(self, weight: Longs, value: int) -> None:
        """Keep a sum at its optimum from now on."""
        used = np.flatnonzero(weight)
        chosen = [self.decisions[at] for at in used.tolist()]
        self.proto.add_linear_constraint(cp_model.LinearExpr.weighted_sum(chosen, weight[used].tolist()), value, value)

    def search(
        self, *, seconds: float | None, workers: int, check: Callable[[], None], told: Callable[[int, int], None]
    ) -> Found:
        """Search for the least sum."""
        return run(self.proto, self.decisions, seconds=seconds, workers=workers, check=check, told=told)


def make_model(rows: Rows, count: int, *, fixed: dict[int, bool]) -> Model:
    """Build a model of ``count`` decisions; ``fixed`` holds those that are settled beforehand."""
    proto = cp_model.CpModel()
    decisions = [proto.new_bool_var("") for _ in range(count)]
    for at, value in fixed.items():
        proto.add_linear_constraint(decisions[at], int(value), int(value))
    lows, highs = rows.low.tolist(), rows.high.tolist()
    starts, members, coefficients = rows.start.tolist(), rows.decision.tolist(), rows.coefficient.tolist()
    for row, (low, high) in enumerate(zip(lows, highs, strict=True)):
        first, last = starts[row], starts[row + 1]
        terms = cp_model.LinearExpr.weighted_sum(
            [decisions[at] for at in members[first:last]], coefficients[first:last]
        )
        if low <= -FREE:
            proto.add(terms <= high)
        elif high >= FREE:
            proto.add(terms >= low)
        else:
            proto.add_linear_constraint(terms, low, high)
    return Model(proto, decisions)


def model_of(rules: Rules) -> Model:
    """The model of a whole component: what is forced is taken, what can never be is not."""
    fixed = {int(at): False for at in np.flatnonzero(rules.never)}
    fixed |= {int(at): True for at in np.flatnonzero(rules.forced)}
    return make_model(rules.rows, rules.decisions, fixed=fixed)


def weights(rules: Rules, fold: Fold) -> Longs:
    """What each decision counts in a fold."""
    weight = np.zeros(rules.decisions, dtype=np.int64)
    weight[: len(fold.pair)] = fold.pair
    if rules.part.places > 1:
        weight[len(fold.pair) + rules.groups :] = fold.placed
    return weight
