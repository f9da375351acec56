"""All SQL about sessions."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.access.principal import Principal
from hub_registry.access.secrets import fingerprint
from hub_registry.sessions.model import How, Session
from hub_schemas.ids import HubId, StaffId

_FIND = """
    SELECT session_id, staff_id, hub_id, role, school_id, employer_id, name, how, second_factor
      FROM session_of($1, $2)
"""
_BEGIN = """
    INSERT INTO session (session_id, staff_id, hub_id, secret_sha256, how, second_factor, agent, expires_at, account_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, now() + $8, $9)
"""
_END = "UPDATE session SET ended_at = coalesce(ended_at, now()) WHERE session_id = $1"
_END_OF_ACCOUNT = "UPDATE session SET ended_at = now() WHERE account_id = $1 AND ended_at IS NULL"
_OPEN = """
    SELECT s.session_id, s.how, s.second_factor, s.agent, s.created_at, s.seen_at, p.role, p.name
      FROM session s JOIN staff p ON p.staff_id = s.staff_id
     WHERE (s.staff_id = $1 OR s.account_id = $2) AND s.ended_at IS NULL AND s.expires_at > now()
       AND s.seen_at > now() - $3::interval
     ORDER BY s.seen_at DESC, s.session_id
     LIMIT 100
"""
_WHOSE = "SELECT staff_id, hub_id FROM session WHERE secret_sha256 = $1 AND created_at > now() - interval '7 days'"
_OLD = "DELETE FROM session WHERE expires_at < now() - interval '30 days'"
_END_ALL = "UPDATE session SET ended_at = now() WHERE staff_id = $1 AND ended_at IS NULL"


async def find_session(conn: Conn, secret: str, *, idle: timedelta) -> Session | None:
    """Find whose session this is and note its use (to the minute); None when it is unknown, over or was left idle."""
    row = await conn.fetchrow(_FIND, fingerprint(secret), idle)
    if row is None:
        return None
    how = How(row["how"])
    principal = Principal.of(row, signed_in=how, second_factor=row["second_factor"])
    return Session(row["session_id"], secret, principal, how, row["second_factor"])


async def add_session(
    conn: Conn,
    session_id: UUID,
    principal: Principal,
    *,
    secret: str,
    how: How,
    second_factor: bool,
    agent: str,
    lasts: timedelta,
    account_id: UUID | None = None,
) -> None:
    """Write a session; the transaction's scope is that person's."""
    await conn.execute(
        _BEGIN,
        session_id,
        principal.staff_id,
        principal.hub_id,
        fingerprint(secret),
        how,
        second_factor,
        agent,
        lasts,
        account_id,
    )


async def end_session(conn: Conn, session_id: UUID) -> None:
    """End one session."""
    await conn.execute(_END, session_id)


async def end_sessions(conn: Conn, staff_id: UUID) -> None:
    """End every session of a person."""
    await conn.execute(_END_ALL, staff_id)


async def end_sessions_of_account(conn: Conn, account_id: UUID) -> None:
    """End every session that began with this account, whoever it was as."""
    await conn.execute(_END_OF_ACCOUNT, account_id)


async def open_sessions(
    conn: Conn, staff_id: UUID, *, account_id: UUID | None, idle: timedelta
) -> list[dict[str, Any]]:
    """List the sessions that are open for a person, or for whoever their account may be; last used first."""
    return [dict(row) for row in await conn.fetch(_OPEN, staff_id, account_id, idle)]


async def whose_session(conn: Conn, secret: str) -> tuple[HubId, StaffId] | None:
    """Find who a session belonged to, though it may be over; for the role of the door."""
    row = await conn.fetchrow(_WHOSE, fingerprint(secret))
    return (HubId(row["hub_id"]), StaffId(row["staff_id"])) if row else None


async def forget_old(conn: Conn) -> None:
    """Drop sessions that were over a month ago."""
    await conn.execute(_OLD)
