"""SQL of results."""

import json
from collections.abc import Sequence

from hub_chassis.database import Conn
from hub_matching.results.chunks import Piece, Row
from hub_schemas.events.run_results import Part
from hub_schemas.ids import HubId, RunId

_ADD = "INSERT INTO run_result (run_id, index, count, part, rows) VALUES ($1, $2, $3, $4, $5)"
_PIECES = "SELECT part, rows FROM run_result WHERE run_id = $1 ORDER BY index"
_NAMING = """
    SELECT DISTINCT r.run_id, p.index, p.part, p.rows
      FROM run r JOIN run_result p USING (run_id), unnest($2::text[]) AS gone (id)
     WHERE r.hub_id = $1 AND p.part IN ('allocations', 'unplaced', 'explanations', 'moves')
       AND position(gone.id IN p.rows) > 0
     ORDER BY r.run_id, p.index
"""
_SET_ROWS = "UPDATE run_result SET rows = $3 WHERE run_id = $1 AND index = $2"
_EMPTY_CERTIFICATE = "UPDATE run_result SET rows = '[]' WHERE run_id = $1 AND part = 'certificate'"


async def add(conn: Conn, run_id: RunId, pieces: Sequence[Piece]) -> None:
    """Keep a result as it is sent, so that it can be sent again."""
    rows = [(run_id, index, len(pieces), piece.part, _text(piece.rows)) for index, piece in enumerate(pieces)]
    await conn.executemany(_ADD, rows)


async def load(conn: Conn, run_id: RunId) -> list[Piece]:
    """Read a result as it was sent, in order; empty when there is none."""
    return [Piece(row["part"], _rows(row["rows"])) for row in await conn.fetch(_PIECES, run_id)]


async def pieces_naming(
    conn: Conn, hub_id: HubId, participants: Sequence[str]
) -> list[tuple[RunId, int, Part, tuple[Row, ...]]]:
    """Find the pieces in which one of these participants' ids stands anywhere, also as part of another text."""
    found = await conn.fetch(_NAMING, hub_id, list(participants))
    return [(RunId(row["run_id"]), row["index"], row["part"], _rows(row["rows"])) for row in found]


async def set_rows(conn: Conn, run_id: RunId, index: int, rows: Sequence[Row]) -> None:
    """Write a piece again with fewer rows: by erasure only."""
    await conn.execute(_SET_ROWS, run_id, index, _text(rows))


async def empty_certificate(conn: Conn, run_id: RunId) -> None:
    """Drop a run's certificate: without all its rows a result can't be proven any more."""
    await conn.execute(_EMPTY_CERTIFICATE, run_id)


def _text(rows: Sequence[Row]) -> str:
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def _rows(text: str) -> tuple[Row, ...]:
    return tuple(tuple(row) for row in json.loads(text))
