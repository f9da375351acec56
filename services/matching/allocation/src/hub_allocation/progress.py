"""What a caller hears while a round is solved, and how it stops one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hub_allocation.errors import Stopped
from hub_allocation.levels import Level

Progress = Callable[[str, float, float, float], None]
"""Told (level, value, bound, seconds since the start): settled where value equals bound, else the best so far."""


@dataclass(frozen=True, slots=True)
class Reporter:
    """Passes on what the engines find, and asks whether to go on."""

    progress: Progress | None
    clock: Callable[[], float]
    start: float
    cancelled: Callable[[], bool] | None

    def check(self) -> None:
        """Raise Stopped when the caller wants no answer any more."""
        if self.cancelled is not None and self.cancelled():
            raise Stopped

    def tell(self, name: str, value: int, bound: int) -> None:
        """One level: what is reached and what is proven possible so far."""
        if self.progress is not None:
            self.progress(name, value, bound, self.clock() - self.start)

    def levels(self, levels: Iterable[Level]) -> None:
        """Several levels."""
        for level in levels:
            self.tell(level.name, level.value, level.bound)
