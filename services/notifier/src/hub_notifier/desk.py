"""Hands out notices that are due to the senders of a process."""

import asyncio

from hub_chassis.database import Database
from hub_chassis.waiting import pause
from hub_notifier.notices import repository
from hub_notifier.notices.model import Notice
from hub_schemas.ids import new_id

CLAIM_AT_ONCE = 50
"""What one sender sends in two seconds or so, and at most as many as the registry shows in one answer."""


class Desk:
    """However many senders wait here, one of them at a time asks the database, so that idle senders cost nothing."""

    def __init__(self, *, lease_s: float, idle_s: float) -> None:
        self._lease_s = lease_s
        self._idle_s = idle_s
        self._asking = asyncio.Lock()

    async def take(self, db: Database, stop: asyncio.Event) -> list[Notice]:
        """Claim a few notices; none when none became due for a while. Raises what the database raises."""
        try:
            async with asyncio.timeout(self._idle_s):
                await self._asking.acquire()
        except TimeoutError:
            return []
        try:
            async with db.transaction() as tx:
                notices = await repository.claim(tx.conn, claim=new_id(), limit=CLAIM_AT_ONCE, lease_s=self._lease_s)
            if not notices:
                await pause(stop, self._idle_s)
        finally:
            self._asking.release()
        return notices
