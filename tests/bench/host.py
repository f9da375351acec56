"""What a bench ran on: without it a figure says nothing."""

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil


@dataclass(frozen=True)
class Host:
    """The machine, what else it did when the bench began, and the code that was measured."""

    at: str
    commit: str
    """With a plus sign where the code had been changed since."""
    cores: int
    memory_gb: int
    load: float
    """Processes that ran or wanted to, on average over the minute before the bench began."""
    system: str
    python: str

    @property
    def said(self) -> str:
        """One line under a table."""
        busy = f"load {self.load:.1f} when it began"
        return f"{self.cores} cores, {self.memory_gb} GB, {self.system}, Python {self.python}; {busy}; {self.commit}"


def here() -> Host:
    """Look at this machine now: call it before the bench makes a load of its own."""
    return Host(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=_commit(),
        cores=os.cpu_count() or 1,
        memory_gb=round(psutil.virtual_memory().total / 1e9),
        load=round(psutil.getloadavg()[0], 1),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
    )


def _commit() -> str:
    """The commit that is checked out; "unknown" outside of a clone."""
    described = ["git", "describe", "--always", "--abbrev=8", "--exclude=*", "--dirty=+"]
    done = subprocess.run(described, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
