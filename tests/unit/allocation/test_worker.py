"""A process started ahead of its task: what it answers, what it raises, and how it ends."""

import os
import time

import pytest

from hub_allocation.components.worker import Worker, WorkerLost, go_on
from hub_allocation.errors import Stopped, TooLarge

LOAD_S = 1.0


def slow_to_load() -> None:
    """Load for a while."""
    time.sleep(LOAD_S)


def fail_to_load() -> None:
    """End while loading."""
    os._exit(3)


def nothing() -> None:
    """Nobody stops."""


def double(number: int) -> int:
    """What a task comes to."""
    return 2 * number


def length(data: bytes) -> int:
    """What a task larger than any buffer comes to."""
    return len(data)


def refuse(reason: str) -> None:
    """A task that can't be done."""
    raise TooLarge(reason)


def crash(status: int) -> None:
    """A task that takes its process down."""
    os._exit(status)


def wait_for_the_end(file: str) -> None:
    """Write one's process number down, then work until nobody wants the answer."""
    with open(file, "w") as out:
        out.write(str(os.getpid()))
    while True:
        go_on()
        time.sleep(0.01)


def test_worker_answers() -> None:
    with Worker(nothing) as worker:
        worker.give(double, 21)
        assert worker.answer(nothing) == 42


def test_giving_a_large_task_returns_before_the_worker_is_ready() -> None:
    with Worker(slow_to_load) as worker:
        began = time.monotonic()
        worker.give(length, bytes(10_000_000))
        assert time.monotonic() - began < LOAD_S
        assert worker.answer(nothing) == 10_000_000


def test_what_the_task_raises_is_raised_to_whoever_waits() -> None:
    with Worker(nothing) as worker:
        worker.give(refuse, "costs too large")
        with pytest.raises(TooLarge, match="costs too large"):
            worker.answer(nothing)


def test_worker_that_ends_without_an_answer_is_lost() -> None:
    with Worker(nothing) as worker:
        worker.give(crash, 7)
        with pytest.raises(WorkerLost, match="ended with 7"):
            worker.answer(nothing)


def test_worker_stops_when_whoever_started_it_waits_no_more(tmp_path: "os.PathLike[str]") -> None:
    file = os.path.join(tmp_path, "pid")

    def until_it_works() -> None:
        if os.path.exists(file) and os.path.getsize(file):
            raise Stopped

    with Worker(nothing) as worker:
        worker.give(wait_for_the_end, file)
        with pytest.raises(Stopped):
            worker.answer(until_it_works)
    with open(file) as written, pytest.raises(ProcessLookupError):
        os.kill(int(written.read()), 0)


def test_worker_that_could_not_load_is_lost() -> None:
    with Worker(fail_to_load) as worker:
        worker.give(double, 21)
        with pytest.raises(WorkerLost, match="ended with 3"):
            worker.answer(nothing)
