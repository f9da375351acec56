"""What is known of a frozen input, what is missing, and what its chunks make."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hub_schemas import tables
from hub_schemas.ids import HubId, InputId, RoundId


@dataclass(frozen=True, slots=True)
class FrozenInput:
    """A round's input as far as it has come; ``held`` means whole, hashed right, immutable."""

    input_id: InputId
    round_id: RoundId
    hub_id: HubId
    expected_sha256: str | None
    expected_chunks: int | None
    expected_rows: Mapping[str, int] | None
    chunks_here: int
    fault: str | None
    unusable_reason: str | None
    held: bool
    correlation_id: UUID | None = None
    causation_id: UUID | None = None

    @property
    def waiting_for(self) -> str:
        """Say in plain words what keeps a run of this input from starting; meaningless once it is held."""
        if self.fault is not None:
            return f"input: {self.fault}"
        if self.expected_chunks is None:
            return f"input: the round's closing has not arrived ({self.chunks_here} chunks have)"
        missing = self.expected_chunks - self.chunks_here
        if missing > 0:
            return f"input: {missing} of {self.expected_chunks} chunks have not arrived"
        return "input: all chunks have arrived and are being checked"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an input belongs, and whether it is held already."""

    hub_id: HubId
    round_id: RoundId
    held: bool


@dataclass(frozen=True, slots=True)
class Assembled:
    """The canonical bytes that a set of chunks makes, by table, and their hash."""

    files: Mapping[str, bytes]
    rows: Mapping[str, int]
    sha256: str


def assemble(chunks: Iterable[tuple[str, str]]) -> Assembled:
    """Put chunks together.

    Args:
        chunks: (table name, JSON array of rows) in any order.

    Returns:
        Canonical bytes of every table (one without rows is its header alone), and the hash over all.

    Raises:
        hub_schemas.tables.BadTable: rows of the wrong width, or a rank that is no number.
    """
    rows: dict[str, list[Sequence[str]]] = {}
    for table, text in chunks:
        rows.setdefault(table, []).extend(json.loads(text))
    files = {name: tables.canonical_bytes(name, rows.get(name, ())) for name in tables.BY_NAME}
    return Assembled(files, {table: len(found) for table, found in rows.items()}, tables.input_sha256(files))


def difference(assembled: Assembled, *, expected_sha256: str, expected_rows: Mapping[str, int]) -> str | None:
    """Say how what arrived differs from what the round's closing announced; None when it hashes right."""
    if assembled.sha256 == expected_sha256:
        return None
    names = sorted({*expected_rows, *assembled.rows})
    pairs = [(name, assembled.rows.get(name, 0), expected_rows.get(name, 0)) for name in names]
    wrong = [f"{here} rows of {name} where {there} are announced" for name, here, there in pairs if here != there]
    counts = "; ".join(wrong) or "the row counts agree"
    return f"what arrived hashes to {assembled.sha256[:12]}…, not to the announced {expected_sha256[:12]}… ({counts})"
