"""All SQL of searching; row-level security decides what is found."""

from collections.abc import Mapping
from typing import Final

from hub_chassis.database import Conn
from hub_registry.access.principal import Role
from hub_registry.patterns import containing

_STUDENTS: Final = """
    SELECT s.student_id::text AS id, s.first_name || ' ' || s.last_name AS name,
           'Year ' || s.year_group || ', MIS id ' || s.mis_id || ', ' || c.name AS words
      FROM student s
      JOIN school c ON c.hub_id = s.hub_id AND c.school_id = s.school_id
     WHERE s.left_at IS NULL
       AND (s.mis_id = $1 OR s.upn = upper($1) OR s.first_name || ' ' || s.last_name ILIKE $2)
     ORDER BY s.last_name, s.first_name, s.student_id
     LIMIT $3
"""
_SLOTS: Final = """
    SELECT l.slot_id::text AS id, l.title AS name,
           l.slot_ref || ', ' || e.name || ', ' || l.sector
           || CASE l.state WHEN 'published' THEN '' ELSE ', withdrawn' END AS words
      FROM slot l
      JOIN employer e ON e.employer_id = l.employer_id
     WHERE l.slot_ref = $1 OR l.title ILIKE $2 OR l.sector ILIKE $2 OR l.postcode ILIKE $2
     ORDER BY l.title, l.slot_id
     LIMIT $3
"""
_EMPLOYERS: Final = """
    SELECT employer_id::text AS id, name, employer_ref || ', ' || sector AS words
      FROM employer
     WHERE employer_ref = $1 OR name ILIKE $2
     ORDER BY name, employer_id
     LIMIT $3
"""
_SCHOOLS: Final = """
    SELECT school_id AS id, name, 'URN ' || school_id || ', ' || la AS words
      FROM school
     WHERE school_id = $1 OR name ILIKE $2
     ORDER BY name, school_id
     LIMIT $3
"""
_STAFF: Final = """
    SELECT s.staff_id::text AS id, s.name,
           s.role || coalesce(', ' || c.name, '') || coalesce(', ' || e.name, '') || ', ' || s.email AS words
      FROM staff s
      LEFT JOIN school c ON c.hub_id = s.hub_id AND c.school_id = s.school_id
      LEFT JOIN employer e ON e.employer_id = s.employer_id
     WHERE s.email = $1 OR s.name ILIKE $2 OR s.email ILIKE $2
     ORDER BY s.name, s.staff_id
     LIMIT $3
"""
SEARCHED: Final[Mapping[Role, Mapping[str, str]]] = {
    Role.ADVISER: {"students": _STUDENTS, "slots": _SLOTS},
    Role.EMPLOYER: {"slots": _SLOTS},
    Role.HUB: {
        "students": _STUDENTS, "slots": _SLOTS, "employers": _EMPLOYERS, "schools": _SCHOOLS, "staff": _STAFF,
    },
    Role.OPERATOR: {},
}  # fmt: skip
"""What each role searches, in the order it is shown."""


async def search(conn: Conn, role: Role, words: str, *, limit: int) -> dict[str, list[dict[str, str]]]:
    """Find things by a reference or a part of their name.

    Args:
        conn: whose scope decides what is found.
        role: of the caller.
        words: as typed; ``%`` and ``_`` are letters like others.
        limit: most of each kind.

    Returns:
        Rows of ``id``, ``name`` and ``words`` by kind; kinds of which nothing is found are absent.
    """
    part = containing(words)
    found: dict[str, list[dict[str, str]]] = {}
    for kind, query in SEARCHED[role].items():
        if rows := await conn.fetch(query, words, part, limit):
            found[kind] = [dict(row) for row in rows]
    return found
