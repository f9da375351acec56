"""Every point of a front that is not dominated, by CP-SAT: for rounds small enough to be searched as one.

Least rank cost with the other level below the last point's, then least of the other, again and again (the
epsilon-constraint method, Haimes, Lasdon & Wismer 1971): each solve gives the next point, so none is left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from hub_allocation.components.prepared import Prepared
from hub_allocation.errors import BadInput, InputError
from hub_allocation.instance import Longs
from hub_allocation.progress import Reporter

MOST_PAIRS = 20_000
"""Feasible pairs beyond which a front is not searched as a whole."""


def refuse_large(prepared: Prepared) -> None:
    """Raise BadInput when a round is too large for this."""
    count = int(prepared.pairs.feasible.sum())
    if count > MOST_PAIRS:
        what = f"has {count:,} feasible pairs, and every point is looked for up to {MOST_PAIRS:,}"
        raise BadInput([InputError("the round", 0, "", what, "ask for the supported points")])


class NextPoints:
    """The points of a front by rising rank cost, each proven to be the next."""

    def __init__(
        self,
        prepared: Prepared,
        rank_cost: Longs,
        other: Longs,
        *,
        held: Mapping[str, int],
        below: int,
        clock: Callable[[], float],
        deadline: float,
        reporter: Reporter,
    ) -> None:
        """Set out to find the points whose other cost is below a number.

        Args:
            prepared: the round.
            rank_cost: what each pair costs (P), >= 0.
            other: what else each pair costs (P), >= 0.
            held: ``students`` and ``placements``, and ``priority`` if it is held, at their optimum.
            below: the other cost of the point before the first one sought.
            clock: seconds of a clock that never goes back.
            deadline: when searching stops, by that clock.
            reporter: asked whether to go on.
        """
        from hub_allocation.general.model import model_of
        from hub_allocation.general.part import make_part
        from hub_allocation.general.rules import make_rules

        policy = replace(prepared.instance.policy, objective="balanced")
        instance = replace(prepared.instance, policy=policy)
        self._part = make_part(instance, prepared.pairs, np.flatnonzero(prepared.pairs.feasible), standing=None)
        self._rules = make_rules(self._part, forced=prepared.pairs.pinned[self._part.at])
        self._model = model_of(self._rules)
        self._rank_cost, self._other = rank_cost[self._part.at], other[self._part.at]
        self._clock, self._deadline, self._reporter = clock, deadline, reporter
        self._below = below
        self.complete = False
        """Whether the last search proved that no point is left."""
        for name, value in held.items():
            self._model.settle(self._level(name), value)

    def next(self) -> Longs | None:
        """The pairs of the next point; None when there is none, or when the time is up before it is proven."""
        from ortools.sat.python.cp_model import LinearExpr

        if self._below <= 0:
            self.complete = True
            return None
        used = np.flatnonzero(self._other)
        chosen = [self._model.decisions[at] for at in used.tolist()]
        less = LinearExpr.weighted_sum(chosen, self._other[used].tolist())
        self._model.proto.add_linear_constraint(less, 0, self._below - 1)
        placements = len(self._part.students) * self._part.places
        unit = placements * int(self._other.max(initial=0)) + 1
        self._model.minimise(self._padded(self._rank_cost * unit + self._other))
        found = self._model.search(
            seconds=max(0.01, self._deadline - self._clock()), workers=1, check=self._reporter.check,
            told=lambda value, bound: None,
        )  # fmt: skip
        self.complete = found.status == "infeasible"
        if found.status != "optimal":
            return None
        taken = np.array(found.value[: len(self._part)], dtype=bool)
        self._below = int(self._other[taken].sum())
        self._model.hint(self._rules.decided(taken))
        return np.sort(self._part.at[taken])

    def _level(self, name: str) -> Longs:
        """What each decision counts in a level that is held."""
        if name == "students" and self._part.places > 1:
            weight = np.zeros(self._rules.decisions, dtype=np.int64)
            weight[len(self._part) + self._rules.groups :] = 1
            return weight
        if name == "priority":
            return self._padded(self._part.instance.students.priority[self._part.pairs.student])
        return self._padded(np.ones(len(self._part), dtype=np.int64))

    def _padded(self, weight: Longs) -> Longs:
        """What each decision counts, the pairs' own first and nothing for the others."""
        whole = np.zeros(self._rules.decisions, dtype=np.int64)
        whole[: len(weight)] = weight
        return whole
