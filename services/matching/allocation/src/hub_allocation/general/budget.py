"""How long a search may take, on how many threads, and who may stop it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """The time and the threads of one component."""

    clock: Callable[[], float]
    deadline: float
    check: Callable[[], None]
    """Raises to stop at once."""
    workers: int

    def left_s(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - self.clock()

    def share(self, part: float) -> float:
        """The time, by the clock, when this part of what is left is spent."""
        return self.clock() + part * max(0.0, self.left_s())
