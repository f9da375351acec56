"""How long, and by what means, the students of a run travel."""

from dataclasses import dataclass
from typing import Final

from hub_chassis.database import Conn
from hub_schemas.ids import RunId

STEP_MIN: Final = 15
LONGEST_MIN: Final = 120
_JOURNEYS = """
    SELECT least(minutes / $2::int, $3::int / $2::int) AS step, count(*)::int AS placements
      FROM placement
     WHERE run_id = $1 AND mode_used <> ''
     GROUP BY 1
     ORDER BY 1
"""
_BY_MODE = """
    SELECT mode_used, count(*)::int AS placements
      FROM placement
     WHERE run_id = $1
     GROUP BY mode_used
     ORDER BY placements DESC, mode_used
"""


@dataclass(frozen=True, slots=True)
class Journeys:
    """Placements by how long and by what means their students travel, one way."""

    by_minutes: list[tuple[str, int]]
    """(words for the span, placements), shortest first, without gaps up to the longest."""
    by_mode: dict[str, int]
    """Blank: virtual, without a journey."""


async def load_journeys(conn: Conn, run_id: RunId) -> Journeys:
    """Count a run's journeys."""
    found = {row["step"]: row["placements"] for row in await conn.fetch(_JOURNEYS, run_id, STEP_MIN, LONGEST_MIN)}
    steps = range(max(found) + 1) if found else range(0)
    modes = {row["mode_used"]: row["placements"] for row in await conn.fetch(_BY_MODE, run_id)}
    return Journeys([(_span(step), found.get(step, 0)) for step in steps], modes)


def _span(step: int) -> str:
    first = step * STEP_MIN
    return f"{first} minutes or more" if first >= LONGEST_MIN else f"{first} to {first + STEP_MIN - 1} minutes"
