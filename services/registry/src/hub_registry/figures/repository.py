"""All SQL about the figures of rounds: each question once for all rounds, because a country has hundreds.

The worker's role reads all hubs; nothing here is shown to a person of a hub.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn

Row = dict[str, Any]

_ROUNDS = """
    SELECT h.slug AS hub, r.round_id, r.name, r.state, r.closes_at, r.closing_failed IS NOT NULL AS closing_failed,
           r.hub_id, r.programme_id, r.published_run_id
      FROM (SELECT *, row_number() OVER (PARTITION BY hub_id ORDER BY created_at DESC, round_id) AS place
              FROM round
             WHERE state IN ('open', 'closed')
                OR state = 'published' AND published_at > now() - $2 * interval '1 day') r
      JOIN hub h ON h.hub_id = r.hub_id
     WHERE r.place <= $1
     ORDER BY h.slug, r.round_id
"""
_HUBS = "SELECT slug AS hub, notices_held FROM hub ORDER BY slug"
_BY_STATE = """
    SELECT h.slug AS hub, r.state, count(*)::int AS rounds
      FROM round r JOIN hub h ON h.hub_id = r.hub_id
     GROUP BY 1, 2
     ORDER BY 1, 2
"""
_SCHOOLS = """
    SELECT r.round_id, count(m.school_id)::int AS submitted, count(*)::int - count(m.school_id)::int AS to_act,
           coalesce(sum(m.students), 0)::int AS wishing
      FROM round r
      JOIN school c ON c.hub_id = r.hub_id
      LEFT JOIN submission m ON m.round_id = r.round_id AND m.school_id = c.school_id
     WHERE r.round_id = ANY ($1)
       AND (m.school_id IS NOT NULL
            OR EXISTS (SELECT FROM staff w WHERE w.hub_id = c.hub_id AND w.school_id = c.school_id
                                             AND w.role = 'adviser' AND w.active))
     GROUP BY r.round_id
     ORDER BY r.round_id
"""
_EMPLOYERS = """
    SELECT r.round_id, count(*)::int AS employers,
           count(*) FILTER (WHERE s.slots IS NULL OR e.insurance_valid_until IS NULL
                                  OR e.insurance_valid_until < s.last_date)::int AS to_act
      FROM round r
      JOIN employer e ON e.hub_id = r.hub_id AND e.contact_email <> '' AND e.merged_into IS NULL
                     AND e.turned_away_at IS NULL
      LEFT JOIN (SELECT programme_id, employer_id, count(*) AS slots, max(last_date) AS last_date
                   FROM slot
                  WHERE state = 'published'
                  GROUP BY programme_id, employer_id) s
             ON s.programme_id = r.programme_id AND s.employer_id = e.employer_id
     WHERE r.round_id = ANY ($1)
     GROUP BY r.round_id
     ORDER BY r.round_id
"""
_STUDENTS = """
    SELECT r.round_id, sum(s.students)::int AS students
      FROM round r
      JOIN programme p ON p.programme_id = r.programme_id
      JOIN (SELECT hub_id, year_group, count(*) AS students
              FROM student
             WHERE left_at IS NULL
             GROUP BY hub_id, year_group) s ON s.hub_id = r.hub_id AND s.year_group = ANY (p.year_groups)
     WHERE r.round_id = ANY ($1)
     GROUP BY r.round_id
     ORDER BY r.round_id
"""
_SEATS = """
    SELECT r.round_id, sum(s.capacity)::int AS seats
      FROM round r
      JOIN slot s ON s.programme_id = r.programme_id AND s.state = 'published'
     WHERE r.round_id = ANY ($1)
     GROUP BY r.round_id
     ORDER BY r.round_id
"""
_RUNS = """
    SELECT round_id, state, count(*)::int AS runs
      FROM run
     WHERE round_id = ANY ($1)
     GROUP BY round_id, state
     ORDER BY round_id, state
