"""Following a run from outside: each look is one short transaction, nothing is held between two looks."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Final
from uuid import UUID

from hub_chassis.database import Conn, Database
from hub_registry.access.principal import Principal
from hub_registry.errors import RunNotKnown
from hub_registry.runs import repository
from hub_registry.runs.live import Live, live
from hub_schemas.ids import RunId

LOOK_S: Final = 1.0
_STILL_IN = """
    SELECT true
      FROM session s
      JOIN staff p ON p.staff_id = s.staff_id
     WHERE s.session_id = $1 AND s.ended_at IS NULL AND s.expires_at > now() AND s.seen_at > now() - $2::interval
       AND p.active
"""


async def watch(
    database: Database,
    me: Principal,
    run_id: RunId,
    *,
    session_id: UUID,
    idle: timedelta,
    looks: int,
    wait: Callable[[], Awaitable[bool]],
) -> AsyncIterator[Live]:
    """Give how far a run has come at each look, until it is over.

    Ends early when the person signed out, is no longer active or may not see the run any more; after ``looks``
    looks; and when ``wait``, which lies between two of them, says no.
    """
    for _ in range(looks):
        async with database.transaction(hub_id=me.hub_id, scope=me.settings()) as tx:
            if not await _still_in(tx.conn, session_id, idle):
                return
            try:
                seen = live(await repository.load_run(tx.conn, run_id))
            except RunNotKnown:
                return
        yield seen
        if seen.over or not await wait():
            return


async def _still_in(conn: Conn, session_id: UUID, idle: timedelta) -> bool:
    return bool(await conn.fetchval(_STILL_IN, session_id, idle))
