"""From an instance to an allocation: prepare it, solve each share of its components, put the shares together.

Where the rules form a network the answer is optimal and proven by prices; elsewhere it is searched for until it is
proven or the time is up, and the best answer found comes with its bounds.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hub_allocation.components.partial import Partial, joined
from hub_allocation.components.prepared import Prepared, prepare
from hub_allocation.components.shares import Clock, solve_share
from hub_allocation.eligibility import Pairs
from hub_allocation.errors import BadInput, InputError, Stopped
from hub_allocation.instance import Flags, Instance, Longs
from hub_allocation.levels import Level, level_values
from hub_allocation.lottery import pair_draws
from hub_allocation.progress import Progress, Reporter
from hub_allocation.proof.certificate import Certificate, no_prices
from hub_allocation.stopwatch import Stopwatch
from hub_allocation.travel.provider import TravelProvider

__all__ = ["Cancelled", "Progress", "Solved", "finish", "solve", "solve_prepared"]


@dataclass(frozen=True, slots=True)
class Solved:
    """An allocation with what is proven of it."""

    prepared: Prepared
    chosen: Longs
    """The pairs that became placements, ordered by student, then slot."""
    levels: tuple[Level, ...]
    certificate: Certificate
    exchanges: int
    """How many exchanges the prices found after the first flow; for the curious."""

    @property
    def instance(self) -> Instance:
        """The round."""
        return self.prepared.instance

    @property
    def pairs(self) -> Pairs:
        """Its pairs."""
        return self.prepared.pairs

    @property
    def status(self) -> str:
        """``optimal`` or ``bounded``."""
        return "optimal" if all(level.value == level.bound for level in self.levels) else "bounded"

    @property
    def gap(self) -> float:
        """The relative distance to the bound of the first level not proven; 0 when all are."""
        for level in self.levels:
            if level.value != level.bound:
                return abs(level.bound - level.value) / max(1, abs(level.bound))
        return 0.0


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The caller asked to stop; nothing was decided."""

    status: str = "cancelled"


def solve(
    instance: Instance,
    *,
    clock: Clock,
    time_limit_s: float | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    provider: TravelProvider | None = None,
    watch: Stopwatch | None = None,
    standing: Flags | None = None,
    fixed: Flags | None = None,
    workers: int = 1,
) -> Solved | Cancelled:
    """Find the best allocation of a round and prove it as far as the time allows.

    Args:
        instance: the round.
        clock: seconds of a clock that never goes back.
        time_limit_s: when searching stops and the best answer so far is taken; None takes the policy's. Flows are
            carried to their end.
        progress: told of each level as it is settled, and of what is known while the search goes on.
        cancelled: asked between steps and during a search; True stops.
        provider: travel times for journeys that travel.csv lacks; None takes the estimate.
        watch: notes how long each stage took.
        standing: the pairs that are placements of the allocation that stands (P): fewest of the others are taken.
        fixed: those of them that stay as they are (P).
        workers: how many processes may solve side by side.

    Raises:
        BadInput: a pin that is not a feasible pair, pins that can't all hold, a rule that ``stable`` does not know.
        Infeasible: the pins and the rules can't hold together.
        TooLarge: the costs don't fit exact arithmetic.
    """
    watch = watch or Stopwatch(clock)
    start = clock()
    limit = instance.policy.time_limit_seconds if time_limit_s is None else time_limit_s
    reporter = Reporter(progress, clock=clock, start=start, cancelled=cancelled)
    try:
        reporter.check()
        with watch.stage("eligibility"):
            prepared = prepare(instance, provider=provider, standing=standing, fixed=fixed)
        return solve_prepared(
            prepared, clock=clock, deadline=start + limit, reporter=reporter, watch=watch, workers=workers
        )
    except Stopped:
        return Cancelled()


def solve_prepared(
    prepared: Prepared, *, clock: Clock, deadline: float, reporter: Reporter, watch: Stopwatch, workers: int = 1
) -> Solved:
    """Find the best allocation of a round that is ready for it.

    Args:
        prepared: the round.
        clock: seconds of a clock that never goes back.
        deadline: when searching stops, by that clock.
        reporter: hears of progress, and stops the work.
        watch: notes how long each stage took.
        workers: how many processes may solve side by side.

    Raises:
        BadInput: a rule that ``stable`` does not know.
        Infeasible: the pins and the rules can't hold together.
        Stopped: the caller wants no answer any more.
        TooLarge: the costs don't fit exact arithmetic.
    """
    with watch.stage("solve"):
        if prepared.instance.policy.objective == "stable":
            reporter.check()
            solved = _stable(prepared)
            reporter.levels(solved.levels)
            return solved
        whole = solve_share(prepared, None, clock=clock, deadline=deadline, reporter=reporter, workers=workers)
    with watch.stage("certificate"):
        solved = finish(prepared, [whole])
    reporter.levels(solved.levels)
    return solved


def finish(prepared: Prepared, partials: Iterable[Partial]) -> Solved:
    """Put the shares of a round together: the same result whatever the shares were."""
    whole = joined(list(partials))
    drawn = int(pair_draws(prepared.instance, prepared.pairs, whole.chosen).sum())
    reached = level_values(prepared.instance, prepared.pairs, whole.chosen, drawn=drawn, standing=prepared.standing)
    levels = tuple(
        Level(level.name, level.value, bound) for level, bound in zip(reached, whole.bounds.tolist(), strict=True)
    )
    return Solved(prepared, whole.chosen, levels, whole.certificate, whole.exchanges)


def _stable(prepared: Prepared) -> Solved:
    from hub_allocation.objectives.stable import refusals, stable_levels, stable_matching

    errors = refusals(prepared.instance)
    if prepared.fixed is not None:
        mend = "leave out what is frozen, or use another objective"
        errors.append(InputError("policy.toml", 0, "objective", "stable can't keep placements that stand", mend))
    if errors:
        raise BadInput(errors)
    chosen = stable_matching(prepared.instance, prepared.pairs)
    levels = stable_levels(prepared.instance, prepared.pairs, chosen)
    return Solved(prepared, chosen, levels, no_prices(()), 0)