"""
_SHOWN = """
    SELECT DISTINCT ON (round_id) round_id, run_id, (report ->> 'gap')::float8 AS gap
      FROM run
     WHERE round_id = ANY ($1) AND state IN ('solved', 'approved', 'published')
     ORDER BY round_id, state = 'published' DESC, run_id DESC
"""
_NOTICES = """
    SELECT r.round_id, n.recipients AS expected, count(*) FILTER (WHERE d.state = 'sent')::int AS sent,
           count(*) FILTER (WHERE d.state = 'failed')::int AS failed,
           count(*) FILTER (WHERE d.state = 'uncertain')::int AS uncertain
      FROM round r
      JOIN run n ON n.run_id = r.published_run_id
      LEFT JOIN notice d ON d.hub_id = r.hub_id AND d.round_id = r.round_id AND d.run_id = n.run_id
     WHERE r.round_id = ANY ($1)
     GROUP BY r.round_id, n.recipients
     ORDER BY r.round_id
"""
_CHOICES = """
    SELECT CASE rank WHEN 1 THEN 'first' WHEN 2 THEN 'second' WHEN 3 THEN 'third' ELSE
           CASE WHEN rank IS NULL THEN 'unranked' ELSE 'later' END END AS choice, count(*)::int AS placements
      FROM placement
     WHERE run_id = $1
     GROUP BY 1
     ORDER BY 1
"""
_PLACED = """
    SELECT count(DISTINCT student_id)::int AS students,
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY minutes) AS minutes
      FROM placement
     WHERE run_id = $1
"""
_REASONS = """
    SELECT reason, count(*)::int AS students FROM unplaced WHERE run_id = $1 GROUP BY reason ORDER BY 2 DESC, 1
"""


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round that is under way, or was published not long ago."""

    hub: str
    round_id: UUID
    name: str
    state: str
    closes_at: datetime
    closing_failed: bool
    hub_id: UUID
    programme_id: UUID
    published_run_id: UUID | None


@dataclass(frozen=True, slots=True)
class Allocated:
    """What a run came to; never changes once it is solved, but for students who are erased."""

    placed: int
    choices: dict[str, int]
    reasons: dict[str, int]
    minutes: tuple[float, float] | None
    """Median, and what 95 % stay within; None without a placement."""


async def load_rounds(conn: Conn, *, each: int, days: int) -> list[RoundRow]:
    """Read the newest rounds of each hub that are open, closed, or were published in the last days."""
    return [RoundRow(**dict(row)) for row in await conn.fetch(_ROUNDS, each, days)]


async def load_hubs(conn: Conn) -> list[Row]:
    """Read all hubs and whether they hold their notices."""
    return [dict(row) for row in await conn.fetch(_HUBS)]


async def load_by_state(conn: Conn) -> list[Row]:
    """Count each hub's rounds by state."""
    return [dict(row) for row in await conn.fetch(_BY_STATE)]


async def load_progress(conn: Conn, round_ids: Sequence[UUID]) -> dict[str, list[Row]]:
    """Ask everything that changes while rounds are under way; rows name their round."""
    asked = {
        "schools": _SCHOOLS,
        "employers": _EMPLOYERS,
        "students": _STUDENTS,
        "seats": _SEATS,
        "runs": _RUNS,
        "shown": _SHOWN,
        "notices": _NOTICES,
    }
    return {name: [dict(row) for row in await conn.fetch(sql, list(round_ids))] for name, sql in asked.items()}


async def load_allocated(conn: Conn, run_id: UUID) -> Allocated:
    """Count what a solved run came to."""
    placed = await conn.fetchrow(_PLACED, run_id)
    assert placed is not None  # noqa: S101 -- an aggregate has a row
    return Allocated(
        placed=placed["students"],
        choices={row["choice"]: row["placements"] for row in await conn.fetch(_CHOICES, run_id)},
        reasons={row["reason"]: row["students"] for row in await conn.fetch(_REASONS, run_id)},
        minutes=None if placed["minutes"] is None else tuple(placed["minutes"]),
    )
