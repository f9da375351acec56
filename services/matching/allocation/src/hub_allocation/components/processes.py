"""Work done side by side in processes of their own, which the caller can stop."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from multiprocessing.synchronize import Event
from typing import Any, TypeVar

from hub_allocation.errors import Stopped

Task = TypeVar("Task")
Answer = TypeVar("Answer")

LOOK_S = 0.2
"""How often the caller is asked whether to go on while processes work."""

_held: list[tuple[Event, Any]] = []
"""What a process of its own was given when it began: set when nobody wants its answer any more; and for its tasks."""


def side_by_side(
    work: Callable[[Task], Answer],
    tasks: Sequence[Task],
    *,
    workers: int,
    check: Callable[[], None],
    given: object = None,
) -> list[Answer]:
    """Do the tasks in as many processes, and give their answers in order.

    Args:
        work: a function of a module, which each process imports.
        tasks: what it is called with, one after the other.
        workers: how many processes.
        check: asked every LOOK_S in this process; what it raises stops the work and goes on.
        given: handed to each process once, for ``held``.
    """
    context = multiprocessing.get_context("spawn")  # a fork would copy threads' locks, and OR-Tools has threads
    stop = context.Event()
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(stop, given)) as pool:
        asked = [pool.submit(work, task) for task in tasks]
        try:
            pending = set(asked)
            while pending:
                done, pending = wait(pending, timeout=LOOK_S, return_when=FIRST_COMPLETED)
                for one in done:
                    one.result()
                check()
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [one.result() for one in asked]


def held() -> Any:
    """In such a process: what it was given when it began."""
    return _held[0][1]


def go_on() -> None:
    """In such a process: raise Stopped when nobody wants its answer any more."""
    if any(stop.is_set() for stop, _ in _held):
        raise Stopped


def _begin(stop: Event, given: object) -> None:
    _held[:] = [(stop, given)]
    threading.Thread(target=_end_with_the_caller, daemon=True).start()


def _end_with_the_caller() -> None:
    """End at once when the caller is gone, killed perhaps: nobody is left to ask, and the pool would wait for ever."""
    caller = multiprocessing.parent_process()
    assert caller is not None  # noqa: S101  only such a process begins here
    caller.join()
    os._exit(1)
