"""All SQL about accounts, their codes and identities; for the role of the door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.access.principal import Principal
from hub_registry.access.secrets import fingerprint

_COLUMNS = "account_id, hub_id, email, password_hash, password_at, totp_secret, totp_at"
_ONE = f"SELECT {_COLUMNS} FROM account WHERE account_id = $1"
_LOCK = f"{_ONE} FOR NO KEY UPDATE"
_BY_EMAIL = f"SELECT {_COLUMNS} FROM account WHERE email = lower($1) ORDER BY account_id"
_BY_IDENTITY = f"""
    SELECT {_COLUMNS} FROM account
     WHERE account_id IN (SELECT account_id FROM identity WHERE issuer = $1 AND subject = $2)
     ORDER BY account_id
"""
_OF_SESSION = (
    f"SELECT {_COLUMNS} FROM account WHERE account_id = (SELECT account_id FROM session WHERE session_id = $1)"
)
_MAKE = """
    INSERT INTO account (account_id, hub_id, email) VALUES ($1, $2, lower($3)) ON CONFLICT (email, hub_id) DO NOTHING
"""
_IN_HUB = f"SELECT {_COLUMNS} FROM account WHERE hub_id = $1 AND email = lower($2)"
_PASSWORD = "UPDATE account SET password_hash = $2, password_at = now() WHERE account_id = $1"  # noqa: S105
_TOTP = """
    UPDATE account SET totp_secret = $2, totp_at = CASE WHEN $2::text IS NOT NULL THEN now() END, totp_step = $3
     WHERE account_id = $1
"""
_STEP = """
    UPDATE account SET totp_step = $2
     WHERE account_id = $1 AND (totp_step IS NULL OR totp_step < $2)
    RETURNING account_id
"""
_FORGET_CODES = "DELETE FROM recovery_code WHERE account_id = $1"
_ADD_CODES = "INSERT INTO recovery_code (account_id, code_sha256) SELECT $1, unnest($2::bytea[])"
_USE_CODE = """
    UPDATE recovery_code SET used_at = now()
     WHERE account_id = $1 AND code_sha256 = $2 AND used_at IS NULL
    RETURNING account_id
"""
_CODES_LEFT = "SELECT count(*) FROM recovery_code WHERE account_id = $1 AND used_at IS NULL"
_BIND = """
    INSERT INTO identity (issuer, subject, account_id) VALUES ($1, $2, $3) ON CONFLICT (issuer, account_id) DO NOTHING
"""
_IS_THEIRS = "SELECT subject = $2 FROM identity WHERE issuer = $1 AND account_id = $3"
_UNBIND = "DELETE FROM identity WHERE account_id = $1 RETURNING account_id"
_STAFF_OF_EMAIL = """
    SELECT DISTINCT ON (hub_id) hub_id, staff_id
      FROM staff
     WHERE lower(email) = lower($1) AND active
     ORDER BY hub_id, staff_id
"""
_PEOPLE = """
    SELECT p.staff_id, p.hub_id, p.role, p.name, p.school_id, p.employer_id, a.account_id,
           coalesce(c.name, e.name, h.name) AS place
      FROM account a
      JOIN staff p ON p.hub_id = a.hub_id AND lower(p.email) = a.email AND p.active
      JOIN hub h ON h.hub_id = p.hub_id
      LEFT JOIN school c ON c.hub_id = p.hub_id AND c.school_id = p.school_id
      LEFT JOIN employer e ON e.employer_id = p.employer_id
     WHERE a.account_id = ANY ($1)
     ORDER BY p.role DESC, place, p.staff_id
"""


@dataclass(frozen=True, slots=True)
class Account:
    """A person's way into one hub."""

    account_id: UUID
    hub_id: UUID
    email: str
    password_hash: str | None
    password_at: datetime | None
    totp_secret: str | None
    totp_at: datetime | None


@dataclass(frozen=True, slots=True)
class Person:
    """One of the members of staff that an account may be, and where they belong."""

    principal: Principal
    place: str
    account_id: UUID


