"""How far an import has come, for whoever waits for it.

The places that know lie deep in every concept's import; they tell it to whatever stands in the context, because an
argument for it would go through each of them and mean nothing to most.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Final

ROWS: Final = 250
"""Rows after which it is told anew."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is being done, with how many of how many rows; ``total`` 0: nobody knows yet."""

    name: str = "waiting"
    done: int = 0
    total: int = 0


class Progress:
    """Of one import; written by the import, perhaps in a thread, and read by whoever tells people."""

    def __init__(self) -> None:
        self.step = Step()
        self._to_write = 0

    def began(self, name: str, total: int) -> None:
        """A step begins."""
        self.step = Step(name, 0, total)

    def did(self, done: int) -> None:
        """So many rows of the step are done."""
        self.step = replace(self.step, done=min(done, self.step.total) if self.step.total else done)

    def found(self, to_write: int) -> None:
        """So many rows differ from what is stored."""
        self._to_write = to_write

    def wrote(self, rows: int) -> None:
        """So many rows more are written."""
        before = self.step.done if self.step.name == "writing" else 0
        self.step = Step("writing", min(before + rows, self._to_write or before + rows), self._to_write)


_CURRENT: ContextVar[Progress | None] = ContextVar("import_progress", default=None)


@contextmanager
def told_to(progress: Progress) -> Iterator[None]:
    """Let an import tell how far it is."""
    before = _CURRENT.set(progress)
    try:
        yield
    finally:
        _CURRENT.reset(before)


def current() -> Progress:
    """Give what to tell; where nobody listens, something that nobody reads."""
    return _CURRENT.get() or Progress()
