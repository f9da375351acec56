"""Following something from outside: each look is one short transaction, nothing is held between two looks."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Final, Protocol, TypeVar
from uuid import UUID

from hub_chassis.database import Conn, Database
from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal
from hub_registry.errors import NotKnown

LOOK_S: Final = 1.0
_STILL_IN = """
    SELECT true
      FROM session s
      JOIN staff p ON p.staff_id = s.staff_id
     WHERE s.session_id = $1 AND s.ended_at IS NULL AND s.expires_at > now() AND s.seen_at > now() - $2::interval
       AND p.active
"""


class Ends(Protocol):
    """What can be followed."""

    @property
    def over(self) -> bool:
        """Nothing more is to come."""

    @property
    def state(self) -> str:
        """Where it stands."""


Seen = TypeVar("Seen", bound=Ends)


async def watch(
    database: Database,
    me: Principal,
    look: Callable[[Transaction], Awaitable[Seen]],
    *,
    session_id: UUID,
    idle: timedelta,
    looks: int,
    wait: Callable[[], Awaitable[bool]],
) -> AsyncIterator[Seen]:
    """Give how far something has come at each look, until it is over.

    Ends early when the person signed out, is no longer active or may not see it any more (``look`` raises NotKnown);
    after ``looks`` looks; and when ``wait``, which lies between two of them, says no.
    """
    for _ in range(looks):
        async with database.transaction(hub_id=me.hub_id, scope=me.settings()) as tx:
            if not await _still_in(tx.conn, session_id, idle):
                return
            try:
                seen = await look(tx)
            except NotKnown:
                return
        yield seen
        if seen.over or not await wait():
            return


async def _still_in(conn: Conn, session_id: UUID, idle: timedelta) -> bool:
    return bool(await conn.fetchval(_STILL_IN, session_id, idle))
