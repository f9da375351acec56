"""All SQL about frozen inputs: what enters a round, and what was frozen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.errors import RoundNotClosed
from hub_registry.inputs.rows import Cells, Offer
from hub_registry.rounds.model import Round
from hub_schemas.ids import HubId, InputId, RoundId, SlotId

_PROGRAMME = "SELECT year_groups, support_points FROM programme WHERE programme_id = $1 AND hub_id = $2"
_STUDENTS = """
    SELECT s.student_id::text, s.school_id, s.mis_id, s.year_group, to_char(s.date_of_birth, 'YYYY-MM') AS birth_month,
           s.home_postcode, s.travel_modes, s.max_travel_minutes, s.available, s.access_needs, s.past_sectors,
           s.interests, s.excluded_employers, s.companion_mis_id, s.free_school_meals, s.send_status,
           coalesce(p.slot_id::text, '') AS pinned_slot_id
      FROM student s
      LEFT JOIN pin p ON p.round_id = $3 AND p.student_id = s.student_id
     WHERE s.hub_id = $1
       AND s.left_at IS NULL
       AND s.consent <> 'no'
       AND s.year_group = ANY ($2::int[])
     ORDER BY s.school_id, s.student_id
"""
# Whoever sees every placement counts them; an adviser sees those of one school and gets the number from seats_taken.
_OFFERS = """
    SELECT s.slot_id, s.slot_ref, s.employer_id::text, e.employer_ref, s.first_date, s.last_date, s.state, s.title,
           s.sector, s.kind, s.mode, s.postcode, s.dates, s.capacity, s.min_group, s.max_per_school, s.single_school,
           s.min_age, s.year_groups, s.access_provided, s.reserved, e.verified_at, e.verified_until,
           e.insurance_valid_until, e.max_at_once, coalesce(greatest(t.taken, f.taken), 0) AS taken
      FROM slot s
      JOIN employer e ON e.employer_id = s.employer_id
      LEFT JOIN (
           SELECT p.slot_id, count(*)::int AS taken
             FROM placement p
             JOIN round r ON r.published_run_id = p.run_id
            WHERE r.programme_id = $1 AND r.round_id <> $3
            GROUP BY p.slot_id) t ON t.slot_id = s.slot_id
      LEFT JOIN seats_taken($3) f ON f.slot_id = s.slot_id
     WHERE s.programme_id = $1 AND s.hub_id = $2
     ORDER BY s.slot_id
"""
_PREFERENCES = """
    SELECT student_id::text, dense_rank() OVER (PARTITION BY student_id ORDER BY rank)::text, slot_id::text
      FROM preference
     WHERE round_id = $1 AND slot_id = ANY ($2::uuid[])
     ORDER BY student_id, rank, slot_id
"""
_SCHOOLS = "SELECT school_id, postcode, '' FROM school WHERE hub_id = $1 AND school_id = ANY ($2) ORDER BY school_id"
_POSTCODES = "SELECT postcode, lat, lon FROM postcode WHERE postcode = ANY ($1) ORDER BY postcode"
_EARLIER_PLACED = """
    SELECT p.student_id::text, p.rank, s.dates
      FROM round r
      JOIN placement p ON p.run_id = r.published_run_id
      JOIN slot s ON s.slot_id = p.slot_id
     WHERE r.hub_id = $1 AND r.round_id <> $2 AND ($3::timestamptz IS NULL OR r.closed_at < $3)
     ORDER BY p.student_id, p.slot_id
"""
_EARLIER_UNPLACED = """
    SELECT u.student_id::text, count(*)::int
      FROM round r
      JOIN unplaced u ON u.run_id = r.published_run_id
     WHERE r.hub_id = $1 AND r.round_id <> $2 AND ($3::timestamptz IS NULL OR r.closed_at < $3)
       AND u.reason <> 'no_preferences'
     GROUP BY u.student_id
     ORDER BY u.student_id
"""
# NULL: unplaced; 0: what earns no credit, see hub_schemas.credit.
_EARLIER_RANKS = """
    SELECT r.round_id, x.student_id::text, x.rank
      FROM round r
      JOIN (SELECT run_id, student_id, min(coalesce(rank, 0)) AS rank FROM placement GROUP BY run_id, student_id
             UNION ALL
            SELECT run_id, student_id, CASE reason WHEN 'no_preferences' THEN 0 END FROM unplaced) x
        ON x.run_id = r.published_run_id
     WHERE r.hub_id = $1 AND r.round_id <> $2 AND ($3::timestamptz IS NULL OR r.closed_at < $3)
     ORDER BY r.round_id, x.student_id
"""
_NOT_SUBMITTED = """
    SELECT s.school_id, c.name, count(*)::int AS students
      FROM student s
      JOIN programme p ON p.programme_id = $3 AND s.year_group = ANY (p.year_groups)
      JOIN school c ON c.hub_id = s.hub_id AND c.school_id = s.school_id
     WHERE s.hub_id = $1
       AND s.left_at IS NULL
       AND s.consent <> 'no'
       AND NOT EXISTS (SELECT FROM submission m WHERE m.round_id = $2 AND m.school_id = s.school_id)
     GROUP BY s.school_id, c.name
     ORDER BY s.school_id
