"""Writes what all senders of a process want written, together: one commit for whatever came while the last one ran.

A commit takes about as long for ten notices as for one. Nobody waits for company: a sender alone is written at once.
"""

import asyncio
from dataclasses import dataclass

from hub_chassis.database import Database
from hub_notifier.notices import repository, service
from hub_notifier.notices.ledger import Settlement
from hub_notifier.notices.model import Claimed, Notice

AT_ONCE = 100


@dataclass(frozen=True)
class HandOver:
    """A message is about to leave."""

    notice: Notice


class Recorder:
    """Each call returns when its write is committed, or raises what the database raised for all written with it."""

    def __init__(self, *, hand_over_lease_s: float) -> None:
        self._hand_over_lease_s = hand_over_lease_s
        self._pending: list[tuple[HandOver | Settlement, asyncio.Future[bool]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, db: Database, wish: HandOver | Settlement) -> bool:
        """Commit the wish; False when the notice's claim is lost and nothing was written for it."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._pending.append((wish, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(db))
        return await done

    async def _write_all(self, db: Database) -> None:
        while self._pending:
            batch, self._pending = self._pending[:AT_ONCE], self._pending[AT_ONCE:]
            try:
                written = await self._commit(db, [wish for wish, _ in batch])
            except BaseException as error:
                _fail([done for _, done in batch], error)
                if not isinstance(error, Exception):
                    _fail([done for _, done in self._pending], error)
                    raise
                continue
            for wish, done in batch:
                if not done.done():
                    done.set_result(wish.notice.claimed in written)

    async def _commit(self, db: Database, wishes: list[HandOver | Settlement]) -> set[Claimed]:
        leaving = [wish.notice for wish in wishes if isinstance(wish, HandOver)]
        settled = [wish for wish in wishes if isinstance(wish, Settlement)]
        written: set[Claimed] = set()
        async with db.transaction() as tx:
            if leaving:
                written |= await repository.begin_hand_over(tx.conn, leaving, lease_s=self._hand_over_lease_s)
            if settled:
                written |= await service.settle(tx, settled)
        return written


def _fail(waiting: list[asyncio.Future[bool]], error: BaseException) -> None:
    for done in waiting:
        if not done.done():
            done.set_exception(error if isinstance(error, Exception) else ConnectionAbortedError("stopped"))
