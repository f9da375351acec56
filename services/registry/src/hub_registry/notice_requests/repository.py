"""All SQL about notices to one person: asked for, shown to the notifier, settled."""

from datetime import datetime
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.access.secrets import fingerprint
from hub_schemas.events.notices import PersonalAbout

_ADD = """
    INSERT INTO notice_request (request_id, hub_id, about, subject_id, asked_by) VALUES ($1, $2, $3, $4, $5)
    RETURNING asked_at
"""
_ONE = """
    SELECT q.about, q.subject_id, h.notices_held AS held, h.name AS hub_name
      FROM notice_request q
      JOIN hub h ON h.hub_id = q.hub_id
     WHERE q.request_id = $1
"""
# A link is made for one answer; that answer's predecessors, if they were ever sent, lead nowhere.
_INVITATION = """
    UPDATE invitation i
       SET secret_sha256 = CASE WHEN $3 THEN i.secret_sha256 ELSE $2 END
      FROM staff p
     WHERE i.invitation_id = $1 AND p.staff_id = i.staff_id AND p.active
       AND i.used_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()
    RETURNING p.name, p.email, i.expires_at,
              coalesce((SELECT c.name FROM school c WHERE c.hub_id = p.hub_id AND c.school_id = p.school_id),
                       (SELECT e.name FROM employer e WHERE e.employer_id = p.employer_id),
                       (SELECT h.name FROM hub h WHERE h.hub_id = p.hub_id)) AS place
"""
_APPLICATION = """
    UPDATE application a
       SET secret_sha256 = CASE WHEN $3 THEN a.secret_sha256 ELSE $2 END
      FROM hub h
     WHERE a.application_id = $1 AND h.hub_id = a.hub_id AND h.takes_applications
       AND a.confirmed_at IS NULL AND a.expires_at > now()
    RETURNING a.contact_email AS email, a.expires_at, h.slug
"""
_OLD = "DELETE FROM notice_request WHERE asked_at < now() - interval '400 days'"
_SETTLE = """
    UPDATE notice_request
       SET state = CASE WHEN state = 'sent' OR (state = 'failed' AND $3 <> 'sent') THEN state ELSE $3 END,
           reason = CASE WHEN state = 'sent' OR (state = 'failed' AND $3 <> 'sent') THEN reason ELSE $4 END,
           settled_at = CASE WHEN state = 'sent' OR (state = 'failed' AND $3 <> 'sent') THEN settled_at ELSE $5 END
     WHERE request_id = $1 AND hub_id = $2
    RETURNING request_id
"""


async def add(
    conn: Conn, request_id: UUID, *, hub_id: UUID | None, about: PersonalAbout, subject_id: UUID, by: UUID | None
) -> datetime:
    """Note that somebody is to be written to; gives when."""
    asked_at: datetime = await conn.fetchval(_ADD, request_id, hub_id, about, subject_id, by)
    return asked_at


async def load(conn: Conn, request_id: UUID) -> dict[str, Any] | None:
    """Read what a request is about, and whether its hub holds notices."""
    row = await conn.fetchrow(_ONE, request_id)
    return dict(row) if row else None


async def open_invitation(conn: Conn, invitation_id: UUID, secret: str, *, held: bool) -> dict[str, Any] | None:
    """Read whom an invitation that is still good is for, and let this secret lead to it (but not while held)."""
    row = await conn.fetchrow(_INVITATION, invitation_id, fingerprint(secret), held)
    return dict(row) if row else None


async def open_application(conn: Conn, application_id: UUID, secret: str, *, held: bool) -> dict[str, Any] | None:
    """Read where an application that waits is written to, and let this secret lead to it (but not while held)."""
    row = await conn.fetchrow(_APPLICATION, application_id, fingerprint(secret), held)
    return dict(row) if row else None


async def forget_old(conn: Conn) -> None:
    """Drop requests of more than a year ago, as invitations are."""
    await conn.execute(_OLD)


async def settle(conn: Conn, request_id: UUID, *, hub_id: UUID | None, outcome: str, reason: str, at: datetime) -> bool:
    """Note what became of a notice: sent is final, failed gives way to sent only; False when the hub has no such."""
    return await conn.fetchval(_SETTLE, request_id, hub_id, outcome, reason, at) is not None
