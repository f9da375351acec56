"""Reasons: what each student of a run is told, searched by name, MIS id, school, slot, outcome."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.runs.model import Run
from hub_registry.travel.repository import load_seen
from hub_registry.travel.telling import Doubted, tells_time
from hub_schemas.ids import SlotId

Row = dict[str, Any]

_LIST = """
    WITH out AS (
         SELECT student_id, school_id, NULL AS reason FROM placement WHERE run_id = $1 AND NOT $6
          UNION
         SELECT student_id, school_id, reason FROM unplaced WHERE run_id = $1),
    found AS (
         SELECT o.student_id, o.reason, s.mis_id, s.first_name, s.last_name, c.name AS school,
                count(*) OVER ()::int AS total
           FROM out o
           JOIN student s ON s.student_id = o.student_id
           JOIN school c ON c.hub_id = s.hub_id AND c.school_id = s.school_id
          WHERE ($3 = '' OR s.mis_id = $3 OR position(lower($3) IN lower(s.first_name || ' ' || s.last_name)) > 0)
            AND ($4::uuid IS NULL OR EXISTS (
                SELECT FROM preference p WHERE p.round_id = $2 AND p.student_id = o.student_id AND p.slot_id = $4))
            AND ($5 = '' OR o.reason = $5)
            AND ($7 = '' OR o.school_id = $7)
          ORDER BY s.last_name, s.first_name, o.student_id
          LIMIT $8 OFFSET $9)
    SELECT f.*, x.body::jsonb ->> 'text' AS text
      FROM found f
      LEFT JOIN explanation x ON x.run_id = $1 AND x.student_id = f.student_id
     ORDER BY f.last_name, f.first_name, f.student_id
"""
_ONE = """
    SELECT s.student_id, s.mis_id, s.first_name, s.last_name, s.year_group, c.name AS school, x.body,
           coalesce(nullif(s.home_postcode, ''), c.postcode) AS origin
      FROM explanation x
      JOIN student s ON s.student_id = x.student_id
      JOIN school c ON c.hub_id = s.hub_id AND c.school_id = s.school_id
     WHERE x.run_id = $1 AND x.student_id = $2
"""
_SLOTS = """
    SELECT l.slot_id::text, l.slot_ref, l.title, l.dates, l.postcode, e.name AS employer
      FROM slot l
      JOIN employer e ON e.employer_id = l.employer_id
     WHERE l.slot_id::text = ANY ($1::text[])
     ORDER BY l.slot_ref
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for; blank: anything."""

    words: str = ""
    """Part of a name, or an MIS id."""
    slot_id: SlotId | None = None
    """Students who ranked it."""
    reason: str = ""
    """Why they are unplaced."""
    school_id: str = ""
    unplaced: bool = False
    """Only students without a placement."""


@dataclass(frozen=True, slots=True)
class Told:
    """One student's explanation, and the slots that it names."""

    student: Row
    body: dict[str, Any]
    slots: dict[str, Row]
    doubted: Doubted

    def time_of(self, place: Row) -> str:
        """Say where the time to a placement comes from, as far as an adviser doubted it."""
        slot = self.slots.get(place.get("slot_id") or "")
        if not slot:
            return ""
        return self.doubted.of_time(
            self.student["origin"], slot["postcode"], mode=place.get("mode", ""), minutes=place.get("minutes", 0)
        )

    def times_of(self, missed: Row) -> str:
        """Say which times of the way to a missed slot were set by an adviser, where its reason rests on them."""
        slot = self.slots.get(missed["slot_id"])
        return self.doubted.of_journey(self.student["origin"], slot["postcode"]) if slot and tells_time(missed) else ""


async def search(conn: Conn, run: Run, wanted: Wanted, *, limit: int, offset: int) -> list[Row]:
    """Read students of a run by name, with the sentence that tells their result; ``total`` is how many are found."""
    rows = await conn.fetch(
        _LIST,
        run.run_id,
        run.round_id,
        wanted.words,
        wanted.slot_id,
        wanted.reason,
        wanted.unplaced or bool(wanted.reason),
        wanted.school_id,
        limit,
        offset,
    )
    return [dict(row) for row in rows]


async def load_told(conn: Conn, run: Run, student_id: UUID) -> Told | None:
    """Read what one student is told; None when the run has nothing about them."""
    row = await conn.fetchrow(_ONE, run.run_id, student_id)
    if row is None:
        return None
    student = dict(row)
    body: dict[str, Any] = json.loads(student.pop("body"))
    named = [body.get("slot_id"), *(one["slot_id"] for part in ("better", "also") for one in body.get(part, ()))]
    slots = await conn.fetch(_SLOTS, [one for one in named if one])
    doubted = Doubted(await load_seen(conn))
    return Told(student, body, {one["slot_id"]: dict(one) for one in slots}, doubted)
