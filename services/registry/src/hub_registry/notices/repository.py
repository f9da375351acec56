"""All SQL about notices: ledger, holding, recipients and what each is shown. Counts only, no student's name."""

from datetime import datetime
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_schemas.events.notices import NoticeFact
from hub_schemas.ids import HubId, RoundId, RunId

Row = dict[str, Any]

_RECORD = """
    INSERT INTO notice (notice_id, hub_id, round_id, run_id, recipient_kind, recipient_id, state, reason, sent_at)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
     WHERE EXISTS (SELECT FROM run WHERE run_id = $4 AND round_id = $3 AND hub_id = $2)
        ON CONFLICT (notice_id) DO UPDATE
       SET state = excluded.state, reason = excluded.reason, sent_at = excluded.sent_at, recorded_at = now()
     WHERE notice.state <> 'sent'
       AND (excluded.state = 'sent' OR notice.state <> 'failed')
"""
_KNOWN = "SELECT EXISTS (SELECT FROM run WHERE run_id = $1 AND round_id = $2 AND hub_id = $3)"
_LIST = """
    SELECT notice_id, round_id, run_id, recipient_kind, recipient_id, state, reason, sent_at, recorded_at
      FROM notice
     WHERE ($1::uuid IS NULL OR notice_id > $1) AND ($3::uuid IS NULL OR round_id = $3)
     ORDER BY notice_id
     LIMIT $2
"""
_COUNTS = "SELECT state, count(*)::int AS notices FROM notice GROUP BY state ORDER BY state"
_EXPECTED = "SELECT coalesce(sum(recipients), 0)::int FROM run WHERE state = 'published'"
_HOLD = "UPDATE hub SET notices_held = $2 WHERE hub_id = $1"
_HELD = "SELECT notices_held FROM hub WHERE hub_id = $1"
_ADVISERS = """
    SELECT staff_id::text AS recipient_id
      FROM staff
     WHERE hub_id = $1 AND role = 'adviser' AND active
       AND school_id IN (SELECT school_id FROM participant WHERE round_id = $2)
     ORDER BY staff_id
"""
_EMPLOYERS = """
    SELECT e.employer_id::text AS recipient_id
      FROM employer e
     WHERE e.hub_id = $1 AND e.contact_email <> '' AND e.employer_id::text = ANY ($2::text[])
     ORDER BY e.employer_id
"""
_EMPLOYERS_FROZEN = """
    SELECT t.content
      FROM frozen_table t
      JOIN run r ON r.input_id = t.input_id
     WHERE r.run_id = $1 AND t.name = 'employers'
"""
_ADVISER = """
    SELECT n.state, n.report ->> 'result_sha256' AS result_sha256, h.notices_held AS held, s.name, s.email,
           h.name AS hub_name, p.name AS programme_name, r.name AS round_name, c.name AS school_name,
           (SELECT count(*)::int FROM participant m WHERE m.round_id = $2 AND m.school_id = s.school_id) AS students,
           (SELECT count(DISTINCT student_id)::int FROM placement l
             WHERE l.run_id = $3 AND l.school_id = s.school_id) AS placed,
           (SELECT count(*)::int FROM placement l
             WHERE l.run_id = $3 AND l.school_id = s.school_id AND l.rank = 1) AS first_choice,
           (SELECT count(*)::int FROM unplaced u WHERE u.run_id = $3 AND u.school_id = s.school_id) AS unplaced
      FROM run n
      JOIN round r ON r.round_id = n.round_id
      JOIN programme p ON p.programme_id = r.programme_id
      JOIN hub h ON h.hub_id = n.hub_id
      LEFT JOIN staff s ON s.staff_id = $1 AND s.hub_id = n.hub_id AND s.role = 'adviser' AND s.active
      LEFT JOIN school c ON c.hub_id = s.hub_id AND c.school_id = s.school_id
     WHERE n.run_id = $3 AND n.round_id = $2
"""
_EMPLOYER = """
    SELECT n.state, n.report ->> 'result_sha256' AS result_sha256, h.notices_held AS held,
           coalesce(nullif(e.contact_name, ''), e.name) AS name, e.contact_email AS email, h.name AS hub_name,
           p.name AS programme_name, r.name AS round_name, e.name AS employer_name,
           (SELECT coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.first_date, c.title), '[]')
              FROM (SELECT l.title, count(DISTINCT m.student_id) AS students, l.first_date, l.last_date
                      FROM placement m
                      JOIN slot l ON l.slot_id = m.slot_id
                     WHERE m.run_id = $3 AND m.employer_id = $1
                     GROUP BY l.slot_id) c) AS slots
      FROM run n
      JOIN round r ON r.round_id = n.round_id
      JOIN programme p ON p.programme_id = r.programme_id
      JOIN hub h ON h.hub_id = n.hub_id
      LEFT JOIN employer e ON e.employer_id = $1 AND e.hub_id = n.hub_id AND e.contact_email <> ''
     WHERE n.run_id = $3 AND n.round_id = $2
"""


