"""All SQL about staff and their tokens."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from hub_chassis.database import Conn
from hub_registry.errors import AlreadyExists, StaffNotKnown, TokenNotKnown
from hub_schemas.ids import HubId, StaffId

_COLUMNS = "staff_id, hub_id, role, name, email, school_id, employer_id, active"
_INSERT = f"INSERT INTO staff ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
_ONE = f"SELECT {_COLUMNS}, xmin::text AS version FROM staff WHERE staff_id = $1"
_LOCK = f"{_ONE} FOR NO KEY UPDATE"
_BY_EMAIL = f"SELECT {_COLUMNS} FROM staff WHERE lower(email) = lower($1) ORDER BY staff_id"
_PAGE = f"""
    SELECT {_COLUMNS}, xmin::text AS version
      FROM staff
     WHERE staff_id > $1
       AND ($2::text IS NULL OR role = $2)
       AND ($3::text IS NULL OR school_id = $3)
     ORDER BY staff_id
     LIMIT $4
"""
_FOUND = """
      FROM staff s
      LEFT JOIN school c ON c.hub_id = s.hub_id AND c.school_id = s.school_id
      LEFT JOIN employer e ON e.employer_id = s.employer_id
     WHERE ($1::text IS NULL OR s.role = $1)
       AND ($2::text = '' OR position(lower($2) IN lower(s.name || ' ' || s.email || ' '
                                                         || coalesce(c.name, e.name, ''))) > 0)
"""
_COUNT = f"SELECT count(*) {_FOUND}"
_SEARCH = f"""
    SELECT s.staff_id, s.role, s.name, s.email, s.active, coalesce(c.name, e.name) AS place,
           EXISTS (SELECT FROM account a
                    WHERE a.hub_id = s.hub_id AND a.email = lower(s.email) AND a.password_at IS NOT NULL)
               AS has_password
    {_FOUND}
     ORDER BY s.active DESC, lower(s.name), s.staff_id
     LIMIT $3 OFFSET $4
"""
_SIGNS_IN = """
    SELECT a.password_at, a.totp_at,
           (SELECT max(i.created_at) FROM identity i WHERE i.account_id = a.account_id) AS provider_at,
           (SELECT max(n.seen_at) FROM session n WHERE n.staff_id = s.staff_id) AS seen_at,
           coalesce(c.name, e.name) AS place
      FROM staff s
      LEFT JOIN account a ON a.hub_id = s.hub_id AND a.email = lower(s.email)
      LEFT JOIN school c ON c.hub_id = s.hub_id AND c.school_id = s.school_id
      LEFT JOIN employer e ON e.employer_id = s.employer_id
     WHERE s.staff_id = $1
"""
_SCHOOLS_NAMED = """
    SELECT school_id AS id, name FROM school WHERE position(lower($1) IN lower(name)) > 0 OR school_id = $1
     ORDER BY name, school_id LIMIT $2
"""
_EMPLOYERS_NAMED = """
    SELECT employer_id::text AS id, name FROM employer WHERE position(lower($1) IN lower(name)) > 0
     ORDER BY name, employer_id LIMIT $2
"""
_COLLEAGUES = "SELECT staff_id, name, email, active FROM staff WHERE employer_id = $1 ORDER BY name, staff_id"
_UPDATE = "UPDATE staff SET name = $2, email = $3, active = $4 WHERE staff_id = $1"
_ISSUED = "token_id, staff_id, scopes, created_at, expires_at, revoked_at, last_used_at"
_ISSUE = """
    INSERT INTO token (token_id, staff_id, hub_id, secret_sha256, scopes, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6)
"""
_END_OTHERS = """
    UPDATE token SET expires_at = $3
     WHERE staff_id = $1 AND token_id <> $2 AND revoked_at IS NULL AND expires_at > $3
 RETURNING token_id
"""
_TOKENS = f"SELECT {_ISSUED} FROM token WHERE staff_id = $1 ORDER BY token_id"
_REVOKE = """
    UPDATE token SET revoked_at = coalesce(revoked_at, $3) WHERE staff_id = $1 AND token_id = $2 RETURNING token_id
