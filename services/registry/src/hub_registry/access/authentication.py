"""From a bearer token to a principal."""

from hub_chassis.database import Conn
from hub_registry.access.principal import Principal, Role
from hub_registry.access.secrets import fingerprint
from hub_registry.errors import NotAuthenticated
from hub_schemas.ids import EmployerId, HubId, SchoolId, StaffId

_AUTHENTICATE = """
    SELECT staff_id, hub_id, role, school_id, employer_id, scopes, name
      FROM authenticate($1)
"""


async def authenticate(conn: Conn, secret: str) -> Principal:
    """Find whose token this is, and note its use (to the minute); raises NotAuthenticated."""
    row = await conn.fetchrow(_AUTHENTICATE, fingerprint(secret))
    if row is None:
        raise NotAuthenticated("the token is unknown, expired or revoked")
    return Principal(
        staff_id=StaffId(row["staff_id"]),
        hub_id=HubId(row["hub_id"]),
        role=Role(row["role"]),
        name=row["name"],
        school_id=SchoolId(row["school_id"]) if row["school_id"] else None,
        employer_id=EmployerId(row["employer_id"]) if row["employer_id"] else None,
        scopes=frozenset(row["scopes"]),
    )