"""
_CONSENT = """
    SELECT s.consent, count(*)::int AS students
      FROM student s
      JOIN programme p ON p.programme_id = $2 AND s.year_group = ANY (p.year_groups)
     WHERE s.hub_id = $1 AND s.left_at IS NULL
     GROUP BY s.consent
     ORDER BY s.consent
"""
# Any change of a row gives it a new xmin, so that the sum changes with it. A published round's results never change,
# and its own row does when it is published.
_VERSION = """
    SELECT concat_ws(' ',
           (SELECT concat(count(*), '/', sum(xmin::text::bigint)) FROM student WHERE hub_id = $1),
           (SELECT concat(count(*), '/', sum(xmin::text::bigint)) FROM preference WHERE round_id = $2),
           (SELECT concat(count(*), '/', sum(xmin::text::bigint)) FROM slot WHERE programme_id = $3),
           (SELECT concat(count(*), '/', sum(xmin::text::bigint)) FROM employer WHERE hub_id = $1),
           (SELECT concat(count(*), '/', sum(xmin::text::bigint)) FROM school WHERE hub_id = $1),
           (SELECT concat(count(*), '/', sum(xmin::text::bigint)) FROM pin WHERE round_id = $2),
           (SELECT concat(count(*), '/', sum(xmin::text::bigint)) FROM submission WHERE round_id = $2),
           (SELECT concat(count(*), '/', sum(xmin::text::bigint)) FROM travel_override WHERE hub_id = $1),
           (SELECT concat(count(*), '/', sum(xmin::text::bigint)) FROM round WHERE hub_id = $1),
           (SELECT concat(count(*), '/', sum(xmin::text::bigint)) FROM programme WHERE programme_id = $3),
           (SELECT concat(count(*), '/', sum(xmin::text::bigint)) FROM postcode))
"""
_NAMES = "SELECT student_id::text, participant_id FROM participant WHERE round_id = $1 ORDER BY participant_id"
_ADD_PARTICIPANTS = """
    INSERT INTO participant (round_id, hub_id, participant_id, student_id, school_id)
    SELECT $1, $2, * FROM unnest($3::text[], $4::uuid[], $5::text[])
