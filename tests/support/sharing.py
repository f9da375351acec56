"""One server for all workers of a parallel run (pytest-xdist): the first opens it, and closes it after the last."""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import psutil

from hub_deploy.embedded.cache import only_one

Description = dict[str, str]
_LONGEST_S = 3600.0


@contextlib.contextmanager
def shared(
    name: str, folder: Path, open_server: Callable[[], AbstractContextManager[Description]]
) -> Iterator[Description]:
    """Yield a server's description, opening the server if no other process of this run has.

    Args:
        name: of the server within the folder.
        folder: belongs to this run alone, the same for all its workers.
        open_server: opens it and describes it in plain text, which is how the others find it.
    """
    note, lock = folder / f"{name}.json", folder / f"{name}.lock"
    users = folder / f"{name}.users"
    with contextlib.ExitStack() as closing:
        with only_one(lock):
            users.mkdir(exist_ok=True)
            (users / str(os.getpid())).touch()
            known = _read(note)
            if known is None:
                known = closing.enter_context(open_server())
                note.write_text(json.dumps({"owner": str(os.getpid()), "server": known}))
                closing.callback(_wait_for_others, lock, users, note)
        try:
            yield known
        finally:
            (users / str(os.getpid())).unlink(missing_ok=True)


def _read(note: Path) -> Description | None:
    with contextlib.suppress(FileNotFoundError):
        content = json.loads(note.read_text())
        if psutil.pid_exists(int(content["owner"])):
            server: Description = content["server"]
            return server
    return None


def _wait_for_others(lock: Path, users: Path, note: Path) -> None:
    deadline = time.monotonic() + _LONGEST_S
    while True:
        with only_one(lock):
            left = [user for user in users.iterdir() if psutil.pid_exists(int(user.name))]
            if not left or time.monotonic() > deadline:
                note.unlink(missing_ok=True)
                return
        time.sleep(0.2)
