"""SQL of what recipients are shown of a published run: many at once. Counts, dates and addresses, no student's name."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_schemas.ids import RoundId, RunId

Row = dict[str, Any]

_RUN = """
    SELECT n.state, n.report ->> 'result_sha256' AS result_sha256, h.notices_held AS held,
           h.name AS hub_name, p.name AS programme_name, r.name AS round_name,
           EXISTS (SELECT FROM run o WHERE o.round_id = n.round_id AND o.state = 'superseded') AS replaces
      FROM run n
      JOIN round r ON r.round_id = n.round_id
      JOIN programme p ON p.programme_id = r.programme_id
      JOIN hub h ON h.hub_id = n.hub_id
     WHERE n.run_id = $1 AND n.round_id = $2
"""


async def load_run(conn: Conn, round_id: RoundId, run_id: RunId) -> Row | None:
    """Read a run's state and hash, whether its hub holds notices, and what every view begins with: names, and
    whether the run took the place of one that was published before.
    """
    row = await conn.fetchrow(_RUN, run_id, round_id)
    return dict(row) if row else None


_ADVISERS = """
    SELECT s.staff_id AS recipient_id, s.name, s.email, c.name AS school_name,
           (SELECT count(*)::int FROM participant m
             WHERE m.round_id = n.round_id AND m.school_id = s.school_id) AS students,
           (SELECT count(DISTINCT student_id)::int FROM placement l
             WHERE l.run_id = n.run_id AND l.school_id = s.school_id) AS placed,
           (SELECT count(*)::int FROM placement l
             WHERE l.run_id = n.run_id AND l.school_id = s.school_id AND l.rank = 1) AS first_choice,
           (SELECT count(*)::int FROM unplaced u
             WHERE u.run_id = n.run_id AND u.school_id = s.school_id) AS unplaced
      FROM run n
      JOIN staff s ON s.hub_id = n.hub_id AND s.role = 'adviser' AND s.active
      JOIN school c ON c.hub_id = s.hub_id AND c.school_id = s.school_id
     WHERE n.run_id = $1 AND s.staff_id = ANY ($2::uuid[])
     ORDER BY s.staff_id
"""


async def load_advisers(conn: Conn, run_id: RunId, staff_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Read, of these advisers, those there are in a run's hub: their address and the counts of their school."""
    return {row["recipient_id"]: _without_id(row) for row in await conn.fetch(_ADVISERS, run_id, staff_ids)}


_EMPLOYERS = """
    SELECT e.employer_id AS recipient_id, coalesce(nullif(e.contact_name, ''), e.name) AS name,
           e.contact_email AS email, e.name AS employer_name
      FROM run n
      JOIN employer e ON e.hub_id = n.hub_id AND e.contact_email <> ''
     WHERE n.run_id = $1 AND e.employer_id = ANY ($2::uuid[])
     ORDER BY e.employer_id
"""
_HOSTED = """
    SELECT l.employer_id AS recipient_id, l.title, count(DISTINCT m.student_id)::int AS students,
           l.first_date, l.last_date
      FROM placement m
      JOIN slot l ON l.slot_id = m.slot_id
     WHERE m.run_id = $1 AND m.employer_id = ANY ($2::uuid[])
     GROUP BY l.slot_id
     ORDER BY l.employer_id, l.first_date, l.title, l.slot_id
"""


async def load_employers(conn: Conn, run_id: RunId, employer_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Read, of these employers, those a run's hub can write to: address, and how many come to which slot and when."""
    found = {row["recipient_id"]: _without_id(row) for row in await conn.fetch(_EMPLOYERS, run_id, employer_ids)}
    rows = await conn.fetch(_HOSTED, run_id, employer_ids)
    hosted = {
        employer_id: [_without_id(row) for row in slots]
        for employer_id, slots in groupby(rows, key=lambda row: row["recipient_id"])
    }
    for employer_id, employer in found.items():
        employer["slots"] = hosted.get(employer_id, [])
        employer["students"] = sum(slot["students"] for slot in employer["slots"])
    return found


def _without_id(row: Any) -> Row:
    return {name: value for name, value in row.items() if name != "recipient_id"}
