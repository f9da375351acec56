"""All SQL about visits; for the role of the door."""

from hub_chassis.database import Conn
from hub_registry.access.principal import How
from hub_registry.access.secrets import fingerprint
from hub_registry.visits.model import LASTS, Visit

_ADD = """
    INSERT INTO visit (secret_sha256, account_ids, how, second_factor, staff_id, totp_secret, asked, next_page,
                       id_token, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + $10)
"""
_SAVE = """
    UPDATE visit SET second_factor = $2, staff_id = $3, totp_secret = $4 WHERE secret_sha256 = $1 AND expires_at > now()
"""
_COLUMNS = "account_ids, how, second_factor, staff_id, totp_secret, asked, next_page, id_token"
_FIND = f"SELECT {_COLUMNS} FROM visit WHERE secret_sha256 = $1 AND expires_at > now()"
_TAKE = f"DELETE FROM visit WHERE secret_sha256 = $1 AND expires_at > now() RETURNING {_COLUMNS}"
_OLD = "DELETE FROM visit WHERE expires_at < now()"


async def add_visit(conn: Conn, secret: str, visit: Visit) -> None:
    """Write what somebody has shown; it is good for ten minutes."""
    await conn.execute(
        _ADD,
        fingerprint(secret),
        list(visit.account_ids),
        visit.how,
        visit.second_factor,
        visit.staff_id,
        visit.totp_secret,
        visit.asked,
        visit.next_page,
        visit.id_token,
        LASTS,
    )


async def save_visit(conn: Conn, secret: str, visit: Visit) -> None:
    """Write how far somebody has come; nothing when the visit is over."""
    await conn.execute(_SAVE, fingerprint(secret), visit.second_factor, visit.staff_id, visit.totp_secret)


async def find_visit(conn: Conn, secret: str, *, take: bool = False) -> Visit | None:
    """Read a visit, and perhaps end it: only one of several at once gets it; None when it is unknown or too old."""
    row = await conn.fetchrow(_TAKE if take else _FIND, fingerprint(secret))
    if row is None:
        return None
    return Visit(
        account_ids=tuple(row["account_ids"]),
        how=How(row["how"]) if row["how"] else None,
        second_factor=row["second_factor"],
        staff_id=row["staff_id"],
        totp_secret=row["totp_secret"],
        asked=row["asked"],
        next_page=row["next_page"],
        id_token=row["id_token"],
    )


async def forget_old(conn: Conn) -> None:
    """Drop visits that came to nothing."""
    await conn.execute(_OLD)
