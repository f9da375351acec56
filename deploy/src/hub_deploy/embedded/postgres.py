"""PostgreSQL 18 as a plain process on 127.0.0.1: a data folder, a port, start, stop, crash, start again."""

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

from hub_deploy.embedded import pg_binaries
from hub_deploy.embedded.cache import Progress, silent
from hub_deploy.embedded.process import Child, ChildFailed, free_port

SUPERUSER: Final = "postgres"

_ALWAYS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",  # queries here are short; compiling them costs more than it saves
    "io_method": "sync",  # saves three worker processes
    "log_line_prefix": "%m [%p] %u@%d ",
}
# A commit stays visible to the operating system, so a killed server loses nothing; a power cut may lose everything.
_FAST: Final = {"fsync": "off", "full_page_writes": "off"}


class Postgres:
    """A PostgreSQL server; ``with Postgres(...) as server`` (or ``async with``) starts and stops it.

    Args:
        folder: keeps ``data``, ``postgres.log`` and the superuser's password between starts;
            None makes a temporary one that is removed at the end.
        port: on 127.0.0.1; None takes a free one, the same for every restart of this object.
        durable: True (the default) survives a power cut; False is for tests.
        max_connections: as PostgreSQL's setting.
        progress: told what takes long.

    Every login needs its password (scram), so that what works here works against a server elsewhere.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        port: int | None = None,
        durable: bool = True,
        max_connections: int = 100,
        progress: Progress = silent,
    ) -> None:
        self._temporary = folder is None
        self._account = pg_binaries.unprivileged()
        self._wanted = folder or _temporary_folder()
        self.folder = pg_binaries.data_home(self._wanted, self._account)
        self._port_given = port is not None
        self.port = port or free_port()
        self._settings = {**_ALWAYS, "max_connections": str(max_connections), **({} if durable else _FAST)}
        self._progress = progress
        self._child: Child | None = None
        self.log = self.folder / "postgres.log"

    @property
    def password(self) -> str:
        """The superuser's password, made with the data folder and readable by its owner only."""
        return (self.folder / "password").read_text().strip()

    def url(self, database: str = "postgres", *, user: str = SUPERUSER, password: str | None = None) -> str:
        """Return a connection URL; without a password it is the superuser's."""
        secret = self.password if password is None else password
        return f"postgresql://{quote(user)}:{quote(secret)}@127.0.0.1:{self.port}/{quote(database)}"

    @property
    def child(self) -> Child:
        """The server process; raises ChildFailed before the first start."""
        if self._child is None:
            raise ChildFailed("PostgreSQL", "was not started", "")
        return self._child

    def start(self, timeout_s: float = 60.0) -> Self:
        """Start the server and wait until it accepts connections; raises ChildFailed with the end of its log.

        The data folder is made at the first start. A port that somebody took meanwhile is changed once, unless given.
        """
        binaries = pg_binaries.bin_folder(self._account, self.folder)
        if not (self.folder / "data" / "PG_VERSION").exists():
            self._progress("making PostgreSQL's data folder")
            self._make_data(binaries)
        try:
            self._launch(binaries, timeout_s)
        except ChildFailed as failed:
            if self._port_given or "Address already in use" not in failed.tail:
                raise
            self.port = free_port()
            self._launch(binaries, timeout_s)
        self._port_given = True
        return self

    def stop(self) -> None:
        """Stop the server: sessions are cut, open transactions rolled back, everything written (fast shutdown)."""
        if self._child is not None:
            self._child.stop()

    def kill(self) -> None:
        """End the server as a crash would: SIGKILL, nothing tidied; ``start()`` brings it back on port and data."""
        self.child.kill()

    def remove(self) -> None:
        """Delete the folder with all data; the server must be stopped."""
        for folder in (self.folder, self._wanted):  # two where the wanted one was out of reach
            shutil.rmtree(folder, ignore_errors=True)

    def _make_data(self, binaries: Path) -> None:
        data, password = self.folder / "data", self.folder / "password"
        shutil.rmtree(data, ignore_errors=True)  # left by an initdb that was interrupted
        data.mkdir(mode=0o700)
        password.unlink(missing_ok=True)
        with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(secrets.token_urlsafe(18) + "\n")
        self.log.touch()
        account = self._account
        if account:
            for path in (data, password):
                os.chown(path, account.uid, account.gid)
        # Code-point order and Unicode case rules that are the same on every machine, whatever its locales.
        locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8")
        made = subprocess.run(  # noqa: S603 - all parts are ours
            [
                binaries / "initdb", f"--pgdata={data}", f"--username={SUPERUSER}", f"--pwfile={password}",
                "--auth=scram-sha-256", "--no-sync", *locale,
            ],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=120,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )  # fmt: skip
        if made.returncode != 0:
            tail = made.stderr.decode(errors="replace")[-2000:]
            raise ChildFailed("initdb", f"ended with status {made.returncode}", tail)

    def _launch(self, binaries: Path, timeout_s: float) -> None:
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        self._child = Child(
            "PostgreSQL",
            [binaries / "postgres", "-D", self.folder / "data", "-p", str(self.port), *settings],
            log=self.log,
            env=self._environment(),
            cwd=self.folder,
            account=self._account,
            stop_signal=signal.SIGINT,
        ).start()
        self._child.wait_until(self._ready, timeout_s=timeout_s)

    def _ready(self) -> bool:
        # What pg_ctl does: the first line of the file is the server's process id, the eighth its state.
        with contextlib.suppress(OSError, IndexError):
            lines = (self.folder / "data" / "postmaster.pid").read_text().splitlines()
            return lines[0] == str(self.child.pid) and lines[7].strip() == "ready"
        return False

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        return {**kept, "LC_ALL": "C"}

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._temporary:
            self.remove()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.__enter__)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.__exit__, kind, error, trace)


def _temporary_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="hub-postgres-"))
    folder.chmod(0o755)  # the server may run under another account; its data folder stays private
    return folder
