"""Solves the components whose rules form no network, one after the other or side by side in processes of their own."""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing.synchronize import Event

import numpy as np

from hub_allocation.errors import Stopped
from hub_allocation.instance import Longs
from hub_allocation.partial import Partial
from hub_allocation.prepared import Prepared
from hub_allocation.progress import Reporter

LOOK_S = 0.2
"""How often the caller is asked whether to go on while processes work."""


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
    left = [len(parts[at]) for at in order]
    budgets: list[float] = []

    def budget(place: int) -> float:
        """Seconds for the part at this place of the order, were it begun now."""
        waiting = sum(left[place:])
        return max(0.0, deadline - clock()) * min(1.0, workers * left[place] / waiting)

    if workers > 1 and len(parts) > 1:
        budgets = [budget(place) if place else max(0.0, deadline - clock()) for place in range(len(order))]
        return _side_by_side(prepared, [parts[at] for at in order], budgets, reporter=reporter, workers=workers)
    alone = len(parts) == 1 and not prepared.split.network.any()
    return [
        _solve(
            prepared, parts[at], clock=clock, deadline=clock() + budget(place), check=reporter.check,
            tell=reporter.tell if alone else _silent, workers=workers,
        )
        for place, at in enumerate(order)
    ]  # fmt: skip


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


@dataclass
class _Mine:
    """What a process of its own was given when it began."""

    prepared: Prepared
    stop: Event


_mine: list[_Mine] = []


def _begin(prepared: Prepared, stop: Event) -> None:
    _mine[:] = [_Mine(prepared, stop)]


def _one(part: Longs, seconds: float) -> Partial:
    import time

    mine = _mine[0]

    def check() -> None:
        if mine.stop.is_set():
            raise Stopped

    return _solve(
        mine.prepared, part, clock=time.monotonic, deadline=time.monotonic() + seconds, check=check, tell=_silent,
        workers=1,
    )  # fmt: skip


def _side_by_side(
    prepared: Prepared, parts: Sequence[Longs], budgets: Sequence[float], *, reporter: Reporter, workers: int
) -> list[Partial]:
    context = multiprocessing.get_context("spawn")  # a fork would copy threads' locks, and OR-Tools has threads
    stop = context.Event()
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(prepared, stop))
    with pool:
        asked: list[Future[Partial]] = [
            pool.submit(_one, part, seconds) for part, seconds in zip(parts, budgets, strict=True)
        ]
        try:
            pending = set(asked)
            while pending:
                done, pending = wait(pending, timeout=LOOK_S, return_when=FIRST_COMPLETED)
                for one in done:
                    one.result()
                reporter.check()
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [one.result() for one in asked]
