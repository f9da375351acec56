"""Solver processes kept ready, so that a run does not wait for imports and compiled code to load."""

import asyncio
from collections import deque

from hub_matching.solver.process import SolverProcess


class ProcessPool:
    """Up to ``ready`` idle solver processes; each is used once."""

    def __init__(self, ready: int) -> None:
        self._wanted = ready
        self._idle: deque[SolverProcess] = deque()
        self._filling = asyncio.Lock()

    async def fill(self) -> None:
        """Start processes until enough are idle; ones that died meanwhile are replaced."""
        async with self._filling:
            dead = [process for process in self._idle if not process.alive]
            for process in dead:
                self._idle.remove(process)
                await process.kill()
            while len(self._idle) < self._wanted:
                self._idle.append(await SolverProcess.start())

    async def take(self) -> SolverProcess:
        """Give a process for one job, which the caller kills afterwards; a ready one if there is any."""
        while self._idle:
            process = self._idle.popleft()
            if process.alive:
                return process
            await process.kill()
        return await SolverProcess.start()

    async def close(self) -> None:
        """End all idle processes."""
        while self._idle:
            await self._idle.popleft().kill()
