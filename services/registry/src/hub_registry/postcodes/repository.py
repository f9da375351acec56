"""All SQL about postcodes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hub_chassis.database import Conn
from hub_registry.imports.rows import write

_SOME = "SELECT postcode, lat, lon, lsoa21 FROM postcode WHERE postcode = ANY ($1) ORDER BY postcode"
_COUNT = "SELECT count(*) FROM postcode WHERE postcode = ANY ($1)"
_INSERT = """
    INSERT INTO postcode (postcode, lat, lon, lsoa21)
    SELECT postcode, lat, lon, lsoa21 FROM jsonb_populate_recordset(NULL::postcode, $1)
"""
_UPDATE = """
    UPDATE postcode p
       SET lat = n.lat, lon = n.lon, lsoa21 = n.lsoa21
      FROM jsonb_populate_recordset(NULL::postcode, $1) n
     WHERE p.postcode = n.postcode
"""


async def load_some(conn: Conn, postcodes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Read where these postcodes lie; those not known are absent."""
    return {row["postcode"]: dict(row) for row in await conn.fetch(_SOME, postcodes)}


async def count_unknown(conn: Conn, postcodes: Iterable[str]) -> int:
    """Count the different postcodes among these of which nobody knows where they lie; blanks don't count."""
    asked = sorted({postcode for postcode in postcodes if postcode})
    known: int = await conn.fetchval(_COUNT, asked)
    return len(asked) - known


async def insert_postcodes(conn: Conn, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add postcodes."""
    await write(conn, _INSERT, rows)


async def update_postcodes(conn: Conn, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write postcodes that moved."""
    await write(conn, _UPDATE, rows)
