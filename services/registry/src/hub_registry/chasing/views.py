"""SQL of what people are reminded of, at the moment of sending: counts, dates and addresses, no student's name."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn

Row = dict[str, Any]

_CHASE = """
    SELECT r.state, r.closes_at, k.recipients_sha256, h.notices_held AS held, h.name AS hub_name,
           p.name AS programme_name, r.name AS round_name
      FROM chase k
      JOIN round r ON r.round_id = k.round_id
      JOIN programme p ON p.programme_id = r.programme_id
      JOIN hub h ON h.hub_id = k.hub_id
     WHERE k.chase_id = $1 AND k.round_id = $2
"""
_ADVISERS = """
    SELECT w.staff_id AS recipient_id, w.name, w.email, c.name AS school_name, d.troubled,
           EXISTS (SELECT FROM submission m
                    WHERE m.round_id = d.round_id AND m.school_id = w.school_id) AS submitted,
           n.students, n.without_preferences, n.unanswered
      FROM chased d
      JOIN round r ON r.round_id = d.round_id
      JOIN programme p ON p.programme_id = r.programme_id
      JOIN staff w ON w.hub_id = d.hub_id AND w.staff_id::text = d.recipient_id AND w.role = 'adviser' AND w.active
      JOIN school c ON c.hub_id = w.hub_id AND c.school_id = w.school_id
     CROSS JOIN LATERAL (
           SELECT count(*) FILTER (WHERE s.consent <> 'no')::int AS students,
                  count(*) FILTER (WHERE s.consent <> 'no' AND NOT EXISTS (
                      SELECT FROM preference f
                       WHERE f.round_id = d.round_id AND f.student_id = s.student_id))::int AS without_preferences,
                  count(*) FILTER (WHERE s.consent = '')::int AS unanswered
             FROM student s
            WHERE s.hub_id = w.hub_id AND s.school_id = w.school_id AND s.left_at IS NULL
              AND s.year_group = ANY (p.year_groups)) n
     WHERE d.chase_id = $1 AND d.recipient_kind = 'adviser' AND w.staff_id = ANY ($2::uuid[])
     ORDER BY w.staff_id
"""
_EMPLOYERS = """
    SELECT e.employer_id AS recipient_id, coalesce(nullif(e.contact_name, ''), e.name) AS name,
           e.contact_email AS email, e.name AS employer_name, e.insurance_valid_until AS insured_until,
           count(s.slot_id)::int AS slots, coalesce(max(s.last_date) > e.insurance_valid_until, false)
               AS insurance_ends_before
      FROM chased d
      JOIN round r ON r.round_id = d.round_id
      JOIN employer e ON e.hub_id = d.hub_id AND e.employer_id::text = d.recipient_id AND e.contact_email <> ''
      LEFT JOIN slot s ON s.employer_id = e.employer_id AND s.programme_id = r.programme_id AND s.state = 'published'
     WHERE d.chase_id = $1 AND d.recipient_kind = 'employer' AND e.employer_id = ANY ($2::uuid[])
     GROUP BY e.employer_id
     ORDER BY e.employer_id
"""


async def load_chase(conn: Conn, round_id: UUID, chase_id: UUID) -> Row | None:
    """Read a request's round, whether its hub holds notices, and the names every view begins with."""
    row = await conn.fetchrow(_CHASE, chase_id, round_id)
    return dict(row) if row else None


async def load_advisers(conn: Conn, chase_id: UUID, staff_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Read, of these advisers, those the request reminds: their address and their school's counts."""
    return {row["recipient_id"]: _without_id(row) for row in await conn.fetch(_ADVISERS, chase_id, staff_ids)}


async def load_employers(conn: Conn, chase_id: UUID, employer_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Read, of these employers, those the request reminds: their address and what is missing."""
    return {row["recipient_id"]: _without_id(row) for row in await conn.fetch(_EMPLOYERS, chase_id, employer_ids)}


def _without_id(row: Any) -> Row:
    return {name: value for name, value in row.items() if name != "recipient_id"}
