"""A run's slots: how many of their seats are taken, and why others stay empty."""

from typing import Any

from hub_chassis.database import Conn
from hub_registry.runs.model import Run
from hub_schemas.ids import SlotId

Row = dict[str, Any]

_LIST = """
    WITH taken AS (
         SELECT slot_id, count(*)::int AS taken FROM placement WHERE run_id = $1 GROUP BY slot_id),
    empty AS (
         SELECT x.told ->> 'slot_id' AS slot_id, (x.told ->> 'empty')::int AS empty,
                (x.told ->> 'capacity')::int AS capacity, x.told ->> 'reason' AS reason, x.told ->> 'text' AS text
           FROM (SELECT body::jsonb AS told
                   FROM explanation
                  WHERE run_id = $1 AND school_id IS NULL AND student_id IS NULL) x)
    SELECT l.slot_id, l.slot_ref, l.title, l.sector, l.dates, e.name AS employer, coalesce(t.taken, 0) AS taken,
           coalesce(m.capacity, t.taken) AS seats, coalesce(m.empty, 0) AS empty, m.reason, m.text,
           count(*) OVER ()::int AS total
      FROM slot l
      JOIN employer e ON e.employer_id = l.employer_id
      LEFT JOIN taken t ON t.slot_id = l.slot_id
      LEFT JOIN empty m ON m.slot_id = l.slot_id::text
     WHERE l.programme_id = (SELECT programme_id FROM round WHERE round_id = $2)
       AND (t.slot_id IS NOT NULL OR m.slot_id IS NOT NULL)
       AND ($3 = '' OR m.reason = $3)
       AND ($4 = '' OR position(lower($4) IN lower(concat_ws(' ', l.slot_ref, l.title, e.name, l.sector))) > 0)
     ORDER BY empty DESC, l.slot_ref
     LIMIT $5 OFFSET $6
"""
_REASONS = """
    SELECT body::jsonb ->> 'reason' AS reason, count(*)::int AS slots, sum((body::jsonb ->> 'empty')::int)::int AS seats
      FROM explanation
     WHERE run_id = $1 AND school_id IS NULL AND student_id IS NULL
     GROUP BY 1
     ORDER BY seats DESC, reason
"""
_OF_REF = """
    SELECT slot_id
      FROM slot
     WHERE programme_id = (SELECT programme_id FROM round WHERE round_id = $1) AND lower(slot_ref) = lower($2)
"""


async def list_slots(conn: Conn, run: Run, *, reason: str, words: str, limit: int, offset: int) -> list[Row]:
    """Read the slots that took part, most empty seats first; ``total`` of each row is how many there are in all."""
    rows = await conn.fetch(_LIST, run.run_id, run.round_id, reason, words, limit, offset)
    return [dict(row) for row in rows]


async def empty_by_reason(conn: Conn, run: Run) -> list[Row]:
    """Count slots with empty seats, and those seats, by why they are empty."""
    return [dict(row) for row in await conn.fetch(_REASONS, run.run_id)]


async def find_slot(conn: Conn, run: Run, slot_ref: str) -> SlotId | None:
    """Find a slot of the round's programme by its reference."""
    found = await conn.fetchval(_OF_REF, run.round_id, slot_ref)
    return SlotId(found) if found else None
