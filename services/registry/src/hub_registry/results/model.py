"""Put a result together from its chunks and check what it hashes to; no I/O."""

import base64
import binascii
import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hub_schemas.results import result_sha256
from hub_schemas.tables import quoted

ALLOCATIONS = ("student_id", "slot_id", "rank", "minutes", "mode_used")
UNPLACED = ("student_id", "reason")
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
    run: bytes
    """run.json."""
    certificate: bytes

    @property
    def files(self) -> dict[str, bytes]:
        """The files of the result by name, as they were at matching."""
        return {
            "allocations.csv": table_bytes(ALLOCATIONS, self.allocations),
            "unplaced.csv": table_bytes(UNPLACED, self.unplaced),
            "explanations.jsonl": "".join(line + "\n" for line in self.explanations).encode(),
            "run.json": self.run,
            "certificate.csv": self.certificate,
        }


def assemble(chunks: Iterable[Chunk], *, count: int, sha256: str) -> Result:
    """Put a result together.

    Args:
        chunks: C chunks, any order, each once.
        count: how many matching announced.
        sha256: what allocations and unplaced must hash to.

    Returns:
        The result, its rows in the order of their chunks.

    Raises:
        BadResult: a chunk is missing or too many, is no JSON of rows, or the hash is another.
    """
    ordered = sorted(chunks, key=lambda chunk: chunk.place)
    if [chunk.place for chunk in ordered] != list(range(count)):
        raise BadResult("result_incomplete", f"{len(ordered)} chunks are here; {count} were announced")
    parts: dict[str, Rows] = {}
    for chunk in ordered:
        parts.setdefault(chunk.part, []).extend(tuple(row) for row in json.loads(chunk.content))
    try:
        result = Result(
            allocations=_of_width(parts.get("allocations", []), len(ALLOCATIONS)),
            unplaced=_of_width(parts.get("unplaced", []), len(UNPLACED)),
            explanations=[row[0] for row in parts.get("explanations", [])],
            run="".join(row[0] for row in parts.get("run", [])).encode(),
            certificate=b"".join(base64.b64decode(row[-1], validate=True) for row in parts.get("certificate", [])),
        )
    except (IndexError, binascii.Error) as broken:
        raise BadResult("result_unreadable", "a chunk does not hold the rows of its part") from broken
    files = result.files
    found = result_sha256(files["allocations.csv"], files["unplaced.csv"])
    if found != sha256:
        raise BadResult("result_hash_differs", f"the result hashes to {found}, not to {sha256} as matching announced")
    return result


def table_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Write a result's table: UTF-8, ``\\n`` line ends, quotes only where needed, rows in the given order."""
    lines = [",".join(header), *(",".join(map(quoted, row)) for row in rows), ""]
    return "\n".join(lines).encode()


def table_rows(content: bytes) -> Rows:
    """Read back the rows of what ``table_bytes`` wrote, without the header."""
    reader = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
    next(reader, None)
    return [tuple(row) for row in reader]


def _of_width(rows: Rows, width: int) -> Rows:
    for row in rows:
        if len(row) != width:
            raise BadResult("result_unreadable", f"a row has {len(row)} cells where {width} are needed")
    return rows
