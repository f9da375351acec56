"""What was changed on the way to a run: pins, travel times, inputs frozen anew, earlier runs; for whoever approves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub_chassis.database import Conn
from hub_registry.runs.model import Run

Row = dict[str, Any]

_PINS = """
    SELECT s.first_name, s.last_name, c.name AS school, l.title, l.slot_ref, p.pinned_at, b.name AS by
      FROM pin p
      JOIN student s ON s.student_id = p.student_id
      JOIN school c ON c.hub_id = s.hub_id AND c.school_id = s.school_id
      JOIN slot l ON l.slot_id = p.slot_id
      LEFT JOIN staff b ON b.staff_id = p.pinned_by
     WHERE p.round_id = $1
     ORDER BY p.pinned_at DESC, p.student_id
     LIMIT $2
"""
_PIN_COUNT = "SELECT count(*)::int FROM pin WHERE round_id = $1"
# Those that stood when the run's input was frozen, for journeys to slots of its programme.
_TIMES = """
    SELECT o.origin, o.destination, o.mode, o.minutes, o.estimate, o.reason, o.set_at, c.name AS school, b.name AS by,
           count(*) OVER ()::int AS total
      FROM travel_override o
      JOIN frozen_input i ON i.input_id = $2 AND o.set_at <= i.frozen_at
      JOIN round r ON r.round_id = $1
      JOIN school c ON c.hub_id = o.hub_id AND c.school_id = o.school_id
      LEFT JOIN staff b ON b.staff_id = o.set_by
     WHERE o.hub_id = $3
       AND o.destination IN (SELECT l.postcode FROM slot l WHERE l.programme_id = r.programme_id)
     ORDER BY o.set_at DESC, o.override_id
     LIMIT $4
"""
_INPUTS = """
    SELECT frozen_at, (rows ->> 'students')::int AS students, (rows ->> 'slots')::int AS slots,
           input_id = $2 AS of_this_run
      FROM frozen_input
     WHERE round_id = $1
     ORDER BY frozen_at
"""
_BEFORE = """
    SELECT n.run_id, n.requested_at, n.state, n.policy, n.mode, s.name AS by
      FROM run n
      LEFT JOIN staff s ON s.staff_id = n.requested_by
     WHERE n.round_id = $1 AND n.requested_at < $2
     ORDER BY n.requested_at DESC, n.run_id
     LIMIT $3
"""
_BEFORE_COUNT = "SELECT count(*)::int FROM run WHERE round_id = $1 AND requested_at < $2"
LISTED = 20


@dataclass(frozen=True, slots=True)
class History:
    """What people did on the way to a run; lists hold the newest, counts are whole."""

    pins: list[Row]
    pin_count: int
    times: list[Row]
    """Travel times that advisers set in the place of an estimate."""
    time_count: int
    inputs: list[Row]
    before: list[Row]
    before_count: int
    asked_at: datetime


async def load_history(conn: Conn, run: Run) -> History:
    """Read what was changed before a run was asked for, and what is pinned in its round."""
    estimated = run.policy.travel == "auto"
    times = await conn.fetch(_TIMES, run.round_id, run.input_id, run.hub_id, LISTED) if estimated else []
    return History(
        pins=[dict(row) for row in await conn.fetch(_PINS, run.round_id, LISTED)],
        pin_count=await conn.fetchval(_PIN_COUNT, run.round_id),
        times=[dict(row) for row in times],
        time_count=times[0]["total"] if times else 0,
        inputs=[dict(row) for row in await conn.fetch(_INPUTS, run.round_id, run.input_id)],
        before=[dict(row) for row in await conn.fetch(_BEFORE, run.round_id, run.requested_at, LISTED)],
        before_count=await conn.fetchval(_BEFORE_COUNT, run.round_id, run.requested_at),
        asked_at=run.requested_at,
    )
