"""A run's result in pieces: at most 500 rows and 500 kB each, and back together."""

import base64
import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hub_schemas.events.run_results import MAX_BYTES, MAX_ROWS, Part
from hub_schemas.results import FILES, HEADERS, WITH_HEADER
from hub_schemas.tables import quoted

ENVELOPE_BYTES: Final = 4_000
"""Room for everything around the rows."""
PIECE_BYTES: Final = 300_000
"""Bytes of a certificate in one piece: 400 000 in base64."""
PIECE_CHARACTERS: Final = 80_000
"""Characters of run.json in one piece: at most 480 000 bytes, each of them escaped."""


Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of one part that travel together."""

    part: Part
    rows: tuple[Row, ...]


def cut(parts: Mapping[Part, bytes]) -> list[Piece]:
    """Cut a result into pieces.

    Args:
        parts: bytes of each part's file; tables with their header.

    Returns:
        Pieces in the order of ``FILES``; the place in the list is the index on the wire.

    Raises:
        ValueError: one row alone is larger than a piece may be.
    """
    return [Piece(part, rows) for part in FILES if part in parts for rows in _batches(_rows(part, parts[part]))]


def join(part: Part, rows: Iterable[Sequence[str]]) -> bytes:
    """Put a part's file together again from all its rows, in order."""
    if part in HEADERS or part in WITH_HEADER:
        all_rows = (HEADERS[part], *rows) if part in HEADERS else rows
        lines = [",".join(quoted(cell) for cell in row) for row in all_rows]
        return "".join(line + "\n" for line in lines).encode()
    texts = [row[0] for row in rows]
    if part == "certificate":
        return b"".join(base64.b64decode(text, validate=True) for text in texts)
    return ("".join(text + "\n" for text in texts) if part == "explanations" else "".join(texts)).encode()


def _rows(part: Part, content: bytes) -> Iterator[Row]:
    if part == "certificate":
        for at in range(0, len(content), PIECE_BYTES):
            yield (base64.b64encode(content[at : at + PIECE_BYTES]).decode(),)
        return
    text = content.decode()
    if part == "run":
        for at in range(0, len(text), PIECE_CHARACTERS):
            yield (text[at : at + PIECE_CHARACTERS],)
    elif part == "explanations":
        for line in text.split("\n"):
            if line:
                yield (line,)
    else:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        if part in HEADERS:
            next(reader, None)
        yield from (tuple(row) for row in reader)


def _batches(rows: Iterable[Row]) -> Iterator[tuple[Row, ...]]:
    batch: list[Row] = []
    size = 0
    for row in rows:
        bytes_ = len(json.dumps(row, ensure_ascii=False).encode()) + 1
        if bytes_ > MAX_BYTES - ENVELOPE_BYTES:
            raise ValueError(f"one row of a result takes {bytes_} bytes, more than a message may")
        if batch and (len(batch) == MAX_ROWS or size + bytes_ > MAX_BYTES - ENVELOPE_BYTES):
            yield tuple(batch)
            batch, size = [], 0
        batch.append(row)
        size += bytes_
    if batch:
        yield tuple(batch)
