"""SQL about what a student may choose from, and how much it is asked for."""

from typing import Any

from hub_chassis.database import Conn
from hub_registry.rounds.model import Round
from hub_registry.versions import of_rows
from hub_schemas.ids import RoundId

# Nearly every page of an adviser asks: two scans without a join take a third of the time. So an employer of the hub who
# offers nothing here counts, too; that costs a look at the slots anew and changes nothing.
_VERSION = f"""
    SELECT concat_ws(' ', {of_rows("slot t", "t.programme_id = $1")}, {of_rows("employer t")},
                     (SELECT string_agg(r.published_run_id::text, ' ' ORDER BY r.round_id)
                        FROM round r WHERE r.programme_id = $1))
"""
_EMPLOYERS = """
    SELECT e.employer_id::text, e.name
      FROM employer e
     WHERE e.employer_id IN (SELECT s.employer_id FROM slot s WHERE s.programme_id = $1)
     ORDER BY e.employer_id
"""
_DEMAND = "SELECT slot_id::text, band FROM slot_demand($1) ORDER BY slot_id"


async def load_version(conn: Conn, round_: Round) -> str:
    """Read what changes whenever a slot of the round's programme, or its employer, changes."""
    return str(await conn.fetchval(_VERSION, round_.programme_id))


async def load_employers(conn: Conn, round_: Round) -> dict[str, str]:
    """Read the names of the employers who offer slots in a round's programme."""
    return {row["employer_id"]: row["name"] for row in await conn.fetch(_EMPLOYERS, round_.programme_id)}


async def load_demand(conn: Conn, round_id: RoundId) -> dict[str, str]:
    """Read how much each slot is asked for, as a band: nobody learns how many ranked it."""
    rows: list[Any] = await conn.fetch(_DEMAND, round_id)
    return {row["slot_id"]: row["band"] for row in rows}
