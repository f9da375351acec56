"""All SQL about results: chunks as they came, then files, placements, unplaced and explanations."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.results.model import BadResult, Chunk, Rows
from hub_registry.runs.model import Run
from hub_schemas.ids import RoundId, RunId

_NEXT = """
    SELECT run_id
      FROM run
     WHERE state IN ('requested', 'waiting', 'solving')
       AND report IS NOT NULL
       AND chunks_held >= (report ->> 'chunks')::int
     ORDER BY run_id
     LIMIT 1
       FOR UPDATE SKIP LOCKED
"""
_CHUNKS = "SELECT place, part, content FROM result_chunk WHERE run_id = $1 ORDER BY place"
_DROP_CHUNKS = "DELETE FROM result_chunk WHERE run_id = $1"
_WHO = "SELECT participant_id, student_id, school_id FROM participant WHERE round_id = $1 ORDER BY participant_id"
_HOSTS = """
    SELECT s.slot_id, s.employer_id
      FROM slot s
      JOIN round r ON r.programme_id = s.programme_id
     WHERE r.round_id = $1
     ORDER BY s.slot_id
"""
_ADD_FILE = "INSERT INTO run_result (run_id, hub_id, name, content) VALUES ($1, $2, $3, $4)"
_FILES = "SELECT name, content FROM run_result WHERE run_id = $1 ORDER BY name"
_ADD_PLACEMENTS = """
    INSERT INTO placement (run_id, hub_id, round_id, student_id, school_id, slot_id, employer_id, rank, minutes,
                           mode_used)
    SELECT $1, $2, $3, *
      FROM unnest($4::uuid[], $5::text[], $6::uuid[], $7::uuid[], $8::int[], $9::int[], $10::text[])
"""
_ADD_UNPLACED = """
    INSERT INTO unplaced (run_id, hub_id, round_id, student_id, school_id, reason)
    SELECT $1, $2, $3, * FROM unnest($4::uuid[], $5::text[], $6::text[])
"""
_ADD_EXPLANATIONS = """
    INSERT INTO explanation (run_id, hub_id, place, student_id, school_id, body)
    SELECT $1, $2, * FROM unnest($3::int[], $4::uuid[], $5::text[], $6::text[])
"""
_ADD_MOVES = """
    INSERT INTO move (run_id, hub_id, round_id, place, student_id, school_id, from_slot_id, to_slot_id, reason)
    SELECT $1, $2, $3, * FROM unnest($4::int[], $5::uuid[], $6::text[], $7::uuid[], $8::uuid[], $9::text[])
"""
_EXPLANATIONS = "SELECT place, student_id, school_id, body FROM explanation WHERE run_id = $1 ORDER BY place"
_FILE = "SELECT content FROM run_result WHERE run_id = $1 AND name = $2"
_STORED = """
    SELECT m.participant_id, p.slot_id::text, coalesce(p.rank::text, ''), p.minutes::text, p.mode_used
      FROM placement p
      JOIN participant m ON m.round_id = p.round_id AND m.student_id = p.student_id
     WHERE p.run_id = $1
     ORDER BY m.participant_id COLLATE "C", p.slot_id::text COLLATE "C"
"""
_STORED_UNPLACED = """
    SELECT m.participant_id, u.reason
      FROM unplaced u
      JOIN participant m ON m.round_id = u.round_id AND m.student_id = u.student_id
     WHERE u.run_id = $1
     ORDER BY m.participant_id COLLATE "C"
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What turns a result's opaque ids into the registry's own."""

    students: Mapping[str, tuple[UUID, str]]
    """(student, school) by participant id; erased students are absent."""
    hosts: Mapping[str, UUID]
    """Employer by slot id."""


async def next_complete(conn: Conn) -> RunId | None:
    """Lock a run whose result is here in all its pieces; None when there is none that nobody works on."""
    found: UUID | None = await conn.fetchval(_NEXT)
    return RunId(found) if found else None


async def load_chunks(conn: Conn, run_id: RunId) -> list[Chunk]:
    """Read the pieces of a result, in order."""
    return [Chunk(row["place"], row["part"], row["content"]) for row in await conn.fetch(_CHUNKS, run_id)]


async def drop_chunks(conn: Conn, run_id: RunId) -> None:
    """Delete the pieces: the result has been taken, or refused."""
    await conn.execute(_DROP_CHUNKS, run_id)


async def load_known(conn: Conn, round_id: RoundId) -> Known:
    """Read who is who in a round."""
    students = {row[0]: (row[1], row[2]) for row in await conn.fetch(_WHO, round_id)}
    hosts = {str(row[0]): row[1] for row in await conn.fetch(_HOSTS, round_id)}
    return Known(students, hosts)


async def add_files(conn: Conn, run: Run, files: Mapping[str, bytes]) -> None:
    """Keep a result's files as matching wrote them."""
    await conn.executemany(_ADD_FILE, [(run.run_id, run.hub_id, name, content) for name, content in files.items()])


