"""All SQL about the ledger of notices, holding them, and whom a run concerns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from hub_chassis.database import Conn
from hub_schemas.events.notices import NoticeFact
from hub_schemas.ids import HubId, NoticeId, RoundId, RunId

Row = dict[str, Any]
State = Literal["sent", "failed", "uncertain"]


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one notice."""

    fact: NoticeFact
    state: State
    reason: str = ""
    sent_at: datetime | None = None


_RECORD = """
    WITH known AS (
        SELECT fate.*
          FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
                      $9::timestamptz[])
            AS fate (notice_id, round_id, run_id, recipient_kind, recipient_id, state, reason, sent_at)
          JOIN run USING (run_id, round_id)
         WHERE run.hub_id = $1
    ), written AS (
        INSERT INTO notice (notice_id, hub_id, round_id, run_id, recipient_kind, recipient_id, state, reason, sent_at)
        SELECT notice_id, $1, round_id, run_id, recipient_kind, recipient_id, state, reason, sent_at
          FROM known
         ORDER BY notice_id
            ON CONFLICT (notice_id) DO UPDATE
           SET state = excluded.state, reason = excluded.reason, sent_at = excluded.sent_at, recorded_at = now()
         WHERE notice.state <> 'sent'
           AND (excluded.state = 'sent' OR notice.state <> 'failed')
    )
    SELECT notice_id FROM known ORDER BY notice_id
"""
_LIST = """
    SELECT notice_id, round_id, run_id, recipient_kind, recipient_id, state, reason, sent_at, recorded_at
      FROM notice
     WHERE ($1::uuid IS NULL OR notice_id > $1) AND ($3::uuid IS NULL OR round_id = $3)
     ORDER BY notice_id
     LIMIT $2
"""
_COUNTS = """
    SELECT n.state, count(*)::int AS notices
      FROM notice n
      JOIN run r ON r.run_id = n.run_id AND r.state = 'published'
     GROUP BY n.state
     ORDER BY n.state
"""
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


async def record(conn: Conn, hub_id: HubId, fates: Sequence[Fate]) -> set[NoticeId]:
    """Enter what became of notices, each named once, in the ledger: sent is final, failed gives way to sent only.

    Gives those of them that are about a run of this hub: the others are left out.
    """
    facts = [fate.fact for fate in fates]
    rows = await conn.fetch(
        _RECORD,
        hub_id,
        [fact.notice_id for fact in facts],
        [fact.round_id for fact in facts],
        [fact.run_id for fact in facts],
        [fact.recipient_kind for fact in facts],
        [fact.recipient_id for fact in facts],
        [fate.state for fate in fates],
        [fate.reason for fate in fates],
        [fate.sent_at for fate in fates],
    )
    return {NoticeId(row["notice_id"]) for row in rows}


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
