"""Somebody else changed it meanwhile: what both have written, side by side."""

from collections.abc import Mapping
from typing import Any


def differences(
    stored: Mapping[str, Any], sent: Mapping[str, Any], labels: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """List (label, theirs, yours) of the fields that someone else has meanwhile set to something else."""
    return [
        (label, str(stored.get(name, "")), str(sent.get(name, "")))
        for name, label in labels.items()
        if str(stored.get(name, "")) != str(sent.get(name, ""))
    ]
