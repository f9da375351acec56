"""Forgetting a student: the rows go wherever they are, and the ids are remembered against any replay."""

import json
from collections.abc import Iterable, Sequence
from uuid import UUID

from hub_chassis.database import Conn
from hub_chassis.transaction import Transaction
from hub_matching.inputs import repository
from hub_schemas import tables
from hub_schemas.events.round_inputs import InputChunk
from hub_schemas.ids import HubId, InputId

REASON = "a student in it was erased: its rows are gone, so it can't be run again"

# An erasure must see all rows that others are writing, and they must see it: writers share this lock, it excludes them.
_SHARE = "SELECT pg_advisory_xact_lock_shared(hashtextextended('erasure:' || $1::text, 0))"
_EXCLUDE = "SELECT pg_advisory_xact_lock(hashtextextended('erasure:' || $1::text, 0))"
_REMEMBER = """
    INSERT INTO erased_participant (hub_id, participant_id)
    SELECT $1, unnest($2::text[])
    ON CONFLICT DO NOTHING
"""
_KNOWN = "SELECT participant_id FROM erased_participant WHERE hub_id = $1 AND participant_id = ANY($2) ORDER BY 1"
_INPUTS_NAMING = """
    SELECT f.input_id
      FROM frozen_input f
     WHERE f.hub_id = $1
       AND (EXISTS (SELECT FROM input_table t, unnest($2::text[]) AS gone (id)
                     WHERE t.input_id = f.input_id AND t.table_name IN ('students', 'preferences')
                       AND position(convert_to(gone.id, 'UTF8') IN t.content) > 0)
         OR EXISTS (SELECT FROM input_chunk c, unnest($2::text[]) AS gone (id)
                     WHERE c.input_id = f.input_id AND c.table_name IN ('students', 'preferences')
                       AND position(gone.id IN c.rows) > 0))
     ORDER BY f.input_id
       FOR UPDATE OF f
"""
_CHUNKS = """
    SELECT index, table_name, rows FROM input_chunk
     WHERE input_id = $1 AND table_name IN ('students', 'preferences') ORDER BY index
"""
_SET_CHUNK = "UPDATE input_chunk SET rows = $3 WHERE input_id = $1 AND index = $2"
_SET_TABLE = "UPDATE input_table SET content = $3 WHERE input_id = $1 AND table_name = $2"

_NAMING_STUDENTS = ("students", "preferences")


async def hold_off(conn: Conn, hub_id: HubId) -> None:
    """Keep erasures in this hub waiting until the transaction ends: call before writing rows that name students."""
    await conn.execute(_SHARE, str(hub_id))


async def remember(tx: Transaction, hub_id: HubId, participants: Sequence[str]) -> list[UUID]:
    """Drop these participants from every input of the hub and remember them.

    Returns:
        The inputs that lost rows: no run may start from them any more.
    """
    await tx.conn.execute(_EXCLUDE, str(hub_id))
    await tx.conn.execute(_REMEMBER, hub_id, list(participants))
    gone = frozenset(participants)
    touched: list[UUID] = []
    for row in await tx.conn.fetch(_INPUTS_NAMING, hub_id, list(participants)):
        if await _drop_from_input(tx.conn, row["input_id"], gone):
            await repository.mark_unusable(tx.conn, row["input_id"], reason=REASON)
            touched.append(row["input_id"])
    return touched


async def erased_among(tx: Transaction, chunks: Sequence[InputChunk]) -> frozenset[str]:
    """Find which of the participants that these chunks name were erased before."""
    names = set[str]().union(*(_names(chunk) for chunk in chunks if chunk.table in _NAMING_STUDENTS))
    found = await tx.conn.fetch(_KNOWN, tx.hub_id, sorted(names)) if names else ()
    return frozenset(row["participant_id"] for row in found)


def cleaned(table: str, rows: Iterable[Sequence[str]], gone: frozenset[str]) -> list[Sequence[str]]:
    """Leave out the rows of these participants, and their names as somebody's companion."""
    if table not in _NAMING_STUDENTS:
        return list(rows)
    kept = [row for row in rows if not row or row[0] not in gone]
    if table != "students":
        return kept
    companion = tables.STUDENTS.index("companion_id")
    return [
        (*row[:companion], "", *row[companion + 1 :]) if len(row) > companion and row[companion] in gone else row
        for row in kept
    ]


def _names(chunk: InputChunk) -> set[str]:
    # A row of the wrong width is refused when the chunks are put together, not here.
    names = {row[0] for row in chunk.rows if row}
    if chunk.table == "students":
        companion = tables.STUDENTS.index("companion_id")
        names |= {row[companion] for row in chunk.rows if len(row) > companion}
    return names - {""}


async def _drop_from_input(conn: Conn, input_id: UUID, gone: frozenset[str]) -> bool:
    changed = False
    for chunk in await conn.fetch(_CHUNKS, input_id):
        rows = [tuple(row) for row in json.loads(chunk["rows"])]
        if (kept := cleaned(chunk["table_name"], rows, gone)) != rows:
            changed = True
            await conn.execute(_SET_CHUNK, input_id, chunk["index"], json.dumps(kept, ensure_ascii=False))
    for table, content in (await repository.load_tables(conn, InputId(input_id))).items():
        if table not in _NAMING_STUDENTS:
            continue
        rows = tables.canonical_rows(table, content)
        if (kept := cleaned(table, rows, gone)) != rows:
            changed = True
            await conn.execute(_SET_TABLE, input_id, table, tables.canonical_bytes(table, kept))
    return changed
