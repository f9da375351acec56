"""`make bench`: measures what the README says and prints it beside what was asked for; writes .hub/bench.json.

Nothing here fails for being slow: figures are for people to read. The region round is `make demo SCALE=region`,
run twice: the first fills the caches, the second is the one that counts.
"""

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer
from rich.console import Console
from rich.table import Table

from tests.bench import chassis_events

OUT = Path(".hub/bench.json")
SUMMARY = Path(".hub/demo-summary.json")


@dataclass(frozen=True)
class Figure:
    """One line of the table; ``asked`` is what the project wants of itself, in words."""

    name: str
    value: float
    unit: str
    asked: str = ""

    def row(self) -> tuple[str, str, str]:
        """The line as text."""
        return self.name, f"{self.value:,.1f} {self.unit}", self.asked


def region(console: Console, *, runs: int = 2) -> dict[str, Any]:
    """Play the region round in processes of their own; returns the last summary."""
    for number in range(1, runs + 1):
        console.print(f"region round {number} of {runs} …")
        argv = [sys.executable, "-m", "hub_deploy.demo", "--scale", "region", "--oneshot"]
        began = time.monotonic()
        subprocess.run(argv, check=True, timeout=900, stdout=subprocess.DEVNULL)
        console.print(f"  {time.monotonic() - began:.0f} s")
    found: dict[str, Any] = json.loads(SUMMARY.read_text("utf-8"))
    return found


def round_figures(summary: dict[str, Any]) -> list[Figure]:
    """The region round's figures."""
    students = f"{summary['students']:,} students"
    return [
        Figure("embedded stack ready, downloads cached", summary["start_s"], "s", "≤ 15 s"),
        Figure(f"import of {students} with their preferences", summary["import_s"], "s", "≤ 20 s"),
        Figure("freeze: close to matching holding the verified input", summary["freeze_s"], "s", "≤ 10 s"),
        Figure("run: requested to solved and verified", summary["solve_s"], "s", "≤ 10 s"),
        Figure(f"publish to the last of {summary['mails']:,} mails accepted", summary["publish_s"], "s", "≤ 15 s"),
        Figure("all processes together at their peak", summary["peak_rss_mb"] / 1000, "GB", "≤ 3 GB"),
    ]


def event_figures(events: dict[str, Any]) -> list[Figure]:
    """Events a second through the chassis and through a bare consumer, in the same run."""
    bare, many, single = (float(events[name]) for name in ("bare_per_s", "chassis_per_s", "chassis_single_per_s"))
    return [
        Figure("events through inbox, effect and outbox, taken together", many, "per s"),
        Figure("the same, one statement for each event", single, "per s"),
        Figure("the same records, bare aiokafka consumer", bare, "per s"),
        Figure("ratio, bare to taken together", bare / many, "×"),
    ]


def machine() -> dict[str, Any]:
    """What it was measured on."""
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def main(runs: Annotated[int, typer.Option(help="Region rounds; the last one counts")] = 2) -> None:
    """Measure, print, write."""
    console = Console(highlight=False)
    console.print("events through the chassis …")
    events = chassis_events.measure()
    summary = region(console, runs=runs)
    figures = [*round_figures(summary), *event_figures(events)]
    table = Table(title="make bench", title_justify="left")
    for heading in ("what", "measured", "asked"):
        table.add_column(heading, justify="right" if heading == "measured" else "left")
    for figure in figures:
        table.add_row(*figure.row())
    console.print(table)
    host = machine()
    console.print(f"on {host['cores']} cores, {host['memory_gb']} GB, {host['system']}, Python {host['python']}")
    OUT.parent.mkdir(exist_ok=True)
    measured = {figure.name: {"value": figure.value, "unit": figure.unit, "asked": figure.asked} for figure in figures}
    OUT.write_text(json.dumps({"machine": host, "figures": measured, "round": summary}, indent=2) + "\n", "utf-8")
    console.print(f"written to {OUT}")


if __name__ == "__main__":
    typer.run(main)