"""
_ADD_INPUT = """
    INSERT INTO frozen_input (input_id, hub_id, round_id, sha256, rows, chunks, frozen_at, parent_input_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_ADD_TABLE = "INSERT INTO frozen_table (input_id, hub_id, name, content) VALUES ($1, $2, $3, $4)"
_INPUT = """
    SELECT input_id, sha256, rows, chunks, frozen_at, held_at, parent_input_id FROM frozen_input WHERE input_id = $1
"""
_FILES = "SELECT name, content FROM frozen_table WHERE input_id = $1 ORDER BY name"
_HOLD = """
    UPDATE frozen_input
       SET held_at = now()
     WHERE input_id = $1 AND round_id = $2 AND hub_id = $3 AND sha256 = $4 AND held_at IS NULL
"""
_KNOWN = "SELECT sha256 FROM frozen_input WHERE input_id = $1 AND round_id = $2 AND hub_id = $3"


@dataclass(frozen=True, slots=True)
class FrozenInput:
    """What is known of a frozen input without reading its tables."""

    input_id: InputId
    sha256: str
    rows: Mapping[str, int]
    chunks: int
    frozen_at: datetime
    held_at: datetime | None
    parent_input_id: InputId | None = None


async def load_programme(conn: Conn, round_: Round) -> Mapping[str, Any]:
    """Read the year groups and support points of a round's programme."""
    row = await conn.fetchrow(_PROGRAMME, round_.programme_id, round_.hub_id)
    assert row is not None  # noqa: S101 -- a foreign key
    return dict(row)


async def load_students(conn: Conn, round_: Round, *, year_groups: Sequence[int]) -> list[Mapping[str, Any]]:
    """Read those who may take part: of these year groups, still at school, consent not refused."""
    return [dict(row) for row in await conn.fetch(_STUDENTS, round_.hub_id, list(year_groups), round_.round_id)]


async def load_offers(conn: Conn, round_: Round) -> tuple[list[Offer], dict[str, str]]:
    """Read every slot of the round's programme, and the most at once of each employer ('' = no limit)."""
    rows = await conn.fetch(_OFFERS, round_.programme_id, round_.hub_id, round_.round_id)
    offers = [
        Offer(
            slot_id=SlotId(row["slot_id"]),
            slot_ref=row["slot_ref"],
            employer_id=row["employer_id"],
            employer_ref=row["employer_ref"],
            last_date=row["last_date"],
            withdrawn=row["state"] == "withdrawn",
            verified=row["verified_at"] is not None,
            verified_until=row["verified_until"],
            insured_until=row["insurance_valid_until"],
            seats_taken=row["taken"],
            columns=dict(row),
        )
        for row in rows
    ]
    limits = {row["employer_id"]: "" if row["max_at_once"] is None else str(row["max_at_once"]) for row in rows}
    return offers, limits


async def load_preferences(conn: Conn, round_id: RoundId, *, slots: Sequence[SlotId]) -> list[Cells]:
    """Read (student, rank, slot) as text; ranks are dense again where a slot did not enter."""
    return [tuple(row) for row in await conn.fetch(_PREFERENCES, round_id, list(slots))]


async def load_schools(conn: Conn, hub_id: HubId, school_ids: Sequence[str]) -> list[Cells]:
    """Read the rows of ``schools``."""
    return [tuple(row) for row in await conn.fetch(_SCHOOLS, hub_id, list(school_ids))]


async def load_postcodes(conn: Conn, postcodes: Sequence[str]) -> list[Cells]:
    """Read the rows of ``postcodes`` for those that are known."""
    return [(row["postcode"], repr(row["lat"]), repr(row["lon"])) for row in await conn.fetch(_POSTCODES, postcodes)]


async def load_earlier(conn: Conn, round_: Round) -> tuple[list[tuple[str, int | None, str]], dict[str, int]]:
    """Read what other published rounds gave: (student, rank, days of the slot), and times unplaced by student."""
    placed = await conn.fetch(_EARLIER_PLACED, round_.hub_id, round_.round_id, round_.closed_at)
    unplaced = await conn.fetch(_EARLIER_UNPLACED, round_.hub_id, round_.round_id, round_.closed_at)
    return [(row[0], row[1], row[2]) for row in placed], {row[0]: row[1] for row in unplaced}


async def load_earlier_ranks(conn: Conn, round_: Round) -> list[dict[str, int | None]]:
    """Read what earlier published rounds of the hub came to: for each, the rank reached by student, None if unplaced.

    Earlier than the round's closing: what is frozen anew does not turn on rounds that came after.
    """
    found: dict[UUID, dict[str, int | None]] = {}
    for row in await conn.fetch(_EARLIER_RANKS, round_.hub_id, round_.round_id, round_.closed_at):
        found.setdefault(row["round_id"], {})[row["student_id"]] = row["rank"]
    return list(found.values())


async def load_not_submitted(conn: Conn, round_: Round) -> list[dict[str, Any]]:
    """Read the schools that have not submitted, with the number of students who may take part."""
    return [dict(row) for row in await conn.fetch(_NOT_SUBMITTED, round_.hub_id, round_.round_id, round_.programme_id)]


async def load_consent(conn: Conn, round_: Round) -> dict[str, int]:
    """Count the students of the programme's year groups by consent: yes, no, or not said."""
    return {row["consent"]: row["students"] for row in await conn.fetch(_CONSENT, round_.hub_id, round_.programme_id)}


async def load_version(conn: Conn, round_: Round) -> str:
    """Read what changes whenever anything does that a round would freeze; the caller sees the whole hub."""
    return str(await conn.fetchval(_VERSION, round_.hub_id, round_.round_id, round_.programme_id))


async def load_names(conn: Conn, round_id: RoundId) -> dict[str, str]:
    """Read the participant ids that a round's earlier inputs gave, by student id."""
    return {row["student_id"]: row["participant_id"] for row in await conn.fetch(_NAMES, round_id)}


async def add_participants(conn: Conn, round_: Round, *, names: Mapping[str, str], schools: Sequence[str]) -> None:
    """Keep who is who in the round: the only place that knows; ``schools`` in the order of ``names``."""
    await conn.execute(
        _ADD_PARTICIPANTS, round_.round_id, round_.hub_id, list(names.values()), list(names), list(schools)
    )


async def add_input(conn: Conn, round_: Round, frozen: FrozenInput, *, files: Mapping[str, bytes]) -> None:
    """Write a frozen input, which follows the round's latest one if there is any, and its tables.

    From here on the database refuses any change to them.
    """
    await conn.execute(
        _ADD_INPUT,
        frozen.input_id,
        round_.hub_id,
        round_.round_id,
        frozen.sha256,
        dict(frozen.rows),
        frozen.chunks,
        frozen.frozen_at,
        round_.input_id,
    )
    await conn.executemany(
        _ADD_TABLE, [(frozen.input_id, round_.hub_id, name, content) for name, content in files.items()]
    )


async def load_input(conn: Conn, input_id: InputId | None) -> FrozenInput | None:
    """Read what is known of a frozen input; None when there is none, or the caller may not know of it."""
    row = await conn.fetchrow(_INPUT, input_id)
    return FrozenInput(**dict(row)) if row else None


async def load_files(conn: Conn, input_id: InputId | None) -> dict[str, bytes]:
    """Read the canonical bytes by table name; raises RoundNotClosed when nothing is frozen."""
    rows = await conn.fetch(_FILES, input_id)
    if not rows:
        raise RoundNotClosed("the round has no frozen input yet: close it first")
    return {row["name"]: row["content"] for row in rows}


async def mark_held(conn: Conn, hub_id: HubId, round_id: RoundId, *, input_id: InputId, sha256: str) -> bool:
    """Note that matching holds an input; False when there is no such input or its hash is another."""
    await conn.execute(_HOLD, input_id, round_id, hub_id, sha256)
    return bool(await conn.fetchval(_KNOWN, input_id, round_id, hub_id) == sha256)
