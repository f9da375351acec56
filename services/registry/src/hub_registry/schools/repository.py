"""All SQL about schools."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hub_chassis.database import Conn
from hub_registry.errors import SchoolNotKnown
from hub_registry.imports.rows import write
from hub_schemas.ids import HubId, SchoolId

_FIELDS = "school_id, name, la, postcode, phase, gender, status"
_ONE = f"SELECT {_FIELDS} FROM school WHERE school_id = $1"
_SOME = f"""
    SELECT hub_id, {_FIELDS}
      FROM school
     WHERE hub_id = $1 AND school_id = ANY ($2)
     ORDER BY school_id
"""
_PAGE = f"SELECT {_FIELDS} FROM school WHERE school_id > $1 ORDER BY school_id LIMIT $2"
_INSERT = f"""
    INSERT INTO school (hub_id, {_FIELDS})
    SELECT hub_id, {_FIELDS} FROM jsonb_populate_recordset(NULL::school, $1)
"""
_UPDATE = """
    UPDATE school s
       SET name = n.name, la = n.la, postcode = n.postcode, phase = n.phase, gender = n.gender, status = n.status
      FROM jsonb_populate_recordset(NULL::school, $1) n
     WHERE s.hub_id = n.hub_id AND s.school_id = n.school_id
"""


async def load_school(conn: Conn, school_id: str) -> dict[str, Any]:
    """Read one school; raises SchoolNotKnown when the scope has none."""
    row = await conn.fetchrow(_ONE, school_id)
    if row is None:
        raise SchoolNotKnown(f"there is no school {school_id}")
    return dict(row)


async def load_schools(conn: Conn, *, after: str, limit: int) -> list[dict[str, Any]]:
    """Read schools in order of URN."""
    return [dict(row) for row in await conn.fetch(_PAGE, after, limit)]


async def load_some(conn: Conn, hub_id: HubId | None, school_ids: Sequence[str]) -> dict[SchoolId, dict[str, Any]]:
    """Read the schools with these URNs."""
    return {row["school_id"]: dict(row) for row in await conn.fetch(_SOME, hub_id, school_ids)}


async def insert_schools(conn: Conn, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add schools."""
    await write(conn, _INSERT, rows)


async def update_schools(conn: Conn, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write schools that changed."""
    await write(conn, _UPDATE, rows)
