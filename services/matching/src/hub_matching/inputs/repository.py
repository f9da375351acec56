"""SQL of frozen inputs."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg

from hub_chassis.database import Conn
from hub_matching.inputs.model import FrozenInput, Place
from hub_schemas.ids import HubId, InputId, RoundId

Piece = tuple[InputId, int, str, Sequence[Sequence[str]]]
"""Input, index, table, rows."""

_ENSURE = """
    INSERT INTO frozen_input (input_id, hub_id, round_id)
    VALUES ($1, $2, $3)
    ON CONFLICT (input_id) DO NOTHING
"""

_COLUMNS = """
    f.input_id, f.round_id, f.hub_id, f.expected_sha256, f.expected_chunks, f.expected_rows, f.fault,
    f.unusable_reason, f.held_at IS NOT NULL AS held, f.correlation_id, f.causation_id,
    (SELECT count(*) FROM input_chunk c
      WHERE c.input_id = f.input_id AND (f.expected_chunks IS NULL OR c.index < f.expected_chunks)) AS chunks_here
"""

# The lock comes first and the count in a statement of its own: a statement that had to wait for the lock would
# still count the chunks of the moment at which it began.
_LOCK = "SELECT hub_id, round_id, held_at IS NOT NULL AS held FROM frozen_input WHERE input_id = $1 FOR UPDATE"
_READ = f"SELECT {_COLUMNS} FROM frozen_input f WHERE f.input_id = $1"

_LOCK_COMPLETE = """
    SELECT f.input_id
      FROM frozen_input f
     WHERE f.held_at IS NULL AND f.announced_at IS NOT NULL
       AND f.found_sha256 IS NULL AND f.fault IS NULL AND f.unusable_reason IS NULL
       AND f.expected_chunks = (SELECT count(*) FROM input_chunk c
                                 WHERE c.input_id = f.input_id AND c.index < f.expected_chunks)
     ORDER BY f.announced_at, f.input_id
     LIMIT 1
       FOR UPDATE OF f SKIP LOCKED
"""

_ANNOUNCE = """
    UPDATE frozen_input
       SET expected_sha256 = $2, expected_chunks = $3, expected_rows = $4, correlation_id = $5, causation_id = $6,
           parent_input_id = $7, announced_at = now(), found_sha256 = NULL, fault = NULL
     WHERE input_id = $1
"""

_ADD_CHUNK = """
    WITH changed AS (
        INSERT INTO input_chunk (input_id, index, table_name, rows)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (input_id, index) DO UPDATE
           SET table_name = excluded.table_name, rows = excluded.rows
         WHERE (input_chunk.table_name, input_chunk.rows) IS DISTINCT FROM (excluded.table_name, excluded.rows)
        RETURNING input_id
    )
    UPDATE frozen_input SET found_sha256 = NULL, fault = NULL
     WHERE input_id = (SELECT input_id FROM changed) AND (found_sha256 IS NOT NULL OR fault IS NOT NULL)
"""

_CHUNKS = """
    SELECT c.table_name, c.rows
      FROM input_chunk c JOIN frozen_input f USING (input_id)
     WHERE c.input_id = $1 AND c.index < f.expected_chunks
     ORDER BY c.index
"""

_REFUSE = "UPDATE frozen_input SET found_sha256 = $2, fault = $3 WHERE input_id = $1"
_HOLD = "UPDATE frozen_input SET found_sha256 = $2, fault = NULL, held_at = now() WHERE input_id = $1"
_ADD_TABLE = "INSERT INTO input_table (input_id, table_name, content) VALUES ($1, $2, $3)"
_DROP_CHUNKS = "DELETE FROM input_chunk WHERE input_id = $1"
_TABLES = "SELECT table_name, content FROM input_table WHERE input_id = $1 ORDER BY table_name"
_UNUSABLE = "UPDATE frozen_input SET unusable_reason = $2 WHERE input_id = $1 AND unusable_reason IS NULL"
_WITH_WAITING = """
    SELECT DISTINCT f.input_id
      FROM frozen_input f JOIN run r USING (input_id)
     WHERE r.state = 'waiting' AND f.held_at IS NULL
     ORDER BY f.input_id
