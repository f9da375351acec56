"""`make bench`: measures what the README says, prints it beside what was asked for and adds it to the history.

Nothing here fails for being slow: figures are for people to read. The region round is `make demo SCALE=region`,
run twice: the first fills the caches, the second is the one that counts. ``tests.bench.history_table`` makes the
README's table and picture of the history.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from tests.bench import chassis_events, history_file, host
from tests.bench.figures import Figure, Yardstick, show

NAME = "bench"
SUMMARY = Path(".hub/demo-summary.json")


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


def event_figures(events: dict[str, float]) -> list[Figure]:
    """Events a second through the chassis and through a bare consumer, in the same run."""
    bare = Yardstick("bare aiokafka consumer", events["bare_per_s"])
    return [
        Figure("events through inbox, effect and outbox, together", events["chassis_per_s"], "per s", beside=bare),
        Figure("the same, one statement for each event", events["chassis_single_per_s"], "per s", beside=bare),
    ]


def main(
    runs: Annotated[int, typer.Option(help="Region rounds; the last one counts")] = 2,
    keep: Annotated[bool, typer.Option(help="Add the figures to tests/bench/history")] = True,
) -> None:
    """Measure, print, keep."""
    console = Console(highlight=False, width=150)
    machine = host.here()
    console.print("events through the chassis …")
    figures = event_figures(chassis_events.measure())
    figures = [*round_figures(region(console, runs=runs)), *figures]
    show(console, "make bench", figures)
    console.print(f"on {machine.said}")
    if keep:
        console.print(f"added to {history_file.append(NAME, machine, figures)}")


if __name__ == "__main__":
    typer.run(main)
