"""Growing pauses between tries, spread at random so that replicas don't knock together."""

import random


class Backoff:
    """Pauses that double from ``first_s`` to ``longest_s``, each shortened by up to half at random."""

    def __init__(self, *, first_s: float = 0.1, longest_s: float = 10.0) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._next_s = first_s

    def next_s(self) -> float:
        """Seconds to wait before the next try."""
        pause = self._next_s
        self._next_s = min(self._next_s * 2, self._longest_s)
        return pause * random.uniform(0.5, 1.0)  # noqa: S311 -- no secret

    def reset(self) -> None:
        """Begin with short pauses again, after a success."""
        self._next_s = self._first_s