"""
_WAITING_COUNT = "SELECT count(*) FROM frozen_input WHERE held_at IS NULL AND unusable_reason IS NULL"


async def lock_for_chunks(conn: Conn, input_id: InputId, *, hub_id: HubId, round_id: RoundId) -> Place:
    """Lock an input like ``lock``, without looking at how far it has come: there are hundreds of chunks."""
    row = await conn.fetchrow(_LOCK, input_id)
    if row is None:
        await conn.execute(_ENSURE, input_id, hub_id, round_id)
        row = await conn.fetchrow(_LOCK, input_id)
        assert row is not None  # noqa: S101 -- just made known, and inputs are never deleted
    return Place(HubId(row["hub_id"]), RoundId(row["round_id"]), row["held"])


async def lock(conn: Conn, input_id: InputId, *, hub_id: HubId, round_id: RoundId) -> FrozenInput:
    """Make the input known if it is not yet, and lock it until the transaction ends."""
    await conn.execute(_ENSURE, input_id, hub_id, round_id)
    await conn.execute(_LOCK, input_id)
    return await read(conn, input_id)


async def read(conn: Conn, input_id: UUID) -> FrozenInput:
    """Read an input that is known."""
    row = await conn.fetchrow(_READ, input_id)
    assert row is not None  # noqa: S101 -- made known before, and inputs are never deleted
    return _input(row)


async def lock_complete(conn: Conn) -> FrozenInput | None:
    """Lock one input whose chunks have all arrived and have not been checked as they are now."""
    input_id = await conn.fetchval(_LOCK_COMPLETE)
    return None if input_id is None else await read(conn, input_id)


async def announce(
    conn: Conn,
    input_id: InputId,
    *,
    sha256: str,
    chunks: int,
    rows: Mapping[str, int],
    parent: InputId | None,
    correlation_id: UUID | None,
    causation_id: UUID | None,
) -> None:
    """Write down what the input must come to, and which input it follows."""
    await conn.execute(_ANNOUNCE, input_id, sha256, chunks, dict(rows), correlation_id, causation_id, parent)


async def add_chunks(conn: Conn, pieces: Sequence[Piece]) -> None:
    """Store chunks; the same again changes nothing, another content takes the place of the first."""
    await conn.executemany(
        _ADD_CHUNK,
        [
            (input_id, index, table, json.dumps(rows, ensure_ascii=False, separators=(",", ":")))
            for input_id, index, table, rows in pieces
        ],
    )


async def load_chunks(conn: Conn, input_id: InputId) -> list[tuple[str, str]]:
    """Read (table, JSON rows) of every announced chunk, in order."""
    return [(row["table_name"], row["rows"]) for row in await conn.fetch(_CHUNKS, input_id)]


async def refuse(conn: Conn, input_id: InputId, *, found_sha256: str | None, fault: str) -> None:
    """Remember that the chunks, as they are now, do not make the announced input."""
    await conn.execute(_REFUSE, input_id, found_sha256, fault)


async def hold(conn: Conn, input_id: InputId, *, sha256: str, files: Mapping[str, bytes]) -> None:
    """Keep the canonical bytes for good; the chunks have served."""
    await conn.execute(_HOLD, input_id, sha256)
    await conn.executemany(_ADD_TABLE, [(input_id, table, content) for table, content in files.items()])
    await conn.execute(_DROP_CHUNKS, input_id)


async def load_tables(conn: Conn, input_id: InputId) -> dict[str, bytes]:
    """Read the canonical bytes of a held input by table."""
    return {row["table_name"]: row["content"] for row in await conn.fetch(_TABLES, input_id)}


async def mark_unusable(conn: Conn, input_id: UUID, *, reason: str) -> None:
    """Say that no run may start from this input any more, and why."""
    await conn.execute(_UNUSABLE, input_id, reason)


async def waited_for(conn: Conn) -> list[InputId]:
    """List the inputs that runs wait for."""
    return [InputId(row["input_id"]) for row in await conn.fetch(_WITH_WAITING)]


async def count_waiting(conn: Conn) -> int:
    """Count the inputs that have begun to arrive and are not held."""
    return int(await conn.fetchval(_WAITING_COUNT))


def _input(row: asyncpg.Record) -> FrozenInput:
    return FrozenInput(
        input_id=InputId(row["input_id"]),
        round_id=RoundId(row["round_id"]),
        hub_id=HubId(row["hub_id"]),
        expected_sha256=row["expected_sha256"],
        expected_chunks=row["expected_chunks"],
        expected_rows=row["expected_rows"],
        chunks_here=row["chunks_here"],
        fault=row["fault"],
        unusable_reason=row["unusable_reason"],
        held=row["held"],
        correlation_id=row["correlation_id"],
        causation_id=row["causation_id"],
    )
