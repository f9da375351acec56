"""The pool: bounded waits, one role per use, scoped transactions."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg

from hub_chassis import outbox, telemetry
from hub_chassis.conn import Conn, Pool
from hub_chassis.errors import DatabaseAway, is_away
from hub_chassis.settings import Settings
from hub_chassis.transaction import Transaction, set_scope
from hub_schemas.envelope import Envelope
from hub_schemas.ids import HubId

__all__ = ["Conn", "Database", "Pool", "Transaction"]

CONNECT_TIMEOUT_S = 5.0


async def prepare(conn: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Read and write jsonb as Python values; uuid columns are ``uuid.UUID`` already."""
    for name in ("json", "jsonb"):
        await conn.set_type_codec(name, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


_POOLS: dict[str, list[Pool]] = defaultdict(list)
"""Open pools by role: the API and the plumbing of a service have pools of their own under the same one.

All are equally large; the fullest is shown, because taken together one could be used up beside one that is idle.
"""


def _lent(pool: Pool) -> int:
    return pool.get_size() - pool.get_idle_size()


@contextmanager
def _counted(pool: Pool, role: str) -> Iterator[None]:
    """Let a pool count among those of its role for as long as it is open."""
    pools = _POOLS[role]
    pools.append(pool)
    telemetry.POOL_SIZE.labels(role).set_function(lambda: max((one.get_size() for one in pools), default=0))
    telemetry.POOL_IN_USE.labels(role).set_function(lambda: max(map(_lent, pools), default=0))
    telemetry.POOL_LIMIT.labels(role).set_function(lambda: max((one.get_max_size() for one in pools), default=0))
    try:
        yield
    finally:
        pools.remove(pool)


class Database:
    """A pool of connections that all act as one group role."""

    def __init__(self, pool: Pool, *, settings: Settings, role: str | None) -> None:
        self.pool = pool
        self.role = role
        self._settings = settings

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, *, role: str | None) -> AsyncIterator["Database"]:
        """Make the pool; connects on first use, so that a service can start while PostgreSQL is away.

        Args:
            settings: HUB_DATABASE_URL, pool size and time-outs.
            role: group role every connection takes on; None keeps the login role's own rights (tests, tools).
        """
        server = {"application_name": f"hub-{settings.service}", "timezone": "UTC"}
        pool = asyncpg.create_pool(
            settings.database_url,
            min_size=0,
            max_size=settings.pool_size,
            timeout=CONNECT_TIMEOUT_S,
            command_timeout=settings.command_timeout_s,
            max_inactive_connection_lifetime=60.0,
            init=prepare,
            server_settings=server | ({"role": role} if role else {}),
        )
        async with pool:
            with _counted(pool, role or "login"):
                yield cls(pool, settings=settings, role=role)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Conn]:
        """Lend a connection outside a transaction; raises DatabaseAway when none can be had in time."""
        role = self.role or "login"
        try:
            with telemetry.POOL_WAIT.labels(role).time():
                conn = await self.pool.acquire(timeout=self._settings.acquire_timeout_s)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            telemetry.POOL_REFUSED.labels(role).inc()
            raise DatabaseAway(f"no connection: {type(error).__name__} {error}") from error
        try:
            yield conn
        except asyncpg.InternalClientError as error:
            # What asyncpg says when the server died in the middle of its answer: the connection is of no use any more.
            conn.terminate()
            raise DatabaseAway(str(error)) from error
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            if is_away(error):
                raise DatabaseAway(str(error)) from error
            raise
        finally:
            await self.pool.release(conn, timeout=self._settings.acquire_timeout_s)

    @asynccontextmanager
    async def transaction(
        self,
        *,
        hub_id: HubId | None = None,
        scope: Mapping[str, str] | None = None,
        cause: Envelope[Any] | None = None,
    ) -> AsyncIterator[Transaction]:
        """Open a transaction that row-level security sees as this hub and scope; commits on leaving, or rolls back.

        Args:
            hub_id: set as ``hub.hub_id`` and used for staged facts.
            scope: further settings, names with a dot, e.g. ``{"hub.role": "adviser"}``.
            cause: the message being handled; its correlation follows into staged facts.
        """
        async with self.connection() as conn, conn.transaction():
            await set_scope(conn, hub_id=hub_id, scope=scope)
            tx = Transaction(conn, source=self._settings.service, hub_id=hub_id, cause=cause)
            yield tx
            await outbox.flush(conn, tx.outbox.rows)

    async def check(self) -> str | None:
        """None when a connection answers, else the reason why not."""
        try:
            async with self.connection() as conn:
                await conn.execute("SELECT 1")
        except (DatabaseAway, asyncpg.PostgresError, OSError) as error:
            return f"database: {type(error).__name__}"
        return None

    @property
    def source(self) -> str:
        """Name of the service whose facts these transactions stage."""
        return self._settings.service