async def record(
    conn: Conn, hub_id: HubId, fact: NoticeFact, *, state: str, reason: str, sent_at: datetime | None
) -> bool:
    """Enter a notice's fate in the ledger: sent is final, failed gives way to sent only. False: an unknown run."""
    known: bool = await conn.fetchval(_KNOWN, fact.run_id, fact.round_id, hub_id)
    if known:
        ids = (fact.notice_id, hub_id, fact.round_id, fact.run_id)
        await conn.execute(_RECORD, *ids, fact.recipient_kind, fact.recipient_id, state, reason, sent_at)
    return known


async def load_notices(conn: Conn, *, after: UUID | None, limit: int, round_id: RoundId | None) -> list[Row]:
    """Read the caller's hub's ledger by notice."""
    return [dict(row) for row in await conn.fetch(_LIST, after, limit, round_id)]


async def count_notices(conn: Conn) -> dict[str, int]:
    """Count the caller's hub's notices by state."""
    return {row["state"]: row["notices"] for row in await conn.fetch(_COUNTS)}


async def count_expected(conn: Conn) -> int:
    """Count whom all that stands in the caller's hub concerns."""
    return int(await conn.fetchval(_EXPECTED))


async def set_held(conn: Conn, hub_id: HubId, *, held: bool) -> None:
    """Hold or release all notices of a hub."""
    await conn.execute(_HOLD, hub_id, held)


async def is_held(conn: Conn, hub_id: HubId) -> bool:
    """Say whether a hub's notices are held."""
    return bool(await conn.fetchval(_HELD, hub_id))


async def load_advisers(conn: Conn, hub_id: HubId, round_id: RoundId) -> list[str]:
    """Read the advisers of the schools in a round."""
    return [row[0] for row in await conn.fetch(_ADVISERS, hub_id, round_id)]


async def load_frozen_employers(conn: Conn, run_id: RunId) -> bytes:
    """Read the canonical employers table of a run's input."""
    content: bytes = await conn.fetchval(_EMPLOYERS_FROZEN, run_id) or b""
    return content


async def load_employers(conn: Conn, hub_id: HubId, employer_ids: list[str]) -> list[str]:
    """Say which of these employers can be written to."""
    return [row[0] for row in await conn.fetch(_EMPLOYERS, hub_id, employer_ids)]


async def load_adviser(conn: Conn, staff_id: UUID, *, round_id: RoundId, run_id: RunId) -> Row | None:
    """Read a run's state and, if there is such an adviser in its hub, their address and the counts of their school."""
    row = await conn.fetchrow(_ADVISER, staff_id, round_id, run_id)
    return dict(row) if row else None


async def load_employer(conn: Conn, employer_id: UUID, *, round_id: RoundId, run_id: RunId) -> Row | None:
    """Read a run's state and, if there is such an employer, its address, and how many come to which slot and when."""
    row = await conn.fetchrow(_EMPLOYER, employer_id, round_id, run_id)
    if row is None:
        return None
    return {**dict(row), "students": sum(slot["students"] for slot in row["slots"])}
