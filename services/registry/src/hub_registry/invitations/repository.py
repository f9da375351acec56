"""All SQL about invitations."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.access.principal import Role
from hub_registry.access.secrets import fingerprint

_REVOKE = """
    UPDATE invitation SET revoked_at = now()
     WHERE staff_id = $1 AND used_at IS NULL AND revoked_at IS NULL
    RETURNING invitation_id
"""
_ADD = """
    INSERT INTO invitation (invitation_id, hub_id, staff_id, secret_sha256, resets_codes, made_by, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, now() + $7)
    RETURNING expires_at
"""
_GOOD = "i.secret_sha256 = $1 AND i.used_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now() AND p.active"
_SHOWN = """
    i.invitation_id, i.hub_id, i.staff_id, i.resets_codes, i.expires_at, p.role, p.name, p.email,
    coalesce((SELECT c.name FROM school c WHERE c.hub_id = p.hub_id AND c.school_id = p.school_id),
             (SELECT e.name FROM employer e WHERE e.employer_id = p.employer_id),
             (SELECT h.name FROM hub h WHERE h.hub_id = p.hub_id)) AS place
"""
_FIND = f"SELECT {_SHOWN} FROM invitation i JOIN staff p ON p.staff_id = i.staff_id WHERE {_GOOD}"
_TAKE = f"""
    UPDATE invitation i SET used_at = now()
      FROM staff p
     WHERE p.staff_id = i.staff_id AND {_GOOD}
    RETURNING {_SHOWN}
"""
_OF = """
    SELECT i.invitation_id, i.resets_codes, i.created_at, i.expires_at, i.used_at, i.revoked_at,
           i.used_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now() AS is_open, m.name AS made_by,
           q.state AS mail, q.reason AS mail_reason, q.settled_at AS mail_at
      FROM invitation i
      LEFT JOIN staff m ON m.staff_id = i.made_by
      LEFT JOIN notice_request q ON q.about = 'invitation' AND q.subject_id = i.invitation_id
     WHERE i.staff_id = $1
     ORDER BY i.invitation_id DESC
     LIMIT 10
"""
_OLD = "DELETE FROM invitation WHERE created_at < now() - interval '400 days'"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that is still good, and whom it is for."""

    invitation_id: UUID
    hub_id: UUID
    staff_id: UUID
    resets_codes: bool
    expires_at: datetime
    role: Role
    name: str
    email: str
    place: str


async def add_invitation(
    conn: Conn,
    invitation_id: UUID,
    *,
    hub_id: UUID,
    staff_id: UUID,
    secret: str,
    resets_codes: bool,
    by: UUID | None,
    lasts: timedelta,
) -> datetime:
    """Write an invitation, of its secret the hash only; gives when it ends."""
    ends: datetime = await conn.fetchval(
        _ADD, invitation_id, hub_id, staff_id, fingerprint(secret), resets_codes, by, lasts
    )
    return ends


async def revoke_open(conn: Conn, staff_id: UUID) -> bool:
    """Make a person's open invitation useless; False when there was none."""
    return await conn.fetchval(_REVOKE, staff_id) is not None


async def find_invitation(conn: Conn, secret: str, *, take: bool = False) -> Invitation | None:
    """Read the invitation of a link that is still good, and perhaps use it up: only one of several at once gets it."""
    row = await conn.fetchrow(_TAKE if take else _FIND, fingerprint(secret))
    return Invitation(**{**row, "role": Role(row["role"])}) if row else None


async def invitations_of(conn: Conn, staff_id: UUID) -> list[dict[str, Any]]:
    """List a person's last invitations, newest first."""
    return [dict(row) for row in await conn.fetch(_OF, staff_id)]


async def forget_old(conn: Conn) -> None:
    """Drop invitations of more than a year ago; the audit keeps that there were such."""
    await conn.execute(_OLD)
