"""How much memory a family of processes uses together, sampled while they work."""

import contextlib
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

INTERVAL_S = 0.5


def family_mb(roots: Iterable[int]) -> float:
    """Memory in MB (10^6 bytes) of processes and all their descendants.

    Linux shares a page's size out among those who map it (proportional set size), so that PostgreSQL's shared
    buffers count once; elsewhere resident sizes are added, which counts shared pages again for each process.
    """
    total = 0
    for root in roots:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(root)
            for member in (process, *process.children(recursive=True)):
                total += _bytes(member)
    return total / 1e6


def _bytes(process: psutil.Process) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    with contextlib.suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


class PeakMemory:
    """Samples in a thread of its own between ``with`` and the end of the block; ``peak_mb`` is the largest sum seen."""

    def __init__(self, pids: Callable[[], list[int]]) -> None:
        self.peak_mb = 0.0
        self._pids = pids
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True, name="peak-memory")

    def _sample(self) -> None:
        while not self._ended.wait(INTERVAL_S):
            self.peak_mb = max(self.peak_mb, family_mb(self._pids()))

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, *ended: object) -> None:
        self._ended.set()
        self._thread.join()