"""


async def insert_staff(
    conn: Conn,
    staff_id: StaffId,
    *,
    hub_id: HubId | None,
    role: str,
    name: str,
    email: str,
    school_id: str | None,
    employer_id: UUID | None,
    active: bool = True,
) -> None:
    """Add a member of staff; raises AlreadyExists when the same address has this role there already."""
    try:
        await conn.execute(_INSERT, staff_id, hub_id, role, name, email, school_id, employer_id, active)
    except asyncpg.UniqueViolationError as there:
        raise AlreadyExists(f"{email} has the role {role} there already", field="email") from there


async def load_staff(conn: Conn, staff_id: UUID, *, lock: bool = False) -> dict[str, Any]:
    """Read one member of staff, and perhaps keep others from changing it; raises StaffNotKnown."""
    row = await conn.fetchrow(_LOCK if lock else _ONE, staff_id)
    if row is None:
        raise StaffNotKnown(f"there is no member of staff {staff_id}")
    return dict(row)


async def find_by_email(conn: Conn, email: str) -> list[dict[str, Any]]:
    """Read the staff records of an address that the scope sees."""
    return [dict(row) for row in await conn.fetch(_BY_EMAIL, email)]


async def load_page(
    conn: Conn, *, after: UUID, limit: int, role: str | None = None, school_id: str | None = None
) -> list[dict[str, Any]]:
    """Read staff in the order they were added."""
    return [dict(row) for row in await conn.fetch(_PAGE, after, role, school_id, limit)]


async def update_staff(conn: Conn, staff_id: UUID, *, name: str, email: str, active: bool) -> None:
    """Write a member of staff; raises AlreadyExists when the new address has this role there already."""
    try:
        await conn.execute(_UPDATE, staff_id, name, email, active)
    except asyncpg.UniqueViolationError as there:
        raise AlreadyExists(f"{email} has this role there already", field="email") from there


async def end_other_tokens(conn: Conn, staff_id: UUID, kept: UUID, *, at: datetime) -> int:
    """Let a person's other tokens end at this moment, unless they end before; gives how many that concerns."""
    return len(await conn.fetch(_END_OTHERS, staff_id, kept, at))


async def insert_token(
    conn: Conn,
    token_id: UUID,
    *,
    staff_id: UUID,
    hub_id: UUID,
    secret_sha256: bytes,
    scopes: Sequence[str],
    expires_at: datetime,
) -> None:
    """Add a token; of its secret only the hash."""
    await conn.execute(_ISSUE, token_id, staff_id, hub_id, secret_sha256, scopes, expires_at)


async def load_tokens(conn: Conn, staff_id: UUID) -> list[dict[str, Any]]:
    """Read a person's tokens, oldest first."""
    return [dict(row) for row in await conn.fetch(_TOKENS, staff_id)]


async def revoke_token(conn: Conn, staff_id: UUID, token_id: UUID, *, at: datetime) -> None:
    """Make a token useless from now on; raises TokenNotKnown."""
    if await conn.fetchval(_REVOKE, staff_id, token_id, at) is None:
        raise TokenNotKnown(f"there is no token {token_id}")


async def search(conn: Conn, *, role: str | None, words: str, limit: int, offset: int) -> list[dict[str, Any]]:
    """Read staff whose name, address, school or employer has these words; who is no longer active comes last."""
    return [dict(row) for row in await conn.fetch(_SEARCH, role, words, limit, offset)]


async def count(conn: Conn, *, role: str | None, words: str) -> int:
    """Count what ``search`` finds."""
    found: int = await conn.fetchval(_COUNT, role, words)
    return found


async def signs_in(conn: Conn, staff_id: UUID) -> dict[str, Any]:
    """Read how a person can sign in, when they last did, and where they belong."""
    row = await conn.fetchrow(_SIGNS_IN, staff_id)
    return dict(row) if row else {}


async def schools_named(conn: Conn, words: str, *, limit: int) -> list[dict[str, Any]]:
    """Read schools by a part of the name, or the URN."""
    return [dict(row) for row in await conn.fetch(_SCHOOLS_NAMED, words, limit)]


async def employers_named(conn: Conn, words: str, *, limit: int) -> list[dict[str, Any]]:
    """Read employers by a part of the name."""
    return [dict(row) for row in await conn.fetch(_EMPLOYERS_NAMED, words, limit)]


async def load_colleagues(conn: Conn, employer_id: UUID) -> list[dict[str, Any]]:
    """Read the people of an employer, by name."""
    return [dict(row) for row in await conn.fetch(_COLLEAGUES, employer_id)]
