"""A file that somebody sent, and how far it is.

checking → checked → taking → taken; refused for what is in it; failed, and may be tried again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from hub_registry.imports.progress import Step

BUSY: Final = ("checking", "taking")
"""States in which something is at work, unless the service was stopped meanwhile."""
SILENT_S: Final = 30
"""Whoever is at work on a file says so twice a second: after so long without a word nobody is."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What is known of a file, without its content."""

    upload_id: UUID
    kind: str
    about: Mapping[str, Any]
    """What it belongs to: a programme, a school; and what becomes of those who are in no row."""
    name: str
    sha256: str
    size_bytes: int
    state: str
    step: Step
    outcome: Mapping[str, Any]
    """A receipt, or what is wrong."""
    silent_s: float
    """Since somebody was last heard to work on it."""

    @property
    def over(self) -> bool:
        """Nothing is at work on it."""
        return self.state not in BUSY

    @property
    def stalled(self) -> bool:
        """Something should be at work on it and is not."""
        return not self.over and self.silent_s > SILENT_S
