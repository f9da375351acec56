"""The runs of a round beside each other: state, what they came to, who asked, what their policy changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.runs.model import RunState
from hub_schemas.ids import RoundId

_LIST = """
    WITH listed AS (
         SELECT n.run_id, n.state, n.policy, n.report, n.progress, n.waiting_for, n.parent_run_id, n.mode,
                n.requested_at, n.requested_by, n.solved_at, n.ended_at, (i.rows ->> 'students')::int AS students,
                (SELECT count(*) FROM approval a WHERE a.run_id = n.run_id)::int AS approvals
           FROM run n
           JOIN frozen_input i ON i.input_id = n.input_id
          WHERE n.round_id = $1
          ORDER BY n.run_id DESC
          LIMIT $2 OFFSET $3)
    SELECT listed.*, s.name AS asked_by, f.first_choices
      FROM listed
      LEFT JOIN staff s ON s.staff_id = listed.requested_by
      LEFT JOIN (
           SELECT run_id, count(*)::int AS first_choices
             FROM placement
            WHERE run_id IN (SELECT run_id FROM listed) AND rank = 1
            GROUP BY run_id) f ON f.run_id = listed.run_id
     ORDER BY listed.run_id DESC
"""
_COUNT = "SELECT count(*)::int FROM run WHERE round_id = $1"
_WITH_RESULT = """
    SELECT n.run_id, n.state, n.policy, n.requested_at, s.name AS asked_by
      FROM run n
      LEFT JOIN staff s ON s.staff_id = n.requested_by
     WHERE n.round_id = $1 AND n.solved_at IS NOT NULL
     ORDER BY n.run_id DESC
     LIMIT 100
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """One run of a list."""

    run_id: UUID
    state: RunState
    policy: dict[str, Any]
    requested_at: datetime
    asked_by: str | None
    """None: nobody who is known; the clock or the command asked."""
    students: int | None = None
    """Who take part."""
    report: dict[str, Any] | None = None
    first_choices: int | None = None
    waiting_for: str | None = None
    progress: dict[str, Any] | None = None
    parent_run_id: UUID | None = None
    mode: str | None = None
    solved_at: datetime | None = None
    ended_at: datetime | None = None
    approvals: int = 0

    @property
    def has_result(self) -> bool:
        """Whether its result is here."""
        return self.solved_at is not None

    @property
    def placed(self) -> int | None:
        """Students with at least one placement."""
        if not self.has_result or self.report is None or self.students is None:
            return None
        return self.students - int(self.report["unplaced"])


async def list_newest(conn: Conn, round_id: RoundId, *, limit: int, offset: int) -> list[Listed]:
    """Read a page of a round's runs, newest first."""
    rows = await conn.fetch(_LIST, round_id, limit, offset)
    return [_listed(row, without="requested_by") for row in rows]


async def count_runs(conn: Conn, round_id: RoundId) -> int:
    """Count a round's runs."""
    return int(await conn.fetchval(_COUNT, round_id))


async def list_with_result(conn: Conn, round_id: RoundId) -> list[Listed]:
    """Read the newest runs that have a result: what a change run may start from, and what can be compared."""
    return [_listed(row) for row in await conn.fetch(_WITH_RESULT, round_id)]


def _listed(row: Any, *, without: str = "") -> Listed:
    values = {name: value for name, value in row.items() if name != without}
    return Listed(**{**values, "state": RunState(values["state"])})
