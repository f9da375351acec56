"""From an instance to a proven allocation: find the pairs, take the pins out, optimise, price, put the pins back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from hub_allocation.certificate import Certificate
from hub_allocation.costs import Level, level_values
from hub_allocation.eligibility import Pairs, find_pairs
from hub_allocation.errors import BadInput, Stopped
from hub_allocation.instance import Instance, Ints, Longs
from hub_allocation.lottery import draws
from hub_allocation.network import build_market
from hub_allocation.objectives.balanced import best_allocation
from hub_allocation.pins import pin_errors
from hub_allocation.proof import certificate_of
from hub_allocation.stopwatch import Stopwatch
from hub_allocation.travel.provider import TravelProvider

Progress = Callable[[str, float, float, float], None]
"""Told (level, value, bound, seconds since the start) as each level is settled."""


@dataclass(frozen=True, slots=True)
class Solved:
    """A proven optimum."""

    instance: Instance
    pairs: Pairs
    chosen: Longs
    """The pairs that became placements, ordered by student, then slot."""
    levels: tuple[Level, ...]
    certificate: Certificate
    exchanges: int
    """How many exchanges the prices found after the first flow; for the curious."""
    status: str = "optimal"


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The caller asked to stop; nothing was decided."""

    status: str = "cancelled"


@dataclass(frozen=True, slots=True)
class OutOfTime:
    """The time limit passed before the optimum was proven; nothing was decided."""

    status: str = "out_of_time"


def solve(
    instance: Instance,
    *,
    clock: Callable[[], float],
    time_limit_s: float | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    provider: TravelProvider | None = None,
    watch: Stopwatch | None = None,
) -> Solved | Cancelled | OutOfTime:
    """Find the best allocation of a round and prove it.

    Args:
        instance: the round.
        clock: seconds of a clock that never goes back.
        time_limit_s: when to give up; None takes the policy's.
        progress: told of each level once it is settled and proven.
        cancelled: asked between steps; True stops.
        provider: travel times for journeys that travel.csv lacks; None takes the estimate.
        watch: notes how long each stage took.

    Raises:
        BadInput: a pin that is not a feasible pair, or pins that can't all hold.
        TooLarge: the costs don't fit exact arithmetic.
    """
    start = clock()
    limit = instance.policy.time_limit_seconds if time_limit_s is None else time_limit_s
    watch = watch or Stopwatch(clock)

    def check() -> None:
        if cancelled is not None and cancelled():
            raise Stopped(by_caller=True)
        if clock() - start > limit:
            raise Stopped(by_caller=False)

    def report(levels: Iterable[Level]) -> None:
        if progress is not None:
            for level in levels:
                progress(level.name, level.value, level.bound, clock() - start)

    try:
        solved = _solve(instance, provider=provider, check=check, report=report, watch=watch)
    except Stopped as stop:
        return Cancelled() if stop.by_caller else OutOfTime()
    report(solved.levels[-1:])
    return solved


def _solve(
    instance: Instance,
    *,
    provider: TravelProvider | None,
    check: Callable[[], None],
    report: Callable[[Iterable[Level]], None],
    watch: Stopwatch,
) -> Solved:
    with watch.stage("eligibility"):
        pairs = find_pairs(instance, provider=provider)
        errors = pin_errors(instance, pairs)
        if errors:
            raise BadInput(errors)
    students, slots = instance.students.ids, instance.slots.ids

    def pair_ids(at: Longs) -> list[tuple[str, str]]:
        pair_student, pair_slot = pairs.student[at].tolist(), pairs.slot[at].tolist()
        return [(students[who], slots[what]) for who, what in zip(pair_student, pair_slot, strict=True)]

    with watch.stage("solve"):
        market = build_market(instance, pairs)

        def chosen_by(taken: Ints) -> Longs:
            """The pairs behind the options taken, and the pins."""
            return np.sort(np.concatenate([market.pair[taken[taken >= 0]], np.flatnonzero(pairs.pinned)]))

        def settled(taken: Ints) -> None:
            """Report every level but the lottery."""
            report(level_values(instance, pairs, chosen_by(taken), drawn=0)[:-1])

        optimum = best_allocation(instance, market, pair_ids, check=check, settled=settled)
        chosen = chosen_by(optimum.taken)
    with watch.stage("certificate"):
        certificate = certificate_of(market, optimum)
        drawn = int(draws(instance.policy.lottery_seed, pair_ids(chosen)).sum())
        levels = level_values(instance, pairs, chosen, drawn=drawn)
    return Solved(instance, pairs, chosen, levels, certificate, optimum.improved)
