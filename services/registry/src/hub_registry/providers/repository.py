"""All SQL about what a provider is shown when its person signs out; for the role of the door."""

from uuid import UUID

from hub_chassis.database import Conn

_KEEP = "INSERT INTO provider_session (session_id, id_token) VALUES ($1, $2)"
_MOVE = "UPDATE provider_session SET session_id = $2 WHERE session_id = $1"
_TAKE = "DELETE FROM provider_session WHERE session_id = $1 RETURNING id_token"
_OLD = """
    DELETE FROM provider_session p USING session s
     WHERE s.session_id = p.session_id AND (s.ended_at IS NOT NULL OR s.expires_at < now())
"""


async def keep(conn: Conn, session_id: UUID, id_token: str) -> None:
    """Remember by which token a session began."""
    await conn.execute(_KEEP, session_id, id_token)


async def move(conn: Conn, before: UUID, now: UUID) -> None:
    """Let a session that takes another's place have its token."""
    await conn.execute(_MOVE, before, now)


async def take(conn: Conn, session_id: UUID) -> str | None:
    """Give the token of a session, and forget it; None when it did not begin by a provider."""
    token: str | None = await conn.fetchval(_TAKE, session_id)
    return token


async def forget_old(conn: Conn) -> None:
    """Drop the tokens of sessions that are over."""
    await conn.execute(_OLD)
