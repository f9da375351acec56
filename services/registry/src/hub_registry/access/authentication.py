"""From a bearer token to a principal."""

from hub_chassis.database import Conn
from hub_registry.access.principal import Principal
from hub_registry.access.secrets import fingerprint
from hub_registry.errors import NotAuthenticated

_AUTHENTICATE = """
    SELECT staff_id, hub_id, role, school_id, employer_id, scopes, name
      FROM authenticate($1)
"""


async def authenticate(conn: Conn, secret: str) -> Principal:
    """Find whose token this is, and note its use (to the minute); raises NotAuthenticated."""
    row = await conn.fetchrow(_AUTHENTICATE, fingerprint(secret))
    if row is None:
        raise NotAuthenticated("the token is unknown, expired or revoked")
    return Principal.of(row, scopes=frozenset(row["scopes"]))
