"""All SQL about known browsers; for the role of the door."""

from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.access.secrets import fingerprint

_KNOWS = """
    SELECT EXISTS (SELECT FROM known_browser b JOIN account a USING (account_id)
                    WHERE b.secret_sha256 = $1 AND a.email = lower($2))
"""
_KNOWS_ACCOUNT = "SELECT EXISTS (SELECT FROM known_browser WHERE secret_sha256 = $1 AND account_id = $2)"
_ADD = """
    INSERT INTO known_browser (secret_sha256, account_id) VALUES ($1, $2)
    ON CONFLICT (secret_sha256) DO UPDATE SET account_id = excluded.account_id, used_at = now()
"""
_FORGET = "DELETE FROM known_browser WHERE account_id = $1"
_OLD = "DELETE FROM known_browser WHERE used_at < now() - interval '180 days'"


async def knows_address(conn: Conn, secret: str, email: str) -> bool:
    """Whether this browser is known for an address."""
    found: bool = await conn.fetchval(_KNOWS, fingerprint(secret), email)
    return found


async def knows_account(conn: Conn, secret: str, account_id: UUID) -> bool:
    """Whether this browser is known for an account."""
    found: bool = await conn.fetchval(_KNOWS_ACCOUNT, fingerprint(secret), account_id)
    return found


async def add_browser(conn: Conn, secret: str, account_id: UUID) -> None:
    """Know a browser from now on."""
    await conn.execute(_ADD, fingerprint(secret), account_id)


async def forget_browsers(conn: Conn, account_id: UUID) -> None:
    """Know none of a person's browsers any more."""
    await conn.execute(_FORGET, account_id)


async def forget_old(conn: Conn) -> None:
    """Drop browsers that nobody signed in from for half a year."""
    await conn.execute(_OLD)
