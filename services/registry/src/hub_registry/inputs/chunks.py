"""Cut a frozen input into messages that every broker takes; no I/O."""

import json
from collections.abc import Iterator, Mapping, Sequence

from hub_schemas.events.round_inputs import MAX_BYTES, MAX_ROWS, InputChunk
from hub_schemas.ids import InputId, RoundId

Rows = Sequence[tuple[str, ...]]

ENVELOPE_BYTES = 2_000
"""Left free for the envelope and the chunk's own fields."""
MAX_ESCAPE = 6
"""Bytes that one character may take in JSON, e.g. a control character."""


class RowTooLarge(ValueError):
    """One row alone is larger than a message may be; ``table`` and ``key`` say which."""

    def __init__(self, table: str, key: str) -> None:
        super().__init__(f"{table}: the row of {key} is larger than a message may be")
        self.table = table
        self.key = key


def chunk_rows(table: str, rows: Rows, *, max_rows: int = MAX_ROWS, max_bytes: int = MAX_BYTES) -> Iterator[Rows]:
    """Cut rows into runs of at most ``max_rows`` rows whose JSON message stays within ``max_bytes``.

    Keeps the order; gives nothing for no rows. Raises RowTooLarge.
    """
    room = max_bytes - ENVELOPE_BYTES
    for start in range(0, len(rows), max_rows):
        piece = rows[start : start + max_rows]
        # Most pieces are far below the limit whatever they hold: only others are measured row by row.
        if sum(3 + sum(3 + MAX_ESCAPE * len(cell) for cell in row) for row in piece) <= room:
            yield piece
        else:
            yield from _by_size(table, piece, room)


def _by_size(table: str, rows: Rows, room: int) -> Iterator[Rows]:
    begin, used = 0, 0
    for place, row in enumerate(rows):
        size = len(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()) + 1
        if size > room:
            raise RowTooLarge(table, row[0])
        if used + size > room:
            yield rows[begin:place]
            begin, used = place, 0
        used += size
    yield rows[begin:]


def input_chunks(tables: Mapping[str, Rows], *, round_id: RoundId, input_id: InputId) -> list[InputChunk]:
    """Make the messages that carry a frozen input, numbered from 0 through all tables; raises RowTooLarge."""
    pieces = [(table, piece) for table, rows in tables.items() for piece in chunk_rows(table, rows)]
    return [
        InputChunk(round_id=round_id, input_id=input_id, table=table, index=index, count=len(pieces), rows=tuple(piece))
        for index, (table, piece) in enumerate(pieces)
    ]
