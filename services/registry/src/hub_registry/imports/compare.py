"""What an import would change: rows against what is stored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub_registry.imports.progress import ROWS, current
from hub_registry.imports.sheet import Record

Stored = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Update:
    """A record whose stored row differs in ``changed`` fields."""

    record: Record
    stored: Stored
    changed: tuple[str, ...]

    def merged(self) -> dict[str, Any]:
        """Give the row as it shall be."""
        return {**self.stored, **self.record.values}


@dataclass(slots=True)
class Comparison:
    """What is new, what differs, and how many are the same; in order of rows."""

    created: list[Record] = field(default_factory=list)
    updated: list[Update] = field(default_factory=list)
    unchanged: int = 0


def compare(records: Sequence[Record], find: Callable[[Record], Stored | None]) -> Comparison:
    """Compare every record with the stored row that ``find`` gives for it; only fields that the file has count."""
    result = Comparison()
    progress = current()
    progress.began("comparing", len(records))
    for place, record in enumerate(records, 1):
        if place % ROWS == 0:
            progress.did(place)
        stored = find(record)
        if stored is None:
            result.created.append(record)
            continue
        changed = tuple(name for name, value in record.values.items() if stored.get(name) != value)
        if changed:
            result.updated.append(Update(record, stored, changed))
        else:
            result.unchanged += 1
    progress.found(len(result.created) + len(result.updated))
    return result
