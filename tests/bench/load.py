"""`make bench-load`: what one machine bears, each figure beside a yardstick measured in the same run.

Real PostgreSQL, Kafka and service processes, durable settings on; takes a few minutes. The figures are added to
tests/bench/history, of which the README's table and picture are made (``python -m tests.bench.history_table``).
"""

import tempfile
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.console import Console

from hub_deploy.stack.stack import Stack, running
from tests.bench import (
    chassis_events,
    history_file,
    host,
    load_consumers,
    load_outage,
    load_requests,
    load_services,
    load_solvers,
    pgbench,
)
from tests.bench.figures import Figure, Yardstick, show
from tests.support.stacks import new_story, upload_files

NAME = "bench-load"
LONGEST_S = 300.0
"""Patience with one step of the round, on a machine that does much else."""


def event_figures() -> list[Figure]:
    """The outbox's way out; the way in is ``load_consumers``."""
    events = chassis_events.measure()
    producer = Yardstick("bare aiokafka producer", events["produce_per_s"])
    return [Figure("events from the outbox to Kafka, marked as sent", events["relay_per_s"], "per s", beside=producer)]


def stack_figures(console: Console, folder: Path) -> list[Figure]:
    """What is measured on the whole product, a pilot's round played on it."""
    upload_files(folder / "uploads")
    extra = {"matching": load_solvers.ONE_SOLVER}
    with running(folder / "stack", services=False, extra=extra, log_level="WARNING") as stack:
        for name in (load_requests.DATABASE, pgbench.DATABASE):
            _make_database(stack, name)
        with load_services.started(stack) as starts:
            console.print("a pilot's round …")
            empty, story = load_services.database_bytes(stack), new_story(stack)
            story.patience_s = LONGEST_S
            story.tell(folder / "uploads")
            full, students = load_services.database_bytes(stack), story.summary["students"]
            figures = [*starts, *load_services.memory(stack)]
            figures += load_services.growth(empty, full, uploads=folder / "uploads", students=students)
            console.print("requests …")
            figures += load_requests.measure(stack, story.coordinators.first)
            console.print("solvers …")
            figures += load_solvers.measure(stack, story)
            console.print("an outage …")
            return figures + load_outage.measure(stack, story)


def _make_database(stack: Stack, name: str) -> None:
    with psycopg.connect(stack.postgres.url(), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}".encode())


def main(
    keep: Annotated[bool, typer.Option(help="Add the figures to tests/bench/history")] = True,
) -> None:
    """Measure, print, keep."""
    console = Console(highlight=False, width=150)
    machine = host.here()
    console.print("events through the chassis …")
    figures = event_figures()
    console.print("consumers …")
    figures += load_consumers.measure()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        figures += stack_figures(console, folder)
    show(console, "make bench-load", figures)
    console.print(f"on {machine.said}")
    if keep:
        console.print(f"added to {history_file.append(NAME, machine, figures)}")


if __name__ == "__main__":
    typer.run(main)
