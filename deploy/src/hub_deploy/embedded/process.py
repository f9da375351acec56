"""A child process with its own session and log file, which never outlives the process that started it.

Beside each child runs a guard: a shell that reads from a pipe whose other end only the parent holds. However the
parent dies, the kernel closes that end, the guard reads end-of-file and ends the child's process group: first with
the child's own stop signal, five seconds later with SIGKILL. The same on Linux and macOS, and unlike Linux's parent
death signal it does not depend on the thread that made the child staying alive.
"""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

_GUARD = """
if read -r _; then exit 0; fi
kill -s "$2" -- "-$1" 2>/dev/null || exit 0
for _ in 1 2 3 4 5; do sleep 1; kill -0 -- "-$1" 2>/dev/null || exit 0; done
kill -s KILL -- "-$1" 2>/dev/null
"""


class ChildFailed(Exception):
    """A child process ended, or was not ready in time; ``tail`` is the end of its log."""

    def __init__(self, name: str, reason: str, tail: str) -> None:
        super().__init__(f"{name} {reason}\n{tail}")
        self.name = name
        self.reason = reason
        self.tail = tail


@dataclass(frozen=True)
class Account:
    """The account a child runs as, when this process is root and the child must not be."""

    uid: int
    gid: int


def free_port() -> int:
    """Return a TCP port on 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def port_open(port: int) -> bool:
    """Say whether something accepts connections on a port of 127.0.0.1."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.3):
        return True
    return False


def http_ok(url: str, timeout_s: float = 1.0) -> bool:
    """Say whether a GET of a local address answers with a status below 400."""
    try:
        with urllib.request.urlopen(url, timeout=timeout_s):  # noqa: S310 - only addresses this package made
            return True
    except (OSError, urllib.error.URLError, ValueError):
        return False


def log_tail(log: Path, lines: int = 25) -> str:
    """Return the last lines of a log file; empty when there is none."""
    with contextlib.suppress(OSError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    return ""


class Child:
    """One child process; may be started again after it was stopped or killed (the log is appended to)."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str | os.PathLike[str]],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        account: Account | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.argv = [os.fspath(part) for part in argv]
        self.log = log
        self._env = None if env is None else dict(env)
        self._cwd = cwd
        self._account = account
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id; raises ChildFailed when the child was never started."""
        if self._process is None:
            raise ChildFailed(self.name, "was not started", "")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the child was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_status(self) -> int | None:
        """The exit status, negative for a signal; None while running or never started."""
        return None if self._process is None else self._process.poll()

    def rss_bytes(self) -> int:
        """Resident memory of the child and its descendants in bytes (shared pages counted for each)."""
        total = 0
        with contextlib.suppress(psutil.Error):
            root = psutil.Process(self.pid)
            for process in (root, *root.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    total += process.memory_info().rss
        return total

    def start(self) -> Self:
        """Start the child and its guard; readiness is a separate question (``wait_until``)."""
        account = self._account
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - argv comes from this package, never from outside
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._env,
                cwd=self._cwd,
                start_new_session=True,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        self._guard = subprocess.Popen(  # noqa: S603
            ["/bin/sh", "-c", _GUARD, "guard", str(self._process.pid), self._stop_signal.name.removeprefix("SIG")],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self

    def wait_until(self, ready: Callable[[], bool], *, timeout_s: float = 60.0) -> None:
        """Wait until ``ready()``; a child that ends or takes too long is ended and raises ChildFailed."""
        deadline = time.monotonic() + timeout_s
        while not ready():
            if not self.running:
                status = self.exit_status
                self.kill()
                raise ChildFailed(self.name, f"ended with status {status} before it was ready", log_tail(self.log))
            if time.monotonic() > deadline:
                self.kill()
                raise ChildFailed(self.name, f"was not ready within {timeout_s:g} s", log_tail(self.log))
            time.sleep(0.03)

    def stop(self, timeout_s: float = 20.0) -> int | None:
        """Ask the child to end, kill it if it does not; returns its exit status (None: never started)."""
        if self._process is None:
            return None
        if self.running:
            self._process.send_signal(self._stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout_s)
        self.kill()
        return self._process.returncode

    def kill(self) -> None:
        """SIGKILL the child with all its descendants, and reap it; harmless when it has ended."""
        if self._process is None:
            return
        if self.running:
            family = [self._process.pid]
            with contextlib.suppress(psutil.Error):
                family += [child.pid for child in psutil.Process(self._process.pid).children(recursive=True)]
            for pid in family:  # the root first: it must not notice and tidy up
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._dismiss_guard()

    def _dismiss_guard(self) -> None:
        guard, self._guard = self._guard, None
        if guard is not None:
            with contextlib.suppress(BrokenPipeError):
                guard.communicate(b"done\n")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
