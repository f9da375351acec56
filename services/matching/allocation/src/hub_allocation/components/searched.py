"""Solves the components whose rules form no network, one after the other or side by side in processes of their own."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from hub_allocation.components.partial import Partial
from hub_allocation.components.prepared import Prepared
from hub_allocation.components.processes import go_on, held, side_by_side
from hub_allocation.instance import Longs
from hub_allocation.progress import Reporter


def solve_parts(
    prepared: Prepared,
    parts: Sequence[Longs],
    *,
    clock: Callable[[], float],
    deadline: float,
    reporter: Reporter,
    workers: int,
) -> list[Partial]:
    """Solve each part; the time left is dealt out by size, the smallest first.

    Args:
        prepared: the round.
        parts: the pairs of each part.
        clock: seconds of a clock that never goes back.
        deadline: when searching stops, by that clock.
        reporter: hears of progress, and stops the work.
        workers: how many processes may search side by side; 1: this one alone.
    """
    order = sorted(range(len(parts)), key=lambda at: (len(parts[at]), at))
    sizes = [len(parts[at]) for at in order]
    processes = min(workers, len(parts))
    fractions = time_fractions(sizes, workers=processes)
    if processes > 1:
        tasks = [(parts[at], fraction) for at, fraction in zip(order, fractions, strict=True)]
        # time.monotonic is the same for all processes of a machine.
        given = (prepared, time.monotonic() + deadline - clock())
        return side_by_side(_one, tasks, workers=workers, check=reporter.check, given=given)
    alone = len(parts) == 1 and not prepared.split.network.any()
    return [
        _solve(
            prepared, parts[at], clock=clock, deadline=until(clock(), deadline, fraction), check=reporter.check,
            tell=reporter.tell if alone else _silent, workers=workers,
        )
        for at, fraction in zip(order, fractions, strict=True)
    ]  # fmt: skip


def time_fractions(sizes: Sequence[int], *, workers: int) -> list[float]:
    """Of the time that is left when a part begins, how much it gets: its share of all the work that then waits."""
    return [min(1.0, workers * size / sum(sizes[place:])) for place, size in enumerate(sizes)]


def until(now: float, deadline: float, fraction: float) -> float:
    """When a part that begins now has to end: it gets this fraction of the time that is left."""
    return now + max(0.0, deadline - now) * fraction


def _solve(
    prepared: Prepared,
    part: Longs,
    *,
    clock: Callable[[], float],
    deadline: float,
    check: Callable[[], None],
    tell: Callable[[str, int, int], None],
    workers: int,
) -> Partial:
    from hub_allocation.general import solve_part

    solved = solve_part(
        prepared.instance, prepared.pairs, part, standing=prepared.standing, fixed=prepared.fixed, clock=clock,
        deadline=deadline, check=check, progress=tell, workers=workers,
    )  # fmt: skip
    return Partial(solved.chosen, solved.certificate, np.array(solved.bounds, dtype=np.int64))


def _silent(name: str, value: int, bound: int) -> None:
    """One part's figures are not the round's."""


def _one(task: tuple[Longs, float]) -> Partial:
    """In a process of its own: a part, and its fraction of the time that is left when it begins."""
    go_on()  # stopped while this process loaded: the first solve on a machine compiles for half a minute
    part, fraction = task
    prepared, deadline = held()
    return _solve(
        prepared, part, clock=time.monotonic, deadline=until(time.monotonic(), deadline, fraction), check=go_on,
        tell=_silent, workers=1,
    )  # fmt: skip
