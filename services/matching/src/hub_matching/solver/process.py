"""A solver process as the service sees it: started, made ready, given one job, killed when no longer wanted."""

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from pydantic import ValidationError

from hub_matching.errors import ChildCrashed
from hub_matching.results.model import Result
from hub_matching.runs.model import Failure
from hub_matching.solver import wire
from hub_matching.solver.carrying import packed
from hub_matching.solver.task import Planned, SolvedShare, Task

log = structlog.get_logger(__name__)

OnProgress = Callable[[wire.Progress], Awaitable[None]]

_KEPT: Final = (
    "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "NUMBA_CACHE_DIR", "NUMBA_NUM_THREADS", "PATH", "POLARS_MAX_THREADS",
    "TMPDIR", "TZ", "XDG_CACHE_HOME",
)  # fmt: skip
"""All of the environment that a solver process gets: no address, no secret."""


class SolverProcess:
    """One child process; made by ``start``, good for one job."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._last_words: deque[str] = deque(maxlen=20)
        self._listening = asyncio.create_task(self._listen())
        self._ready: asyncio.Task[None] = asyncio.create_task(self._await_ready())

    @classmethod
    async def start(cls) -> "SolverProcess":
        """Start a fresh interpreter; it gets ready by itself. Call on the main thread: the child dies with it."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            "hub_matching.solver.child",
            str(os.getpid()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=wire.LONGEST_LINE,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            start_new_session=True,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.returncode is None

    async def perform(self, task: Task, *, on_progress: OnProgress) -> Result | Planned | SolvedShare | Failure:
        """Have a task done; raises ChildCrashed, and whatever ``on_progress`` raises."""
        await self._ready
        try:
            await self._send(task)
            while True:
                match await self._read():
                    case wire.Progress() as progress:
                        await on_progress(progress)
                    case wire.Solved() as solved:
                        parts = {part: await self._stdout.readexactly(size) for part, size in solved.parts.items()}
                        return Result(summary=solved.summary, parts=parts)
                    case wire.Planned(shares=shares):
                        return Planned(shares)
                    case wire.Shared(share=share):
                        content = await self._stdout.readexactly(share.size)
                        return SolvedShare(content, share.seconds, share.peak_rss_mb)
                    case wire.Failed(code=code, reason=reason, errors=errors):
                        return Failure(code, reason, errors)
                    case wire.Crashed(reason=reason):
                        raise await self._crash(reason)
                    case wire.Ready():
                        raise await self._crash("the solver process said twice that it is ready")
        except (ConnectionError, asyncio.IncompleteReadError):
            raise await self._crash(None) from None

    async def kill(self) -> None:
        """End the process at once, whatever it does, and wait until it is gone."""
        self._ready.cancel()
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await asyncio.gather(self._ready, self._listening, return_exceptions=True)

    async def _send(self, task: Task) -> None:
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 -- started with a pipe
        job, follow = packed(task)
        stdin.write(job.model_dump_json().encode() + b"\n")
        for data in follow:
            stdin.write(data)
            await stdin.drain()
        await stdin.drain()

    async def _await_ready(self) -> None:
        said = await self._read()
        if not isinstance(said, wire.Ready):
            raise await self._crash("the solver process did not get ready")

    async def _read(self) -> wire.Anything:
        try:
            line = await self._stdout.readline()
        except ValueError:  # a line over the limit
            raise await self._crash("the solver process said more than a line may hold") from None
        if not line.endswith(b"\n"):
            raise await self._crash(None)
        try:
            return wire.ANSWERS.validate_json(line)
        except ValidationError:
            raise await self._crash("the solver process said what nobody understands") from None

    async def _crash(self, reason: str | None) -> ChildCrashed:
        """Make the exception for an end without a result, once the process has really ended."""
        if self.alive and reason is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        status = await self._process.wait()
        await asyncio.gather(self._listening, return_exceptions=True)
        how = reason or _how(status)
        log.warning("solver process ended without a result", pid=self.pid, how=how, last_words=list(self._last_words))
        return ChildCrashed(how)

    async def _listen(self) -> None:
        stderr = self._process.stderr
        assert stderr is not None  # noqa: S101 -- started with a pipe
        while block := await stderr.read(65_536):
            self._last_words.extend(block.decode(errors="replace").splitlines()[-20:])

    @property
    def _stdout(self) -> asyncio.StreamReader:
        assert self._process.stdout is not None  # noqa: S101 -- started with a pipe
        return self._process.stdout


def _how(status: int) -> str:
    if status < 0:
        return f"the solver process was ended by {signal.Signals(-status).name}"
    return f"the solver process ended with status {status} and no result"
