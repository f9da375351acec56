"""Where files are worked on: small ones here, large ones in a process of their own, so that no page waits for them."""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Final, Self
from uuid import UUID

import structlog

from hub_chassis.database import Database
from hub_registry.access.principal import Principal
from hub_registry.metrics import UPLOADS
from hub_registry.settings import Settings
from hub_registry.uploads import repository, service

log = structlog.get_logger(__name__)

HERE_BYTES: Final = 100_000
"""Largest file that is worked on here, some hundred rows: starting a process takes longer than such a file."""
AT_ONCE: Final = 2
"""Large files at once; the others wait."""


class Workshop:
    """Works on files; ``open`` it for as long as the service runs."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._running: set[Process] = set()

    @classmethod
    @asynccontextmanager
    async def open(cls, database: Database, settings: Settings) -> AsyncIterator[Self]:
        """Have one while the service runs; what is unfinished then is begun anew by its person."""
        workshop = cls(database, settings)
        try:
            yield workshop
        finally:
            for process in list(workshop._running):
                await _end(process)

    @property
    def working(self) -> set[int]:
        """Ids of the processes at work."""
        return {process.pid for process in self._running}

    async def take_up(self, upload_id: UUID, size_bytes: int, *, by: Principal) -> None:
        """Check or take a file, as its state says; ends when that is done."""
        if size_bytes <= HERE_BYTES:
            await service.work(self._database, upload_id, by=by)
        else:
            async with self._turn:
                await self._beside(upload_id, by=by)
        async with self._database.transaction(hub_id=by.hub_id, scope=by.settings()) as tx:
            ended = await repository.load(tx.conn, upload_id)
        UPLOADS.labels(ended.kind, ended.state).inc()

    async def _beside(self, upload_id: UUID, *, by: Principal) -> None:
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "hub_registry.uploads.process", stdin=PIPE)
        self._running.add(process)
        try:
            assert process.stdin is not None  # noqa: S101 -- asked for above
            process.stdin.write(self._job(upload_id, by))
            with contextlib.suppress(ConnectionError):
                await process.stdin.drain()
            # Its standard input stays open: it ends when this closes, however this process ends.
            status = await process.wait()
        finally:
            self._running.discard(process)
            await _end(process)
        if status != 0:
            log.error("the process of an upload ended", upload_id=str(upload_id), status=status)
            await service.note(self._database, upload_id, "failed", {"detail": service.OURS}, by=by)

    def _job(self, upload_id: UUID, by: Principal) -> bytes:
        """Write what the process needs; on its standard input, where no other process can read the database's URL."""
        names = (
            "service",
            "database_url",
            "pool_size",
            "acquire_timeout_s",
            "command_timeout_s",
            "log_level",
            "log_format",
        )
        settings = {name: getattr(self._settings, name) for name in names}
        whose = {
            name: value for name, value in asdict(by).items() if name not in {"scopes", "signed_in", "second_factor"}
        }
        job = {"settings": settings, "upload_id": upload_id, "by": whose}
        return json.dumps(job, default=str).encode() + b"\n"


async def _end(process: Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