async def load_account(conn: Conn, account_id: UUID, *, lock: bool = False) -> Account:
    """Read an account, and perhaps keep others from changing it."""
    row = await conn.fetchrow(_LOCK if lock else _ONE, account_id)
    assert row is not None  # noqa: S101 -- accounts are never deleted, and only their ids get here
    return Account(*row.values())


async def find_accounts(conn: Conn, email: str) -> list[Account]:
    """Read the accounts of an address: one in each hub that has it."""
    return [Account(*row.values()) for row in await conn.fetch(_BY_EMAIL, email)]


async def find_identified(conn: Conn, issuer: str, subject: str) -> list[Account]:
    """Read the accounts that a provider's person has signed in to before."""
    return [Account(*row.values()) for row in await conn.fetch(_BY_IDENTITY, issuer, subject)]


async def account_of_session(conn: Conn, session_id: UUID) -> Account | None:
    """Read the account of a session; None in the demo, whose people have none."""
    row = await conn.fetchrow(_OF_SESSION, session_id)
    return Account(*row.values()) if row else None


async def account_for(conn: Conn, account_id: UUID, *, hub_id: UUID, email: str) -> Account:
    """Read the account of an address in a hub; made with the given id when there is none."""
    await conn.execute(_MAKE, account_id, hub_id, email)
    row = await conn.fetchrow(_IN_HUB, hub_id, email)
    assert row is not None  # noqa: S101 -- just made, or there before
    return Account(*row.values())


async def save_password(conn: Conn, account_id: UUID, password_hash: str) -> None:
    """Write a new password's hash."""
    await conn.execute(_PASSWORD, account_id, password_hash)


async def save_totp(conn: Conn, account_id: UUID, secret: str | None, *, step: int | None = None) -> None:
    """Write the secret of one-time codes, with the step that was shown; None switches them off."""
    await conn.execute(_TOTP, account_id, secret, step)


async def take_step(conn: Conn, account_id: UUID, step: int) -> bool:
    """Take a step's code; False when it, or a later one, was taken before."""
    return await conn.fetchval(_STEP, account_id, step) is not None


async def replace_recovery_codes(conn: Conn, account_id: UUID, codes: Sequence[str]) -> None:
    """Write new recovery codes in the place of the old ones; of each only the hash."""
    await conn.execute(_FORGET_CODES, account_id)
    await conn.execute(_ADD_CODES, account_id, [fingerprint(code) for code in codes])


async def take_recovery_code(conn: Conn, account_id: UUID, code: str) -> bool:
    """Use up a recovery code; False when there is no such one left."""
    return await conn.fetchval(_USE_CODE, account_id, fingerprint(code)) is not None


async def count_recovery_codes(conn: Conn, account_id: UUID) -> int:
    """Count the recovery codes that are left."""
    left: int = await conn.fetchval(_CODES_LEFT, account_id)
    return left


async def bind(conn: Conn, account_id: UUID, *, issuer: str, subject: str) -> bool:
    """Remember which person of a provider an account belongs to; the first one stays. False: that is somebody else."""
    await conn.execute(_BIND, issuer, subject, account_id)
    is_theirs: bool = await conn.fetchval(_IS_THEIRS, issuer, subject, account_id)
    return is_theirs


async def unbind(conn: Conn, account_id: UUID) -> bool:
    """Forget which person of a provider an account belonged to; False when it was nobody's."""
    return await conn.fetchval(_UNBIND, account_id) is not None


async def staff_with(conn: Conn, email: str) -> dict[UUID, UUID]:
    """List the hubs that have an active member of staff with this address, each with one of them."""
    return {row["hub_id"]: row["staff_id"] for row in await conn.fetch(_STAFF_OF_EMAIL, email)}


async def people_of(conn: Conn, account_ids: Sequence[UUID]) -> list[Person]:
    """List whom accounts may be: active members of staff with their address in their hub."""
    return [
        Person(
            Principal.of(row),
            row["place"],
            row["account_id"],
        )
        for row in await conn.fetch(_PEOPLE, account_ids)
    ]
