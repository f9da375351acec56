"""Work that may take long, watched: progress while it lasts, and Ctrl-C that ends it cleanly.

The work runs in a thread of its own, because the solvers hold the main thread where a signal could not be heard.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

from rich.console import Console
from rich.live import Live
from rich.table import Table

from hub_allocation.progress import Progress
from hub_matching.cli.endings import CANCELLED, say

T = TypeVar("T")
Work = Callable[[Progress, Callable[[], bool]], T]
"""Takes where to tell progress, and whom to ask whether to stop."""

QUIET_S = 1.5
"""Nothing is shown of work that ends sooner."""
LOOK_S = 0.1
LINE_S = 5.0
"""How often a line is written where there is no terminal."""


class Board:
    """The levels as last told: what is reached, what is proven possible, and since when."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._levels: dict[str, tuple[float, float, float]] = {}
        self.latest = ""

    def hear(self, name: str, value: float, bound: float, seconds: float) -> None:
        """Take one report of the solver's."""
        with self._lock:
            self._levels[name] = (value, bound, seconds)
            self.latest = name

    def line(self, seconds: float) -> str:
        """The state in one line."""
        with self._lock:
            if not self.latest:
                return f"{seconds:.0f} s: working"
            value, bound, _ = self._levels[self.latest]
            done = sum(value == bound for value, bound, _ in self._levels.values())
        best = "settled" if value == bound else f"best so far, bound {bound:,.0f}"
        settled = f"; {done} {'level' if done == 1 else 'levels'} settled" if done else ""
        return f"{seconds:.0f} s: {self.latest} {value:,.0f} ({best}){settled}"

    def table(self, seconds: float) -> Table:
        """The state as a table."""
        table = Table(title=f"solving, {seconds:.0f} s; Ctrl-C stops", title_justify="left")
        for name in ("level", "reached", "possible", "after"):
            table.add_column(name, justify="left" if name == "level" else "right")
        with self._lock:
            for name, (value, bound, at) in self._levels.items():
                table.add_row(name, f"{value:,.0f}", "settled" if value == bound else f"{bound:,.0f}", f"{at:.1f} s")
        return table


def waited(work: Callable[[], T]) -> T:
    """The same for work that can't be told to stop and writes nothing: Ctrl-C ends the process."""
    return watched(lambda progress, stopped: work(), stops=False)


def watched(work: Work[T], *, stops: bool = True) -> T:
    """Run work to its end and hand back what it returns or raise what it raises; Ctrl-C tells it to stop.

    ``stops``: whether it listens.
    """
    stop = threading.Event()
    board = Board()
    with _on_interrupt(stop, stops=stops), ThreadPoolExecutor(1, thread_name_prefix="solve") as pool:
        begun = time.monotonic()
        future = pool.submit(work, board.hear, stop.is_set)
        wait([future], timeout=QUIET_S)
        if not future.done():
            console = Console(stderr=True)
            (_show_live if console.is_terminal else _write_lines)(future, board, console, begun)
        return future.result()


def _show_live(future: "Future[T]", board: Board, console: Console, begun: float) -> None:
    with Live(console=console, transient=True, auto_refresh=False) as live:
        while not future.done():
            live.update(board.table(time.monotonic() - begun), refresh=True)
            wait([future], timeout=LOOK_S)


def _write_lines(future: "Future[T]", board: Board, console: Console, begun: float) -> None:
    while not future.done():
        say(board.line(time.monotonic() - begun))
        wait([future], timeout=LINE_S)


@contextmanager
def _on_interrupt(stop: threading.Event, *, stops: bool) -> Iterator[None]:
    """Set ``stop`` on the first Ctrl-C; end at once on the second, or if nobody asks (nothing is being written)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def heard(number: int, frame: FrameType | None) -> None:
        if stop.is_set() or not stops:
            sys.stderr.flush()
            os._exit(CANCELLED)
        stop.set()
        say("stopping …")

    before = signal.signal(signal.SIGINT, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
