"""All SQL about calendars: their addresses, what is true now, what they said last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.access.principal import Principal, Role
from hub_registry.access.secrets import fingerprint
from hub_registry.calendars.model import Entry, Told
from hub_schemas.ids import EmployerId, HubId, SchoolId

_OWN = """
    SELECT c.calendar_id, c.secret_sha256 IS NOT NULL AS is_open, c.made_at, c.revoked_at, r.read_at
      FROM calendar c
      LEFT JOIN calendar_read r ON r.calendar_id = c.calendar_id
     WHERE c.school_id IS NOT DISTINCT FROM $1 AND c.employer_id IS NOT DISTINCT FROM $2
"""
_ADD = """
    INSERT INTO calendar (calendar_id, hub_id, school_id, employer_id, secret_sha256, made_by)
    VALUES ($1, $2, $3, $4, $5, $6)
"""
_RENEW = """
    UPDATE calendar SET secret_sha256 = $2, made_by = $3, made_at = now(), revoked_at = NULL WHERE calendar_id = $1
"""
_REVOKE = """
    UPDATE calendar SET secret_sha256 = NULL, revoked_at = now()
     WHERE secret_sha256 IS NOT NULL AND school_id IS NOT DISTINCT FROM $1 AND employer_id IS NOT DISTINCT FROM $2
    RETURNING calendar_id
"""
_FIND = "SELECT calendar_id, hub_id, school_id, employer_id, name, reads FROM calendar_of($1)"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Whose calendar an address leads to, and how often it was read lately."""

    calendar_id: UUID
    hub_id: HubId
    school_id: SchoolId | None
    employer_id: EmployerId | None
    name: str
    reads: int

    def settings(self) -> dict[str, str]:
        """Give the scope that row-level security reads: what that employer or school sees, and of nobody."""
        return {
            "hub.role": (Role.ADVISER if self.school_id else Role.EMPLOYER).value,
            "hub.staff_id": "",
            "hub.school_id": self.school_id or "",
            "hub.employer_id": str(self.employer_id or ""),
        }


async def load_own(conn: Conn, me: Principal) -> dict[str, Any] | None:
    """Read the state of a person's school's or employer's calendar; None when it never had an address."""
    row = await conn.fetchrow(_OWN, me.school_id, me.employer_id)
    return dict(row) if row else None


async def add(conn: Conn, calendar_id: UUID, me: Principal, secret: str) -> None:
    """Give a school or employer its calendar, of the address's secret the hash only."""
    await conn.execute(_ADD, calendar_id, me.hub_id, me.school_id, me.employer_id, fingerprint(secret), me.staff_id)


async def renew(conn: Conn, calendar_id: UUID, me: Principal, secret: str) -> None:
    """Give a calendar another address; the earlier one leads nowhere from now on."""
    await conn.execute(_RENEW, calendar_id, fingerprint(secret), me.staff_id)


async def revoke(conn: Conn, me: Principal) -> bool:
    """Take a calendar's address away; False when it has none."""
    return await conn.fetchval(_REVOKE, me.school_id, me.employer_id) is not None


async def find(conn: Conn, secret: str) -> Calendar | None:
    """Find whose calendar an address leads to, and count that it is read."""
    row = await conn.fetchrow(_FIND, fingerprint(secret))
    return Calendar(**row) if row else None


_SLOTS = """
    SELECT l.slot_id, l.title, l.dates, l.mode, l.postcode, l.capacity, coalesce(h.students, 0) AS students
      FROM slot l
      LEFT JOIN (SELECT slot_id, count(DISTINCT student_id)::int AS students
                   FROM hosted_student GROUP BY slot_id) h ON h.slot_id = l.slot_id
     WHERE l.state = 'published' AND l.last_date >= $1
     ORDER BY l.first_date, l.slot_id
"""
# A later round fills seats that an earlier one left: the slot is one entry all the same, which leads to the later one.
_PLACED = """
    SELECT l.slot_id, l.title, l.dates, l.mode, l.postcode, e.name AS employer,
           (array_agg(r.round_id ORDER BY r.round_id DESC))[1] AS round_id,
           count(DISTINCT p.student_id)::int AS students
      FROM placement p
      JOIN round r ON r.published_run_id = p.run_id
      JOIN slot l ON l.slot_id = p.slot_id AND l.state = 'published' AND l.last_date >= $1
      JOIN employer e ON e.employer_id = l.employer_id
     GROUP BY l.slot_id, e.employer_id
     ORDER BY l.first_date, l.slot_id
"""
_ROUNDS = """
    SELECT r.round_id, r.name, p.name AS programme, least(r.closes_at, r.closed_at) AS closes_at
      FROM round r
      JOIN programme p ON p.programme_id = r.programme_id
     WHERE r.state IN ('open', 'closed', 'published', 'settled') AND r.closes_at >= $1
     ORDER BY r.closes_at, r.round_id
"""


