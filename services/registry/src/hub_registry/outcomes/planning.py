"""How whole tables are joined: a run's counts, downloads."""

from hub_chassis.database import Conn

_BY_HASHING = "SELECT set_config('enable_nestloop', 'off', true)"


async def count_by_hashing(conn: Conn) -> None:
    """Let the rest of this transaction join whole tables by hashing.

    Row-level security hides from PostgreSQL how many rows a table gives: it expects one where there are thousands, and
    reads one table anew for every row of another: minutes at region scale, where hashing takes milliseconds.
    """
    await conn.execute(_BY_HASHING)
