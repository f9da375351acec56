"""The `hub-matching` command as a person would type it, and the files it writes."""

import csv
import subprocess
import sys
from pathlib import Path


def hub_matching(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    argv = [str(Path(sys.executable).with_name("hub-matching")), *map(str, words)]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=240)


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file by column."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
