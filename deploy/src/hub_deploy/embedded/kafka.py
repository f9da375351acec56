"""Apache Kafka 4.1 as a plain process on 127.0.0.1: one KRaft node that is broker and controller."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from hub_deploy.embedded import broker_config, quick_start
from hub_deploy.embedded.cache import Progress, silent
from hub_deploy.embedded.process import Child, ChildFailed, free_port, port_open

_PORT_TRIES = 3


class Kafka:
    """A Kafka broker; ``with Kafka(...) as broker`` (or ``async with``) starts and stops it.

    Args:
        folder: keeps ``data``, ``server.properties`` and ``broker.log`` between starts;
            None makes a temporary one that is removed at the end.
        port: on 127.0.0.1; None takes a free one, the same for every restart of this object.
        heap_mb: the largest Java heap, in MiB.
        listener: how clients speak to it.
        progress: told what takes long; the first start of an account fetches 44 MB and prepares quick starts.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        port: int | None = None,
        heap_mb: int = 256,
        listener: broker_config.Listener = broker_config.PLAIN,
        progress: Progress = silent,
    ) -> None:
        self._temporary = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="hub-kafka-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._port_given = port is not None
        self.port = port or free_port()
        self._heap_mb = heap_mb
        self._listener = listener
        self._progress = progress
        self._child: Child | None = None
        self.log = self.folder / "broker.log"

    @property
    def bootstrap(self) -> str:
        """The address for clients, ``host:port``."""
        return f"127.0.0.1:{self.port}"

    @property
    def child(self) -> Child:
        """The broker's process; raises ChildFailed before the first start."""
        if self._child is None:
            raise ChildFailed("Kafka", "was not started", "")
        return self._child

    def start(self, timeout_s: float = 60.0) -> Self:
        """Start the broker and wait until it serves clients; raises ChildFailed, JarNotFetched.

        A port that somebody took meanwhile is changed, unless given or used before.
        """
        ready = quick_start.prepared(self._progress)
        data = self.folder / "data"
        if not (data / "meta.properties").exists():
            ready.copy_formatted(data)
        for attempt in range(_PORT_TRIES):
            try:
                self._launch(ready, timeout_s)
                break
            except ChildFailed as failed:
                if "Address already in use" not in failed.tail or attempt == _PORT_TRIES - 1:
                    raise
                if not self._port_given:
                    self.port = free_port()
        self._port_given = True
        return self

    def stop(self) -> None:
        """Stop the broker in order: segments flushed, clean-shutdown marker written."""
        if self._child is not None:
            self._child.stop(timeout_s=30)

    def kill(self) -> None:
        """End the broker as a crash would: SIGKILL, nothing tidied; ``start()`` brings it back on port and data."""
        self.child.kill()

    def remove(self) -> None:
        """Delete the folder with all data; the broker must be stopped."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _launch(self, ready: quick_start.Prepared, timeout_s: float) -> None:
        properties = self.folder / "server.properties"
        text = broker_config.properties(self.port, free_port(), self.folder / "data", listener=self._listener)
        properties.write_text(text)
        self._child = Child(
            "Kafka",
            [*ready.java(heap_mb=self._heap_mb), quick_start.MAIN, properties],
            log=self.log,
            env=quick_start.environment(),
            cwd=self.folder,
        ).start()
        self._child.wait_until(lambda: port_open(self.port), timeout_s=timeout_s)

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
