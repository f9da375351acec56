"""All SQL about employers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.errors import EmployerNotKnown
from hub_registry.imports.rows import write
from hub_schemas.ids import EmployerId, HubId, StaffId

_COLUMNS = """
    employer_id, hub_id, employer_ref, name, sector, postcode, contact_name, contact_email, insurance_valid_until,
    risk_band, max_at_once, verified_at, verified_by, verified_until, turned_away_at,
    turned_away_reason, merged_into
"""
_ONE = f"SELECT {_COLUMNS}, xmin::text AS version FROM employer WHERE employer_id = $1"
_LOCK = f"{_ONE} FOR NO KEY UPDATE"
_BY_REF = f"""
    SELECT {_COLUMNS}
      FROM employer
     WHERE hub_id = $1 AND employer_ref = ANY ($2)
     ORDER BY employer_ref
"""
_PAGE = f"""
    SELECT {_COLUMNS}, xmin::text AS version
      FROM employer
     WHERE employer_id > $1
       AND ($2::text IS NULL OR employer_ref = $2)
       AND ($3::boolean IS NULL OR (verified_at IS NOT NULL) = $3)
       AND ($5::boolean OR merged_into IS NULL)
     ORDER BY employer_id
     LIMIT $4
"""
_INSERT = f"""
    INSERT INTO employer ({_COLUMNS})
    SELECT {_COLUMNS} FROM jsonb_populate_recordset(NULL::employer, $1)
"""
_UPDATE = """
    UPDATE employer e
       SET name = n.name, sector = n.sector, postcode = n.postcode, contact_name = n.contact_name,
           contact_email = n.contact_email, insurance_valid_until = n.insurance_valid_until,
           risk_band = n.risk_band, max_at_once = n.max_at_once
      FROM jsonb_populate_recordset(NULL::employer, $1) n
     WHERE e.employer_id = n.employer_id
"""
_VERIFY = """
    UPDATE employer
       SET verified_at = $2, verified_by = $3, turned_away_at = NULL, turned_away_reason = NULL
     WHERE verified_at IS NULL AND merged_into IS NULL AND ($1::text[] IS NULL OR employer_ref = ANY ($1))
    RETURNING employer_id
"""


async def load_employer(conn: Conn, employer_id: UUID, *, lock: bool = False) -> dict[str, Any]:
    """Read one employer, and perhaps keep others from changing it; raises EmployerNotKnown."""
    row = await conn.fetchrow(_LOCK if lock else _ONE, employer_id)
    if row is None:
        raise EmployerNotKnown(f"there is no employer {employer_id}")
    return dict(row)


async def load_employers(
    conn: Conn,
    *,
    after: UUID,
    limit: int,
    employer_ref: str | None = None,
    verified: bool | None = None,
    merged: bool = False,
) -> list[dict[str, Any]]:
    """Read employers in the order they were entered; those merged into another only when asked for."""
    return [dict(row) for row in await conn.fetch(_PAGE, after, employer_ref, verified, limit, merged)]


async def load_by_ref(conn: Conn, hub_id: HubId | None, refs: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Read the employers with these references that the scope sees."""
    return {row["employer_ref"]: dict(row) for row in await conn.fetch(_BY_REF, hub_id, refs)}


async def insert_employers(conn: Conn, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add employers; every row has all columns."""
    await write(conn, _INSERT, rows)


async def update_employers(conn: Conn, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write employers that changed; every row has all columns."""
    await write(conn, _UPDATE, rows)


async def verify(conn: Conn, refs: Sequence[str] | None, *, by: StaffId, at: datetime) -> list[EmployerId]:
    """Note that the hub has checked these employers (None: all of them); gives those that were not verified yet."""
    return [EmployerId(row["employer_id"]) for row in await conn.fetch(_VERIFY, refs, at, by)]
