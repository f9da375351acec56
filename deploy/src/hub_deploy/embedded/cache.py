"""What is fetched or made once per account and shared by every start: where it is, and one maker at a time."""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

Progress = Callable[[str], None]
"""Told one line of text whenever something that may take longer than two seconds moves on."""


def silent(_line: str) -> None:
    """Report no progress."""


def cache_dir() -> Path:
    """Return the cache folder, made if absent: ``HUB_CACHE`` or ``~/.cache/placement-hub``."""
    folder = Path(os.environ.get("HUB_CACHE") or Path.home() / ".cache" / "placement-hub").expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def only_one(lock: Path, progress: Progress = silent) -> Iterator[None]:
    """Hold an advisory lock on a file while the block runs; the kernel frees it if this process dies.

    The lock belongs to the open file, so threads of one process exclude each other too.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        told_at = time.monotonic()
        waiting = False
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not waiting or time.monotonic() - told_at > 5:
                    progress(f"waiting for another process that prepares {lock.parent.name}")
                    told_at, waiting = time.monotonic(), True
                time.sleep(0.1)
        yield
