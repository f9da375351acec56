"""All SQL about applications."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.access.secrets import fingerprint

_HUB = "SELECT hub_id, name FROM hub WHERE slug = $1 AND takes_applications"
_TAKES = "SELECT slug, name, takes_applications FROM hub WHERE hub_id = $1"
_SWITCH = "UPDATE hub SET takes_applications = $2 WHERE hub_id = $1"
_LOCK_ADDRESS = "SELECT pg_advisory_xact_lock(hashtextextended(format('application %s %s', $1::uuid, lower($2)), 0))"
_LATELY = """
    SELECT count(*) FROM application
     WHERE hub_id = $1 AND lower(contact_email) = lower($2) AND made_at > now() - interval '1 day'
"""
_ADD = """
    INSERT INTO application (application_id, hub_id, name, sector, postcode, contact_name, contact_email,
                             form_sha256, secret_sha256, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + $10)
        ON CONFLICT (form_sha256) DO NOTHING
    RETURNING application_id
"""
_COLUMNS = "application_id, hub_id, name, sector, postcode, contact_name, contact_email, confirmed_at"
_FIND = f"""
    SELECT {_COLUMNS} FROM application
     WHERE hub_id = $1 AND secret_sha256 = $2 AND (confirmed_at IS NOT NULL OR expires_at > now())
"""
_TAKE = f"""
    UPDATE application SET confirmed_at = now(), employer_id = $3, staff_id = $4
     WHERE hub_id = $1 AND secret_sha256 = $2 AND confirmed_at IS NULL AND expires_at > now()
    RETURNING {_COLUMNS}
"""
_TO_LET_IN = """
    UPDATE application SET let_in_at = now()
     WHERE employer_id = ANY ($1) AND confirmed_at IS NOT NULL AND let_in_at IS NULL
    RETURNING staff_id
"""
_OF = "SELECT confirmed_at, let_in_at, staff_id, contact_name FROM application WHERE employer_id = $1"
_WAITING = """
    SELECT a.name, a.sector, a.postcode, a.contact_name, a.confirmed_at, a.employer_id, a.staff_id, e.turned_away_at,
           e.merged_into
      FROM application a
      JOIN employer e ON e.employer_id = a.employer_id
      JOIN staff p ON p.staff_id = a.staff_id AND NOT p.active
     WHERE a.let_in_at IS NULL
     ORDER BY a.confirmed_at, a.application_id
     LIMIT 50
"""
_UNCONFIRMED = "SELECT count(*) FROM application WHERE confirmed_at IS NULL AND expires_at > now()"
_OLD = "DELETE FROM application WHERE confirmed_at IS NULL AND made_at < now() - interval '30 days'"


@dataclass(frozen=True, slots=True)
class Application:
    """What a visitor entered, and whether its address was confirmed."""

    application_id: UUID
    hub_id: UUID
    name: str
    sector: str
    postcode: str
    contact_name: str
    contact_email: str
    confirmed_at: datetime | None


async def find_hub(conn: Conn, slug: str) -> dict[str, Any] | None:
    """Find a hub by its short name, if it takes applications."""
    row = await conn.fetchrow(_HUB, slug)
    return dict(row) if row else None


async def load_takes(conn: Conn, hub_id: UUID) -> dict[str, Any]:
    """Read a hub's short name and whether it takes applications."""
    row = await conn.fetchrow(_TAKES, hub_id)
    return dict(row or {})


async def switch(conn: Conn, hub_id: UUID, *, takes: bool) -> None:
    """Let a hub take applications, or not."""
    await conn.execute(_SWITCH, hub_id, takes)


async def lock_and_count_lately(conn: Conn, hub_id: UUID, email: str) -> int:
    """Count the applications of the last day with an address; whoever else counts it waits for this transaction."""
    await conn.execute(_LOCK_ADDRESS, hub_id, email)
    found: int = await conn.fetchval(_LATELY, hub_id, email)
    return found


async def add(
    conn: Conn,
    application_id: UUID,
    values: Mapping[str, str],
    *,
    hub_id: UUID,
    form_sha256: bytes,
    secret: str,
    lasts: timedelta,
) -> bool:
    """Write an application; False when the same form came before."""
    return (
        await conn.fetchval(
            _ADD,
            application_id,
            hub_id,
            values["name"],
            values["sector"],
            values["postcode"],
            values["contact_name"],
            values["contact_email"],
            form_sha256,
            fingerprint(secret),
            lasts,
        )
        is not None
    )


async def find(conn: Conn, hub_id: UUID, secret: str) -> Application | None:
    """Read the application of a link that is still good, or was used."""
    row = await conn.fetchrow(_FIND, hub_id, fingerprint(secret))
    return Application(**row) if row else None


async def take(conn: Conn, hub_id: UUID, secret: str, *, employer_id: UUID, staff_id: UUID) -> Application | None:
    """Use a link up: only one of several at once gets it."""
    row = await conn.fetchrow(_TAKE, hub_id, fingerprint(secret), employer_id, staff_id)
    return Application(**row) if row else None


async def take_to_let_in(conn: Conn, employer_ids: Sequence[UUID]) -> list[UUID]:
    """Note that people who registered these employers are let in; gives whom, each once."""
    return sorted(row["staff_id"] for row in await conn.fetch(_TO_LET_IN, employer_ids))


async def load_of(conn: Conn, employer_id: UUID) -> dict[str, Any] | None:
    """Read who registered an employer; None: the hub did."""
    row = await conn.fetchrow(_OF, employer_id)
    return dict(row) if row else None


async def load_waiting(conn: Conn) -> list[dict[str, Any]]:
    """Read the employers that registered by themselves and whose person was not let in, longest waiting first."""
    return [dict(row) for row in await conn.fetch(_WAITING)]


async def count_unconfirmed(conn: Conn) -> int:
    """Count the applications whose address was not confirmed yet."""
    found: int = await conn.fetchval(_UNCONFIRMED)
    return found


async def forget_old(conn: Conn) -> None:
    """Drop what nobody confirmed in a month."""
    await conn.execute(_OLD)
