"""A process that is started before its task is known, so that it has loaded what it needs when the task comes.

It is a Python of its own that runs what it is told to get ready with: unlike one of multiprocessing's it does not run
the caller's main module first, which may import a whole service. Both ends speak pickle over a pair of sockets;
whichever end sees the other gone stops.
"""

import os
import pickle
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any

from hub_allocation.errors import AllocationError, Stopped

LOOK_S = 0.2
"""How often the caller is asked whether to go on while a worker works."""
_BEGIN = (
    "import sys; sys.path[:] = {path!r}; from hub_allocation.components.worker import serve; serve({line}, {ready!r})"
)


class WorkerLost(AllocationError):
    """A process ended without an answer: killed for want of memory, say."""


class Worker:
    """One such process, ended when the ``with`` block is left."""

    def __init__(self, get_ready: Callable[[], object]) -> None:
        """Start it, and let it call this function of a module."""
        self._line, theirs = socket.socketpair()
        begin = _BEGIN.format(path=sys.path, line=theirs.fileno(), ready=pickle.dumps(get_ready))
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this Python, and nothing from outside
                [sys.executable, "-c", begin], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
            )
        self._sending: threading.Thread | None = None

    def __enter__(self) -> "Worker":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()
        if self._sending is not None:
            self._sending.join()
        self._line.close()

    def give(self, work: Callable[[Any], Any], task: object) -> None:
        """Let it do ``work``, a function of a module, on a task; returns while the task is still on its way."""
        # One call sends it all, so that the other end gets it however busy this thread is with its own share.
        self._sending = threading.Thread(target=self._send, args=(pickle.dumps((work, task)),))
        self._sending.start()

    def _send(self, data: bytes) -> None:
        with suppress(OSError):  # it ended, which whoever waits for the answer is told
            self._line.sendall(data)

    def answer(self, check: Callable[[], None]) -> Any:
        """Wait for what came of the task, or raise what it raised.

        Args:
            check: asked every LOOK_S; what it raises ends the waiting.

        Raises:
            WorkerLost: it ended without an answer.
        """
        while not _readable(self._line, LOOK_S):
            check()
        try:
            with self._line.makefile("rb") as line:
                done, found = pickle.load(line)  # noqa: S301 - a process of our own
        except (EOFError, OSError, pickle.UnpicklingError):
            raise WorkerLost(f"a process ended with {self._process.wait()} and without an answer") from None
        if not done:
            raise found
        return found


_caller: list[socket.socket] = []
"""In a worker: the line to whoever started it."""


def serve(line: int, ready: bytes) -> None:
    """In a worker: get ready, do the one task, answer."""
    with socket.socket(fileno=line) as caller:
        _caller.append(caller)
        pickle.loads(ready)()  # noqa: S301 - from whoever started this process
        try:
            with caller.makefile("rb") as given:
                work, task = pickle.load(given)  # noqa: S301
        except (EOFError, OSError):
            return  # nobody has anything for it to do
        threading.Thread(target=_end_with, args=(caller,), daemon=True).start()
        try:
            answer = True, work(task)
        except Stopped:
            return
        except AllocationError as error:
            answer = False, error
        with suppress(OSError):
            caller.sendall(pickle.dumps(answer))


def go_on() -> None:
    """In a worker: raise Stopped when whoever started it is gone."""
    if any(_readable(caller, 0) for caller in _caller):  # nothing more is ever sent, so this is the end of the line
        raise Stopped


def _end_with(caller: socket.socket) -> None:
    """End at once when whoever started it is gone, however long the step is that it is at."""
    with suppress(OSError, ValueError):  # closed: the answer is on its way
        select.select([caller], [], [])  # nothing more is ever sent
        os._exit(1)


def _readable(line: socket.socket, wait_s: float) -> bool:
    return bool(select.select([line], [], [], wait_s)[0])
