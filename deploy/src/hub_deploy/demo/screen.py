"""What the person at the terminal sees while things take time; on a pipe, plain lines."""

import contextlib
import time
from collections.abc import Iterator

from rich.console import Console
from rich.status import Status


class Screen:
    """Stages with their seconds; what goes on inside one is shown beside it."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._status: Status | None = None
        self._title = ""
        self._last_line = 0.0

    @contextlib.contextmanager
    def stage(self, title: str) -> Iterator["Seconds"]:
        """Show a stage while it runs and its seconds when it has ended."""
        began = time.monotonic()
        seconds = Seconds()
        self._title, self._last_line = title, began
        with self.console.status(f"{title} …") as status:
            self._status = status
            if not self.console.is_terminal:
                self.console.print(f"{title} …")
            try:
                yield seconds
            finally:
                self._status = None
        seconds.value = time.monotonic() - began
        self.console.print(f"[green]✓[/green] {title} [dim]{seconds.value:.1f} s[/dim]")

    def note(self, text: str) -> None:
        """Say what goes on now; on a pipe at most every two seconds."""
        if self._status is not None:
            self._status.update(f"{self._title} … [dim]{text}[/dim]")
        now = time.monotonic()
        if not self.console.is_terminal and now - self._last_line >= 2.0:
            self._last_line = now
            self.console.print(f"  {text}")


class Seconds:
    """How long a stage took, once it has ended."""

    value: float = 0.0