async def load_slots(conn: Conn, *, since: date) -> list[dict[str, Any]]:
    """Read the slots that an employer's scope sees and how many students come to each, as far as that is published."""
    return [dict(row) for row in await conn.fetch(_SLOTS, since)]


async def load_placed(conn: Conn, *, since: date) -> list[dict[str, Any]]:
    """Read where the students go that a school's scope sees: a slot, and how many; nobody's name."""
    return [dict(row) for row in await conn.fetch(_PLACED, since)]


async def load_deadlines(conn: Conn, *, since: datetime) -> list[dict[str, Any]]:
    """Read when the rounds close, or closed, that were opened."""
    return [dict(row) for row in await conn.fetch(_ROUNDS, since)]


_SAID = """
    SELECT uid, starts, ends, title, about, place, page, sequence, changed_at, cancelled_at
      FROM calendar_entry
     WHERE calendar_id = $1
     ORDER BY cancelled_at, uid
"""
# Two programs may read at once and find the same change: the first to say it is the one that counts.
_SAY = """
    INSERT INTO calendar_entry AS c
           (calendar_id, hub_id, uid, starts, ends, title, about, place, page, sequence, changed_at, cancelled_at)
    SELECT $1, $2, *
      FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::int[],
                  $11::timestamptz[], $12::timestamptz[]) AS n (uid, starts, ends, title, about, place, page, sequence,
                                                                changed_at, cancelled_at)
     ORDER BY uid
        ON CONFLICT (calendar_id, uid) DO UPDATE
       SET starts = excluded.starts, ends = excluded.ends, title = excluded.title, about = excluded.about,
           place = excluded.place, page = excluded.page, sequence = excluded.sequence,
           changed_at = excluded.changed_at, cancelled_at = excluded.cancelled_at
     WHERE c.sequence < excluded.sequence
"""
_FORGET = "DELETE FROM calendar_entry WHERE calendar_id = $1 AND uid = ANY ($2)"


async def load_said(conn: Conn, calendar_id: UUID) -> dict[str, Told]:
    """Read what a calendar said last, by name; cancelled entries last."""
    return {row["uid"]: _told(row) for row in await conn.fetch(_SAID, calendar_id)}


async def keep_said(conn: Conn, calendar: Calendar, told: Sequence[Told], *, over: Sequence[str]) -> None:
    """Keep what a calendar says now where it differs, and drop what is over for long."""
    if told:
        entries = [one.entry for one in told]
        await conn.execute(
            _SAY,
            calendar.calendar_id,
            calendar.hub_id,
            [one.uid for one in entries],
            [one.starts.isoformat() for one in entries],
            [one.ends.isoformat() for one in entries],
            [one.title for one in entries],
            [one.about for one in entries],
            [one.place for one in entries],
            [one.page for one in entries],
            [one.sequence for one in told],
            [one.changed_at for one in told],
            [one.cancelled_at for one in told],
        )
    if over:
        await conn.execute(_FORGET, calendar.calendar_id, list(over))


def _told(row: Any) -> Told:
    words = {name: row[name] for name in ("uid", "title", "about", "place", "page")}
    entry = Entry(starts=_end(row["starts"]), ends=_end(row["ends"]), **words)
    return Told(entry, row["sequence"], row["changed_at"], row["cancelled_at"])


def _end(text: str) -> date:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
