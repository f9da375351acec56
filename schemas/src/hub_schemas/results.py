"""What a run's result hashes to: one number that matching, the registry and a person at the command line agree on."""

import hashlib

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
