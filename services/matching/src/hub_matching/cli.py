"""The command ``hub-matching``: solve a round's folder, verify a result; no Kafka and no database."""

import resource
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hub_allocation.eligibility import journeys_without_time
from hub_allocation.errors import AllocationError, BadInput
from hub_allocation.folder import read_files, read_folder_policy, write_files
from hub_allocation.reading.tables import read_instance
from hub_allocation.result import Result, account, make_result
from hub_allocation.solve import Cancelled, Solved, solve
from hub_allocation.stopwatch import Stopwatch
from hub_allocation.verify import verify_folder

app = typer.Typer(help="Match students with slots, and check that a result is what it claims.", no_args_is_help=True)
told = Console(stderr=True, highlight=False)

BAD_INPUT = 2
NOT_SOLVED = 1

Input = Annotated[Path, typer.Argument(help="Folder with students.csv, slots.csv, preferences.csv …")]
Output = Annotated[Path, typer.Option("--out", help="Folder for the result")]
PolicyFile = Annotated[Path | None, typer.Option("--policy", help="Policy file [default: INPUT/policy.toml]")]


@app.command("solve")
def solve_command(input_: Input, out: Output, policy: PolicyFile = None) -> None:
    """Find the best allocation of the round in INPUT, prove it, explain it, and write it to OUT."""
    watch = Stopwatch(time.perf_counter)
    try:
        with watch.stage("read"):
            instance = read_instance(read_files(input_), read_folder_policy(input_, policy))
        for notice in instance.notices:
            told.print(f"notice: {notice}", markup=False, soft_wrap=True)
        outcome = solve(instance, clock=time.perf_counter, watch=watch)
    except BadInput as error:
        _refuse(error)
    except AllocationError as error:
        told.print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(NOT_SOLVED) from None
    if isinstance(outcome, Cancelled):
        told.print(f"not solved: {outcome.status}; nothing was written", markup=False)
        raise typer.Exit(NOT_SOLVED)
    _name_unknown_journeys(outcome)
    result = make_result(outcome, watch=watch)
    with watch.stage("write"):
        files = result.files()
    account(result, seconds={**watch.seconds, "total": watch.total()}, peak_rss_mb=_peak_rss_mb())
    write_files({**files, "run.json": result.run_file()}, out)
    _show(result)


@app.command("verify")
def verify_command(
    input_: Input, output: Annotated[Path, typer.Argument(help="Folder with the result")], policy: PolicyFile = None
) -> None:
    """Recheck the result in OUTPUT against INPUT: every rule, every level, and the proof; without the solver."""
    try:
        verdict = verify_folder(input_, output, policy_file=policy)
    except BadInput as error:
        _refuse(error)
    for reason in verdict.reasons:
        told.print(f"refused: {reason}", markup=False, soft_wrap=True)
    if not verdict.accepted:
        raise typer.Exit(NOT_SOLVED)
    said = f"verified: {verdict.status}, {verdict.placements} placements, input {verdict.input_sha256}"
    Console(highlight=False).print(said, markup=False, soft_wrap=True)


def _refuse(error: BadInput) -> None:
    for line in error.errors:
        sys.stderr.write(f"{line}\n")
    raise typer.Exit(BAD_INPUT) from None


def _name_unknown_journeys(solved: Solved) -> None:
    unknown = journeys_without_time(solved.instance, solved.pairs)
    if unknown:
        shown = ", ".join(f"{start} to {end}" for start, end in unknown[:3])
        told.print(f"notice: {len(unknown)} journeys have no travel time: {shown} …", markup=False, soft_wrap=True)


def _peak_rss_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / 1024


def _show(result: Result) -> None:
    run = result.run
    table = Table(title=f"{run['status']} in {run['seconds']['total']:.2f} s")
    table.add_column("level")
    table.add_column("value", justify="right")
    for level in run["levels"]:
        table.add_row(level["name"], f"{level['value']:,}")
    console = Console(highlight=False)
    console.print(table)
    sizes = run["sizes"]
    console.print(f"{sizes['placements']} of {sizes['students']} students placed, {sizes['unplaced']} unplaced")
