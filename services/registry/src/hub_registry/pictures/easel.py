"""Where pictures are drawn: one process beside the service, and what it drew is kept.

Drawing takes 180 MB and two seconds to start, and a crash of theirs must not be the registry's: so a process of
its own, started at the first picture and ended when nobody wants one any more. Pictures are kept by what they were
drawn from: a run's result never changes, so it is drawn once, and rows that did change are another picture.
"""

import asyncio
import contextlib
import hashlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Self

import structlog

log = structlog.get_logger(__name__)

KEPT_BYTES: Final = 32_000_000
DRAWING_S: Final = 30.0
"""Longest that one picture may take, the start of the process included."""
IDLE_S: Final = 300.0
LINE_BYTES: Final = 16_000_000
"""Largest picture."""


class NotDrawn(Exception):
    """A picture could not be drawn; its table says the same."""


class Easel:
    """Draws one picture after the other. ``open`` it for as long as the service runs."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._kept_bytes = 0
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._idle: asyncio.TimerHandle | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Self]:
        """Have one while the service runs."""
        easel = cls()
        try:
            yield easel
        finally:
            await easel.close()

    async def draw(self, order: str) -> bytes:
        """Give the SVG of an order; raises NotDrawn."""
        key = hashlib.sha256(order.encode()).hexdigest()
        if (found := self._find(key)) is not None:
            return found
        async with self._turn:
            # Somebody else may have wanted the same meanwhile.
            if (found := self._find(key)) is not None:
                return found
            made = await self._ask(order)
            self._keep(key, made)
            return made

    async def close(self) -> None:
        """End the process."""
        async with self._turn:
            await self._end()

    async def _ask(self, order: str) -> bytes:
        if self._idle:
            self._idle.cancel()
        try:
            async with asyncio.timeout(DRAWING_S):
                answer = await self._say(order)
        except (TimeoutError, OSError, ValueError) as error:
            log.warning("picture_not_drawn", error=repr(error))
            await self._end()
            raise NotDrawn("the picture could not be drawn") from error
        except BaseException:
            # Whoever asked has gone: the answer that is still to come would be taken for the next one's.
            await self._end()
            raise
        self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._rest)
        if "svg" not in answer:
            log.warning("picture_not_drawn", error=answer.get("error"))
            raise NotDrawn("the picture could not be drawn")
        return answer["svg"].encode()

    async def _say(self, order: str) -> dict[str, str]:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "hub_registry.pictures.process", stdin=PIPE, stdout=PIPE, limit=LINE_BYTES
            )
        assert process.stdin is not None  # noqa: S101 -- asked for above
        assert process.stdout is not None  # noqa: S101 -- asked for above
        process.stdin.write(order.encode() + b"\n")
        await process.stdin.drain()
        answer: dict[str, str] = json.loads(await process.stdout.readline())
        return answer

    def _rest(self) -> None:
        if self._process and self._process.stdin and not self._turn.locked():
            self._process.stdin.close()
            self._process = None

    async def _end(self) -> None:
        if self._idle:
            self._idle.cancel()
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()

    def _find(self, key: str) -> bytes | None:
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def _keep(self, key: str, made: bytes) -> None:
        self._kept[key] = made
        self._kept_bytes += len(made)
        while self._kept_bytes > KEPT_BYTES:
            _, gone = self._kept.popitem(last=False)
            self._kept_bytes -= len(gone)
