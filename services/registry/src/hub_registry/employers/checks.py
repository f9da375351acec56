"""All SQL about the hub's checks of employers."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from hub_chassis.database import Conn
from hub_schemas.ids import EmployerId, StaffId

Show = Literal["waiting", "ending", "verified", "turned_away", "all"]
ENDING_WITHIN_DAYS: Final = 60
_OF = """
      FROM employer e
     WHERE e.merged_into IS NULL
       AND ($1 = 'all'
            OR $1 = 'waiting' AND e.verified_at IS NULL AND e.turned_away_at IS NULL
            OR $1 = 'verified' AND e.verified_at IS NOT NULL
            OR $1 = 'turned_away' AND e.turned_away_at IS NOT NULL
            OR $1 = 'ending' AND e.verified_at IS NOT NULL
               AND least(e.verified_until, e.insurance_valid_until) < current_date + $2::int)
       AND ($3 = '' OR strpos(lower(e.name || ' ' || e.employer_ref || ' ' || e.sector), lower($3)) > 0)
"""
_COUNT = f"SELECT count(*)::int {_OF}"
_PAGE = f"""
    SELECT e.employer_id, e.employer_ref, e.name, e.sector, e.postcode, e.contact_name, e.contact_email,
           e.insurance_valid_until, e.risk_band, e.verified_at, e.verified_until, e.turned_away_reason,
           (SELECT count(*)::int FROM slot s
             WHERE s.employer_id = e.employer_id AND s.state = 'published') AS slots,
           (SELECT coalesce(sum(capacity), 0)::int FROM slot s
             WHERE s.employer_id = e.employer_id AND s.state = 'published') AS seats
    {_OF}
     ORDER BY e.name, e.employer_id
     LIMIT $4 OFFSET $5
"""
_COUNTS = """
    SELECT count(*)::int AS "all",
           count(*) FILTER (WHERE verified_at IS NULL AND turned_away_at IS NULL)::int AS waiting,
           count(*) FILTER (WHERE verified_at IS NOT NULL)::int AS verified,
           count(*) FILTER (WHERE turned_away_at IS NOT NULL)::int AS turned_away,
           count(*) FILTER (WHERE verified_at IS NOT NULL
                              AND least(verified_until, insurance_valid_until) < current_date + $1::int)::int AS ending
      FROM employer
     WHERE merged_into IS NULL
"""
_SOME = """
    SELECT employer_id, name, insurance_valid_until, risk_band, contact_email, verified_at
      FROM employer
     WHERE employer_id = ANY ($1)
     ORDER BY name, employer_id
"""
_VERIFY_ONE = """
    UPDATE employer
       SET risk_band = $2, verified_until = $3, verified_by = $4, verified_at = $5,
           turned_away_at = NULL, turned_away_reason = NULL
     WHERE employer_id = $1
"""
_VERIFY_MANY = """
    UPDATE employer
       SET verified_until = $2, verified_by = $3, verified_at = $4, turned_away_at = NULL, turned_away_reason = NULL
     WHERE employer_id = ANY ($1) AND verified_at IS NULL
    RETURNING employer_id
"""
_TURN_AWAY = """
    UPDATE employer
       SET turned_away_at = $3, turned_away_reason = $2, verified_at = NULL, verified_by = NULL, verified_until = NULL
     WHERE employer_id = $1
"""


async def count(conn: Conn, *, show: Show, words: str) -> int:
    """Count the hub's employers in a state, with these words in name, reference or sector."""
    found: int = await conn.fetchval(_COUNT, show, ENDING_WITHIN_DAYS, words)
    return found


async def load_page(conn: Conn, *, show: Show, words: str, limit: int, offset: int) -> list[dict[str, Any]]:
    """Read such employers by name, each with the slots and seats it offers."""
    return [dict(row) for row in await conn.fetch(_PAGE, show, ENDING_WITHIN_DAYS, words, limit, offset)]


async def load_counts(conn: Conn) -> dict[str, int]:
    """Count the hub's employers in each state."""
    row = await conn.fetchrow(_COUNTS, ENDING_WITHIN_DAYS)
    return dict(row) if row else {}


async def load_some(conn: Conn, employer_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Read what a preview shows of these employers, by name."""
    return [dict(row) for row in await conn.fetch(_SOME, employer_ids)]


async def verify_one(conn: Conn, employer_id: UUID, *, risk_band: str, until: date, by: StaffId, at: datetime) -> None:
    """Write that an employer was checked."""
    await conn.execute(_VERIFY_ONE, employer_id, risk_band, until, by, at)


async def verify_many(
    conn: Conn, employer_ids: Sequence[UUID], *, until: date, by: StaffId, at: datetime
) -> list[EmployerId]:
    """Write that employers were checked; gives those that were not verified yet."""
    rows = await conn.fetch(_VERIFY_MANY, employer_ids, until, by, at)
    return sorted(EmployerId(row["employer_id"]) for row in rows)


async def turn_away(conn: Conn, employer_id: UUID, *, reason: str, at: datetime) -> None:
    """Write why an employer may not host."""
    await conn.execute(_TURN_AWAY, employer_id, reason, at)
