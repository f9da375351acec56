"""All SQL about reminders: who has not acted, who was reminded, what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.rounds.model import Round
from hub_schemas.events.notices import RecipientKind
from hub_schemas.ids import ChaseId, HubId, RoundId, StaffId

_SCHOOLS = """
    SELECT c.school_id AS of_id, c.name,
           array_agg(w.staff_id::text ORDER BY w.staff_id) AS recipients,
           max(h.chased_on) AS chased_on, m.submitted_at
      FROM school c
      JOIN staff w ON w.hub_id = c.hub_id AND w.school_id = c.school_id AND w.role = 'adviser' AND w.active
      LEFT JOIN submission m ON m.round_id = $1 AND m.school_id = c.school_id
      LEFT JOIN chased h ON h.hub_id = c.hub_id AND h.recipient_kind = 'adviser' AND h.recipient_id = w.staff_id::text
     WHERE c.hub_id = $2
     GROUP BY c.school_id, c.name, m.submitted_at
     ORDER BY c.name, c.school_id
"""
_EMPLOYERS = """
    SELECT e.employer_id::text AS of_id, e.name, ARRAY[e.employer_id::text] AS recipients,
           max(h.chased_on) AS chased_on, coalesce(max(s.slots), 0) AS slots, e.insurance_valid_until,
           max(s.last_date) AS last_date
      FROM employer e
      LEFT JOIN (SELECT employer_id, count(*)::int AS slots, max(last_date) AS last_date
                   FROM slot
                  WHERE programme_id = $1 AND state = 'published'
                  GROUP BY employer_id) s ON s.employer_id = e.employer_id
      LEFT JOIN chased h ON h.hub_id = e.hub_id AND h.recipient_kind = 'employer'
                        AND h.recipient_id = e.employer_id::text
     WHERE e.hub_id = $2 AND e.contact_email <> '' AND e.merged_into IS NULL AND e.turned_away_at IS NULL
     GROUP BY e.employer_id
    HAVING coalesce(max(s.slots), 0) = 0 OR e.insurance_valid_until IS NULL
           OR e.insurance_valid_until < max(s.last_date)
     ORDER BY e.name, e.employer_id
"""
_ADD = """
    INSERT INTO chase (chase_id, hub_id, round_id, recipients_sha256, asked_at, asked_by)
    VALUES ($1, $2, $3, $4, $5, $6)
"""
_ADD_CHASED = """
    INSERT INTO chased (chase_id, hub_id, round_id, recipient_kind, recipient_id, school_id, troubled, chased_on)
    SELECT $1, $2, $3, * FROM unnest($4::text[], $5::text[], $6::text[], $7::int[]), (SELECT $8::date) AS today
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('chase ' || $1, 0))"
_TODAY = "SELECT recipient_kind || ':' || recipient_id FROM chased WHERE hub_id = $1 AND chased_on = $2 ORDER BY 1"
_CHASES = """
    SELECT c.chase_id, c.asked_at, w.name AS asked_by, count(*)::int AS recipients,
           count(*) FILTER (WHERE d.state = 'sent')::int AS sent,
           count(*) FILTER (WHERE d.state IN ('failed', 'uncertain'))::int AS failed
      FROM chase c
      JOIN chased d ON d.chase_id = c.chase_id
      LEFT JOIN staff w ON w.staff_id = c.asked_by
     WHERE c.round_id = $1
     GROUP BY c.chase_id, w.name
     ORDER BY c.chase_id DESC
     LIMIT 20
"""
_SETTLE = """
    UPDATE chased d
       SET state = fate.state, reason = fate.reason, settled_at = coalesce(fate.sent_at, now())
      FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
        AS fate (chase_id, recipient_kind, recipient_id, state, reason, sent_at)
     WHERE d.hub_id = $1 AND d.chase_id = fate.chase_id AND d.recipient_kind = fate.recipient_kind
       AND d.recipient_id = fate.recipient_id AND d.state <> 'sent'
       AND (fate.state = 'sent' OR d.state <> 'failed')
"""
_KNOWN = "SELECT chase_id FROM chase WHERE hub_id = $1 AND chase_id = ANY ($2) ORDER BY chase_id"


@dataclass(frozen=True, slots=True)
class Chased:
    """One person to remind: of a school, or an employer's contact."""

    kind: RecipientKind
    recipient_id: str
    school_id: str | None = None
    troubled: int = 0


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one reminder."""

    chase_id: UUID
    kind: RecipientKind
    recipient_id: str
    state: str
    reason: str
    sent_at: datetime | None


async def load_schools(conn: Conn, round_: Round) -> list[dict[str, Any]]:
    """Read the schools that have an adviser: whether they submitted, and when they were last reminded."""
    return [dict(row) for row in await conn.fetch(_SCHOOLS, round_.round_id, round_.hub_id)]


async def load_employers(conn: Conn, round_: Round) -> list[dict[str, Any]]:
    """Read the employers that can be written to and offer nothing, or whose insurance is not known or ends too soon."""
    return [dict(row) for row in await conn.fetch(_EMPLOYERS, round_.programme_id, round_.hub_id)]


async def lock(conn: Conn, hub_id: HubId) -> None:
    """Let one request of a hub follow another, so that nobody is reminded twice a day."""
    await conn.execute(_LOCK, str(hub_id))


async def load_chased_today(conn: Conn, hub_id: HubId, today: date) -> set[str]:
    """Read who was reminded today, as kind:id."""
    return {row[0] for row in await conn.fetch(_TODAY, hub_id, today)}


async def add(
    conn: Conn,
    round_: Round,
    chase_id: ChaseId,
    *,
    sha256: str,
    chased: Sequence[Chased],
    by: StaffId,
    at: datetime,
    today: date,
) -> None:
    """Keep a request and whom it reminds."""
    await conn.execute(_ADD, chase_id, round_.hub_id, round_.round_id, sha256, at, by)
    await conn.execute(
        _ADD_CHASED,
        chase_id,
        round_.hub_id,
        round_.round_id,
        [one.kind for one in chased],
        [one.recipient_id for one in chased],
        [one.school_id for one in chased],
        [one.troubled for one in chased],
        today,
    )


async def load_chases(conn: Conn, round_id: RoundId) -> list[dict[str, Any]]:
    """Read a round's requests, newest first, and how far they are."""
    return [dict(row) for row in await conn.fetch(_CHASES, round_id)]


async def settle(conn: Conn, hub_id: HubId, fates: Sequence[Settled]) -> set[UUID]:
    """Note what became of reminders: sent is final, failed gives way to sent only; gives the requests the hub has."""
    await conn.execute(
        _SETTLE,
        hub_id,
        [fate.chase_id for fate in fates],
        [fate.kind for fate in fates],
        [fate.recipient_id for fate in fates],
        [fate.state for fate in fates],
        [fate.reason for fate in fates],
        [fate.sent_at for fate in fates],
    )
    rows = await conn.fetch(_KNOWN, hub_id, [fate.chase_id for fate in fates])
    return {row["chase_id"] for row in rows}
