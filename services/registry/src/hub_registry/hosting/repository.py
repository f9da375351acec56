"""All SQL about who is coming; the view and the function decide what an employer may see of them.

Nobody comes to a slot that was withdrawn: who was placed there is not shown to its employer any more.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn

_STUDENTS = """
    SELECT DISTINCT h.slot_id, h.student_id, h.first_name, h.year_group, h.access_needs, h.school_id, c.name AS school
      FROM hosted_student h
      JOIN slot l ON l.slot_id = h.slot_id AND l.state = 'published'
      JOIN school c ON c.school_id = h.school_id
     WHERE h.slot_id = ANY ($1)
     ORDER BY c.name, h.school_id, h.first_name, h.student_id, h.slot_id
"""
_SLOTS = """
    SELECT l.slot_id, l.title, l.dates, l.first_date, l.last_date, l.postcode, l.mode, l.capacity,
           count(DISTINCT h.student_id)::int AS students
      FROM hosted_student h
      JOIN slot l ON l.slot_id = h.slot_id AND l.state = 'published'
     GROUP BY l.slot_id
     ORDER BY l.first_date, l.title, l.slot_id
"""
_CONTACTS = "SELECT school_id, name, email FROM hosted_contacts() ORDER BY school_id, name, email"


@dataclass(frozen=True, slots=True)
class Contact:
    """An adviser of a school whose students come."""

    school_id: str
    name: str
    email: str


async def load_slots_with_students(conn: Conn) -> list[dict[str, Any]]:
    """Read the employer's slots that somebody comes to, in the order of their days, with how many come."""
    return [dict(row) for row in await conn.fetch(_SLOTS)]


async def load_students(conn: Conn, slot_ids: list[UUID]) -> list[dict[str, Any]]:
    """Read who comes to these slots: first name, year group, access needs and school, by school."""
    return [dict(row) for row in await conn.fetch(_STUDENTS, slot_ids)]


async def load_contacts(conn: Conn) -> list[Contact]:
    """Read the advisers of the schools whose students the employer hosts."""
    return [Contact(**row) for row in await conn.fetch(_CONTACTS)]
