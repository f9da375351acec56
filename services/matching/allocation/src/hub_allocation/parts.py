"""Solves the components whose rules form no network, one after the other or side by side in processes of their own."""

import multiprocessing
import time
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
    sizes = [len(parts[at]) for at in order]
    side_by_side = min(workers, len(parts))
    fractions = time_fractions(sizes, workers=side_by_side)
    if side_by_side > 1:
        tasks = [(parts[at], fraction) for at, fraction in zip(order, fractions, strict=True)]
        return _side_by_side(prepared, tasks, left_s=deadline - clock(), reporter=reporter, workers=workers)
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


@dataclass
class _Mine:
    """What a process of its own was given when it began."""

    prepared: Prepared
    stop: Event
    deadline: float
    """By time.monotonic, which is the same for all processes of a machine."""


_mine: list[_Mine] = []


def _begin(prepared: Prepared, stop: Event, deadline: float) -> None:
    _mine[:] = [_Mine(prepared, stop, deadline)]


def _one(part: Longs, fraction: float) -> Partial:
    mine = _mine[0]

    def check() -> None:
        if mine.stop.is_set():
            raise Stopped

    return _solve(
        mine.prepared, part, clock=time.monotonic, deadline=until(time.monotonic(), mine.deadline, fraction),
        check=check, tell=_silent, workers=1,
    )  # fmt: skip


def _side_by_side(
    prepared: Prepared, tasks: Sequence[tuple[Longs, float]], *, left_s: float, reporter: Reporter, workers: int
) -> list[Partial]:
    context = multiprocessing.get_context("spawn")  # a fork would copy threads' locks, and OR-Tools has threads
    stop = context.Event()
    pool = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_begin, initargs=(prepared, stop, time.monotonic() + left_s)
    )
    with pool:
        asked: list[Future[Partial]] = [pool.submit(_one, part, fraction) for part, fraction in tasks]
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
