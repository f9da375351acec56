"""SQL of the figures that pictures of a run show; row-level security decides whose placements are counted."""

from hub_chassis.database import Conn
from hub_schemas.ids import RunId

_BY_MINUTE = """
    SELECT mode_used, minutes, count(*)::int AS placements
      FROM placement
     WHERE run_id = $1
     GROUP BY mode_used, minutes
     ORDER BY mode_used, minutes
"""


async def load_by_minute(conn: Conn, run_id: RunId) -> list[tuple[str, int, int]]:
    """Count placements by way of travelling ('' for none, a virtual one) and minutes one way."""
    return [(row["mode_used"], row["minutes"], row["placements"]) for row in await conn.fetch(_BY_MINUTE, run_id)]
