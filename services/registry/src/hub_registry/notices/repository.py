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
_PUBLISHED = "SELECT published_run_id FROM round WHERE published_run_id IS NOT NULL ORDER BY published_run_id"
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
    SELECT s.name, s.email, h.name AS hub_name, p.name AS programme_name, r.name AS round_name, c.name AS school_name,
           (SELECT count(*)::int FROM participant m WHERE m.round_id = $2 AND m.school_id = s.school_id) AS students,
           (SELECT count(DISTINCT student_id)::int FROM placement l
             WHERE l.run_id = $3 AND l.school_id = s.school_id) AS placed,
           (SELECT count(*)::int FROM placement l
             WHERE l.run_id = $3 AND l.school_id = s.school_id AND l.rank = 1) AS first_choice,
           (SELECT count(*)::int FROM unplaced u WHERE u.run_id = $3 AND u.school_id = s.school_id) AS unplaced
      FROM staff s
      JOIN hub h ON h.hub_id = s.hub_id
      JOIN round r ON r.round_id = $2 AND r.hub_id = s.hub_id
      JOIN programme p ON p.programme_id = r.programme_id
      JOIN school c ON c.hub_id = s.hub_id AND c.school_id = s.school_id
     WHERE s.staff_id = $1 AND s.role = 'adviser' AND s.active
"""
_EMPLOYER = """
    SELECT coalesce(nullif(e.contact_name, ''), e.name) AS name, e.contact_email AS email, h.name AS hub_name,
           p.name AS programme_name, r.name AS round_name, e.name AS employer_name
      FROM employer e
      JOIN hub h ON h.hub_id = e.hub_id
      JOIN round r ON r.round_id = $2 AND r.hub_id = e.hub_id
      JOIN programme p ON p.programme_id = r.programme_id
     WHERE e.employer_id = $1 AND e.contact_email <> ''
"""
_COMING = """
    SELECT l.title, count(DISTINCT p.student_id)::int AS students, l.first_date, l.last_date
      FROM placement p
      JOIN slot l ON l.slot_id = p.slot_id
     WHERE p.run_id = $1 AND p.employer_id = $2
     GROUP BY l.slot_id
     ORDER BY l.first_date, l.title, l.slot_id
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


async def load_published(conn: Conn) -> list[RunId]:
    """Read which runs stand in the caller's hub."""
    return [RunId(row[0]) for row in await conn.fetch(_PUBLISHED)]


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
    """Read an adviser's address and the counts of their school."""
    row = await conn.fetchrow(_ADVISER, staff_id, round_id, run_id)
    return dict(row) if row else None


async def load_employer(conn: Conn, employer_id: UUID, *, round_id: RoundId, run_id: RunId) -> Row | None:
    """Read an employer's address, and how many come to which slot and when."""
    row = await conn.fetchrow(_EMPLOYER, employer_id, round_id)
    if row is None:
        return None
    slots = [dict(slot) for slot in await conn.fetch(_COMING, run_id, employer_id)]
    return {**dict(row), "slots": slots, "students": sum(slot["students"] for slot in slots)}
