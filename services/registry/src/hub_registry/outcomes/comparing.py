"""Two runs of a round beside each other: who gains and who loses from one to the other, by each student's best rank."""

from dataclasses import dataclass
from typing import Any

from hub_chassis.database import Conn
from hub_registry.runs.model import Run

Row = dict[str, Any]

# Ranks as figures that can be compared: what is not ranked comes after every rank, no place after that.
_BOTH = """
    WITH one AS (
         SELECT student_id, school_id, min(coalesce(rank, 100000)) AS at, min(slot_id::text) AS slot
           FROM placement WHERE run_id = $1 GROUP BY student_id, school_id
          UNION ALL
         SELECT student_id, school_id, 200000, NULL FROM unplaced WHERE run_id = $1),
    other AS (
         SELECT student_id, school_id, min(coalesce(rank, 100000)) AS at, min(slot_id::text) AS slot
           FROM placement WHERE run_id = $2 GROUP BY student_id, school_id
          UNION ALL
         SELECT student_id, school_id, 200000, NULL FROM unplaced WHERE run_id = $2),
    both_runs AS (
         SELECT coalesce(n.student_id, m.student_id) AS student_id, coalesce(n.school_id, m.school_id) AS school_id,
                n.at AS one_at, m.at AS other_at,
                CASE WHEN n.at IS NULL THEN 'only_other' WHEN m.at IS NULL THEN 'only_one'
                     WHEN m.at < n.at THEN 'gains' WHEN m.at > n.at THEN 'loses'
                     WHEN n.slot IS DISTINCT FROM m.slot THEN 'elsewhere' ELSE 'same' END AS change
           FROM one n
           FULL JOIN other m ON m.student_id = n.student_id)
"""
_COUNTS = f"""{_BOTH}
    SELECT c.school_id, c.name, count(*) FILTER (WHERE b.change = 'gains')::int AS gains,
           count(*) FILTER (WHERE b.change = 'loses')::int AS loses,
           count(*) FILTER (WHERE b.change = 'elsewhere')::int AS elsewhere,
           count(*) FILTER (WHERE b.change = 'same')::int AS same,
           count(*) FILTER (WHERE b.change LIKE 'only%')::int AS in_one_only
      FROM both_runs b
      JOIN school c ON c.hub_id = $3 AND c.school_id = b.school_id
     GROUP BY c.school_id, c.name
     ORDER BY loses DESC, gains DESC, c.name, c.school_id
"""
_LIST = f"""{_BOTH}
    SELECT b.student_id, s.first_name, s.last_name, s.mis_id, c.name AS school, b.one_at, b.other_at, b.change,
           count(*) OVER ()::int AS total
      FROM both_runs b
      JOIN student s ON s.student_id = b.student_id
      JOIN school c ON c.hub_id = s.hub_id AND c.school_id = s.school_id
     WHERE b.change = $3 AND ($4 = '' OR b.school_id = $4)
     ORDER BY abs(b.other_at - b.one_at) DESC NULLS LAST, s.last_name, s.first_name, b.student_id
     LIMIT $5 OFFSET $6
"""


@dataclass(frozen=True, slots=True)
class Changes:
    """How many students gain and lose from one run to the other, in all and by school."""

    by_school: list[Row]

    def count(self, change: str) -> int:
        """Count students over all schools."""
        return sum(int(row[change]) for row in self.by_school)


async def count_changes(conn: Conn, one: Run, other: Run) -> Changes:
    """Count who gains and loses, those schools first that lose most."""
    rows = await conn.fetch(_COUNTS, one.run_id, other.run_id, one.hub_id)
    return Changes([dict(row) for row in rows])


async def list_changes(
    conn: Conn, one: Run, other: Run, *, change: str, school_id: str, limit: int, offset: int
) -> list[Row]:
    """Read students whose result changes so (gains, loses, elsewhere), most first; ``total`` is how many there are."""
    rows = await conn.fetch(_LIST, one.run_id, other.run_id, change, school_id, limit, offset)
    return [dict(row) for row in rows]


def outcome(at: int | None) -> str:
    """Say a figure of the comparison in words."""
    match at:
        case None:
            return "not in this run"
        case 100_000:
            return "a slot not ranked"
        case 200_000:
            return "no place"
        case _:
            return f"choice {at}"
