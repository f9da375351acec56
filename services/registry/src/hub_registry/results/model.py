"""Put a result together from its chunks and check what it hashes to; no I/O."""

import base64
import binascii
import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from hub_schemas.results import FILES, HEADERS, WITH_HEADER, result_sha256
from hub_schemas.tables import quoted

ALLOCATIONS, UNPLACED = HEADERS["allocations"], HEADERS["unplaced"]
ALWAYS = ("allocations", "unplaced", "explanations", "run", "certificate")
"""Parts that every result has, if only as a header."""
MOVES = ("student_id", "from_slot_id", "to_slot_id", "reason")
Rows = list[tuple[str, ...]]


class BadResult(ValueError):
    """The chunks of a result do not make what matching announced; ``code`` and the text say why."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a result as it is stored; ``content`` is the JSON array of its rows."""

    place: int
    part: str
    content: str


@dataclass(frozen=True, slots=True)
class Result:
    """A whole result."""

    allocations: Rows
    unplaced: Rows
    explanations: list[str]
    """One JSON text each, in the order of explanations.jsonl."""
    moves: Rows
    """Of a change run: (participant, slot before, slot now, reason), '' where there is none; else empty."""
    files: Mapping[str, bytes]
    """The files of the result by name, as they were at matching."""


def assemble(
    chunks: Iterable[Chunk], *, count: int, sha256: str, part_sha256: Mapping[str, str] = MappingProxyType({})
) -> Result:
    """Put a result together.

    Args:
        chunks: C chunks, any order, each once.
        count: how many matching announced.
        sha256: what allocations and unplaced must hash to.
        part_sha256: what the file of each part must hash to; parts that are not known here are passed over.

    Returns:
        The result, its rows in the order of their chunks.

    Raises:
        BadResult: a chunk is missing or too many, is no JSON of rows, or a hash is another.
    """
    ordered = sorted(chunks, key=lambda chunk: chunk.place)
    if [chunk.place for chunk in ordered] != list(range(count)):
        raise BadResult("result_incomplete", f"{len(ordered)} chunks are here; {count} were announced")
    parts: dict[str, Rows] = {part: [] for part in (*ALWAYS, *part_sha256) if part in FILES}
    for chunk in ordered:
        if chunk.part in FILES:
            parts.setdefault(chunk.part, []).extend(tuple(row) for row in json.loads(chunk.content))
    try:
        result = Result(
            allocations=_of_width(parts["allocations"], len(ALLOCATIONS)),
            unplaced=_of_width(parts["unplaced"], len(UNPLACED)),
            explanations=[row[0] for row in parts["explanations"]],
            moves=_moves(parts.get("moves", [])),
            files={FILES[part]: _content(part, rows) for part, rows in parts.items()},
        )
    except (IndexError, binascii.Error) as broken:
        raise BadResult("result_unreadable", "a chunk does not hold the rows of its part") from broken
    found = result_sha256(result.files["allocations.csv"], result.files["unplaced.csv"])
    if found != sha256:
        raise BadResult("result_hash_differs", f"the result hashes to {found}, not to {sha256} as matching announced")
    for name in differing(result.files, part_sha256):
        raise BadResult("result_hash_differs", f"{name} does not hash to what matching announced")
    return result


def differing(files: Mapping[str, bytes], part_sha256: Mapping[str, str]) -> list[str]:
    """List the files, by name, that are missing or do not hash to what was announced of their part.

    Args:
        files: a result's files by name.
        part_sha256: hash by part; parts that are not known here are passed over.
    """
    expected = {FILES[part]: sha256 for part, sha256 in part_sha256.items() if part in FILES}
    return [
        name
        for name, sha256 in expected.items()
        if name not in files or hashlib.sha256(files[name]).hexdigest() != sha256
    ]


def table_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Write a result's table: UTF-8, ``\\n`` line ends, quotes only where needed, rows in the given order."""
    lines = [",".join(header), *(",".join(map(quoted, row)) for row in rows), ""]
    return "\n".join(lines).encode()


def table_rows(content: bytes) -> Rows:
    """Read back the rows of what ``table_bytes`` wrote, without the header."""
    reader = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
    next(reader, None)
    return [tuple(row) for row in reader]


def table_cells(content: bytes) -> list[dict[str, str]]:
    """Read a table that names its columns, a mapping a row."""
    return list(csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True))


def _content(part: str, rows: Rows) -> bytes:
    """The bytes of a part's file."""
    if part in HEADERS:
        return table_bytes(HEADERS[part], rows)
    if part in WITH_HEADER:
        return "".join(",".join(map(quoted, row)) + "\n" for row in rows).encode()
    if part == "certificate":
        return b"".join(base64.b64decode(row[-1], validate=True) for row in rows)
    end = "\n" if part == "explanations" else ""
    return "".join(row[0] + end for row in rows).encode()


def _moves(rows: Rows) -> Rows:
    if rows and rows[0] != MOVES:
        raise BadResult("result_unreadable", f"moves have other columns than {', '.join(MOVES)}")
    return _of_width(rows[1:], len(MOVES))


def _of_width(rows: Rows, width: int) -> Rows:
    for row in rows:
        if len(row) != width:
            raise BadResult("result_unreadable", f"a row has {len(row)} cells where {width} are needed")
    return rows
