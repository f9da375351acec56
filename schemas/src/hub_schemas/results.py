"""A run's result: its files, how they travel, and the one number that matching, the registry and a person agree on."""

import hashlib
from collections.abc import Mapping
from typing import Final

FILES: Final[Mapping[str, str]] = {
    "allocations": "allocations.csv",
    "unplaced": "unplaced.csv",
    "explanations": "explanations.jsonl",
    "run": "run.json",
    "certificate": "certificate.csv",
    "recruit": "recruit.csv",
    "demand": "demand.csv",
    "aggregates": "aggregates.csv",
    "moves": "moves.csv",
}
"""The file that each part of a result carries."""

HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "allocations": ("student_id", "slot_id", "rank", "minutes", "mode_used"),
    "unplaced": ("student_id", "reason"),
}
"""Parts that are CSV files whose header does not travel, because it is known."""

WITH_HEADER: Final = frozenset({"recruit", "demand", "aggregates", "moves"})
"""Parts that are CSV files whose first row is their header: their columns may become more."""

RESULT_FILES = ("allocations.csv", "unplaced.csv")


def result_sha256(allocations: bytes, unplaced: bytes) -> str:
    """Hash the two files that say who goes where.

    Args:
        allocations: bytes of allocations.csv (rows ordered by student, then slot).
        unplaced: bytes of unplaced.csv (rows ordered by student).

    Returns:
        Lower-case hexadecimal SHA-256 over each file's name, length and bytes.
    """
    digest = hashlib.sha256()
    for name, content in zip(RESULT_FILES, (allocations, unplaced), strict=True):
        digest.update(f"{name}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