async def load_files(conn: Conn, run_id: RunId) -> dict[str, bytes]:
    """Read a result's files by name; empty when there is no result."""
    return {row["name"]: row["content"] for row in await conn.fetch(_FILES, run_id)}


async def add_placements(conn: Conn, run: Run, rows: Rows, known: Known) -> None:
    """Write the placements; a student who was erased meanwhile has none."""
    columns: list[list[object]] = [[] for _ in range(7)]
    for participant, slot, rank, minutes, mode in rows:
        if (who := known.students.get(participant)) is None:
            continue
        values = (*who, UUID(slot), known.hosts[slot], int(rank) if rank else None, int(minutes), mode)
        for column, value in zip(columns, values, strict=True):
            column.append(value)
    await conn.execute(_ADD_PLACEMENTS, run.run_id, run.hub_id, run.round_id, *columns)


async def add_unplaced(conn: Conn, run: Run, rows: Rows, known: Known) -> None:
    """Write who has no place and why."""
    kept = [(*known.students[participant], reason) for participant, reason in rows if participant in known.students]
    columns = [list(column) for column in zip(*kept, strict=True)] or [[], [], []]
    await conn.execute(_ADD_UNPLACED, run.run_id, run.hub_id, run.round_id, *columns)


async def add_explanations(conn: Conn, run: Run, lines: Sequence[str], known: Known) -> None:
    """Write the explanations; those about a student are their school's to see once the run stands. Raises BadResult."""
    await conn.execute(_ADD_EXPLANATIONS, run.run_id, run.hub_id, *explained(lines, known))


async def add_moves(conn: Conn, run: Run, rows: Rows, known: Known) -> None:
    """Write who moves, from where to where; a student who was erased meanwhile does not."""
    columns: list[list[object]] = [[] for _ in range(6)]
    for place, (participant, before, now, reason) in enumerate(rows):
        if (who := known.students.get(participant)) is None:
            continue
        values = (place, *who, UUID(before) if before else None, UUID(now) if now else None, reason)
        for column, value in zip(columns, values, strict=True):
            column.append(value)
    await conn.execute(_ADD_MOVES, run.run_id, run.hub_id, run.round_id, *columns)


async def load_file(conn: Conn, run_id: RunId, name: str) -> bytes | None:
    """Read one of a result's files; None when the result has no such file."""
    content: bytes | None = await conn.fetchval(_FILE, run_id, name)
    return content


async def load_stored(conn: Conn, run_id: RunId) -> tuple[Rows, Rows]:
    """Read back the placements and unplaced of a run as the rows of its files."""
    placed = [tuple(row) for row in await conn.fetch(_STORED, run_id)]
    return placed, [tuple(row) for row in await conn.fetch(_STORED_UNPLACED, run_id)]


async def load_explanations(conn: Conn, run_id: RunId) -> list[tuple[int, UUID | None, str | None, str]]:
    """Read back the explanations of a run: (place, student, school, text), in order."""
    return [(row[0], row[1], row[2], row[3]) for row in await conn.fetch(_EXPLANATIONS, run_id)]


def _subject(line: str) -> str | None:
    try:
        about = json.loads(line)
    except ValueError as broken:
        raise BadResult("result_unreadable", "an explanation is no JSON") from broken
    return about.get("student_id") if isinstance(about, dict) else None


def explained(lines: Iterable[str], known: Known) -> tuple[list[int], list[UUID | None], list[str | None], list[str]]:
    """Say of each explanation its place, its student and school, and its text; none of somebody erased meanwhile.

    Raises:
        BadResult: a line is no JSON.
    """
    places: list[int] = []
    students: list[UUID | None] = []
    schools: list[str | None] = []
    bodies: list[str] = []
    for place, line in enumerate(lines):
        participant = _subject(line)
        who = known.students.get(participant) if participant is not None else None
        if participant is not None and who is None:
            continue
        places.append(place)
        students.append(who[0] if who else None)
        schools.append(who[1] if who else None)
        bodies.append(line)
    return places, students, schools, bodies
