"""All SQL about how far schools and employers have come towards a round's deadline."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.rounds.model import Round

# Counted once and kept: before PostgreSQL has statistics it would count all students again for each school.
_SCHOOLS = """
      WITH counted AS MATERIALIZED (
           SELECT s.school_id, count(*)::int AS students,
                  count(*) FILTER (WHERE s.consent = 'yes')::int AS consented,
                  count(*) FILTER (WHERE s.consent = 'no')::int AS refused,
                  count(*) FILTER (WHERE s.consent = '')::int AS unanswered,
                  count(*) FILTER (WHERE EXISTS (
                      SELECT FROM preference w WHERE w.round_id = $1 AND w.student_id = s.student_id))::int AS wishing
             FROM student s
             JOIN programme p ON p.programme_id = $2 AND s.year_group = ANY (p.year_groups)
            WHERE s.hub_id = $3 AND s.left_at IS NULL
            GROUP BY s.school_id)
    SELECT c.school_id, c.name, c.la, coalesce(s.students, 0) AS students, coalesce(s.consented, 0) AS consented,
           coalesce(s.refused, 0) AS refused, coalesce(s.unanswered, 0) AS unanswered,
           coalesce(s.wishing, 0) AS wishing, m.submitted_at
      FROM school c
      LEFT JOIN counted s ON s.school_id = c.school_id
      LEFT JOIN submission m ON m.round_id = $1 AND m.school_id = c.school_id
     WHERE c.hub_id = $3
     ORDER BY c.name, c.school_id
"""
_TO_APPROVE = """
    SELECT n.run_id, n.round_id, r.name, n.state
      FROM run n
      JOIN round r ON r.round_id = n.round_id AND r.state IN ('closed', 'published')
     WHERE n.state IN ('solved', 'approved')
     ORDER BY n.run_id
     LIMIT 20
"""
# While something can still be done about it: the round is not settled, and the slot's days are not over.
_FROM_WITHDRAWN = """
      FROM round r
      JOIN slot s ON s.programme_id = r.programme_id AND s.state = 'withdrawn' AND s.last_date >= current_date
      JOIN placement p ON p.run_id = r.published_run_id AND p.employer_id = s.employer_id AND p.slot_id = s.slot_id
"""
_WITHDRAWN = f"""
    SELECT s.title, s.slot_ref, e.name AS employer, s.withdrawn_reason AS reason,
           count(*)::int AS students
           {_FROM_WITHDRAWN}
      JOIN employer e ON e.employer_id = s.employer_id
     WHERE r.state = 'published' AND r.round_id = $1
     GROUP BY s.slot_id, e.name
     ORDER BY students DESC, s.slot_ref
     LIMIT 200
"""
_WITHDRAWN_BY_ROUND = f"""
    SELECT r.round_id, r.name, count(DISTINCT p.student_id)::int AS students
           {_FROM_WITHDRAWN}
     WHERE r.state = 'published'
     GROUP BY r.round_id, r.name
     ORDER BY r.round_id
"""


@dataclass(frozen=True, slots=True)
class SchoolProgress:
    """One school in one round: students of the programme's years, what their parents said, and what was entered."""

    school_id: str
    name: str
    la: str
    students: int
    consented: int
    refused: int
    unanswered: int
    wishing: int
    """Students with at least one preference."""
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunToDecide:
    """A run that waits for people: to be approved, or to be published."""

    run_id: UUID
    round_id: UUID
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A withdrawn slot that students are placed in by the result that stands."""

    title: str
    slot_ref: str
    employer: str
    reason: str
    """The employer's, as a code."""
    students: int


@dataclass(frozen=True, slots=True)
class WithdrawnOfRound:
    """How many students the result of a round that stands places in withdrawn slots."""

    round_id: UUID
    name: str
    students: int
    """Each once, in however many of the slots they are."""


async def load_schools(conn: Conn, round_: Round) -> list[SchoolProgress]:
    """Read every school of the hub and how far it has come in a round, by name."""
    rows = await conn.fetch(_SCHOOLS, round_.round_id, round_.programme_id, round_.hub_id)
    return [SchoolProgress(**dict(row)) for row in rows]


async def load_to_decide(conn: Conn) -> list[RunToDecide]:
    """Read the hub's runs that wait for an approval or a publication, oldest first."""
    return [RunToDecide(**dict(row)) for row in await conn.fetch(_TO_APPROVE)]


async def load_withdrawn(conn: Conn, round_id: UUID) -> list[Withdrawn]:
    """Read a round's withdrawn slots with students in them, most first, 200 at most.

    They are there until a change run finds the students others, their days are over or the round is settled.
    """
    return [Withdrawn(**dict(row)) for row in await conn.fetch(_WITHDRAWN, round_id)]


async def load_withdrawn_by_round(conn: Conn) -> list[WithdrawnOfRound]:
    """Count the students in all such slots by round; a round without any is absent."""
    return [WithdrawnOfRound(**dict(row)) for row in await conn.fetch(_WITHDRAWN_BY_ROUND)]
