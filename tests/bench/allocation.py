"""`make bench-allocation`: the allocation library beside what people would use instead, in the same run, as ratios.

"Raw" is one direct OR-Tools min-cost flow of the rank cost alone, of the same round. Every measurement is a process of
its own; a ratio compares processor time, which other programs on the machine disturb less than the clock. Nothing here
fails for being slow: figures are for people to read.

python -m tests.bench.allocation [--large] [--quick]
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from hub_allocation.folder import read_files
from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from hub_allocation.result import make_result
from hub_allocation.solve import Solved, solve
from hub_allocation.stopwatch import Stopwatch
from hub_allocation.verify import verify
from hub_allocation.warm import warm_up
from tests.bench.allocation_instances import GEOGRAPHIES, write_round
from tests.bench.growth import Line, picture

PICTURE = Path("services/matching/allocation/growth.svg")
SIZES = ((1_000, 250), (4_000, 1_000), (18_000, 4_500), (60_000, 15_000))
LARGE = ((200_000, 50_000), (650_000, 160_000))
PEERS = {"sparse_lap": (2_000, 500), "highs_lp": (2_000, 500), "cp_sat": (1_000, 250)}
PEER_LIMIT_S = 40
LARGE_LIMIT_S = 1_800
OTHERS = {
    "stable": ["tests.bench.stable", "--large"],
    "changes": ["tests.bench.changes", "--cases", "400"],
    "groups": ["tests.bench.groups", "--seconds", "60"],
}
OTHER_LIMIT_S = 900


def case(what: str, students: int, slots: int, *, limit_s: float = PEER_LIMIT_S, **more: object) -> dict[str, Any]:
    """One measurement; ``{"over_the_limit": seconds}`` when it takes too long."""
    argv = [sys.executable, "-m", "tests.bench.allocation_case", what, "--students", str(students)]
    argv += ["--slots", str(slots)]
    for key, value in more.items():
        argv += [f"--{key}"] if value is True else [f"--{key}", str(value)]
    try:
        done = subprocess.run(argv, check=True, timeout=limit_s, stdout=subprocess.PIPE, text=True)
    except subprocess.TimeoutExpired:
        return {"over_the_limit": limit_s}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def both(students: int, slots: int, *, limit_s: float, **more: object) -> dict[str, Any]:
    """Raw and ours on the same round."""
    geography = {"geography": more["geography"]} if "geography" in more else {}
    repeat = {"repeat": 3 if students <= 20_000 else 1}
    raw = case("raw", students, slots, limit_s=limit_s, **geography, **repeat)
    ours = case("ours", students, slots, limit_s=limit_s, **more, **repeat)
    found: dict[str, Any] = {"students": students, "slots": slots, **more, "raw": raw, "ours": ours}
    if "seconds" in raw and "seconds" in ours:
        found["ratio_clock"] = ours["seconds"] / raw["seconds"]
        found["ratio_processor"] = ours["processor_s"] / raw["processor_s"]
    return found


def figure(found: dict[str, Any], key: str) -> str:
    """A figure as text; says so where there is none."""
    if "over_the_limit" in found:
        return f"over the limit of {found['over_the_limit']:.0f} s"
    return f"{found[key]:,.2f}" if key in found else "–"


def show_sizes(console: Console, title: str, rows: list[dict[str, Any]]) -> None:
    """The table of growth."""
    columns = ("students", "slots", "round", "raw s", "ours s", "ratio", "ratio (processor)", "raw MB", "ours MB")
    table = Table(*columns, title=title)
    for row in rows:
        told = " ".join(str(row[key]) for key in ("geography", "objective", "workers") if key in row)
        table.add_row(
            f"{row['students']:,}", f"{row['slots']:,}", told, figure(row["raw"], "seconds"),
            figure(row["ours"], "seconds"), figure(row, "ratio_clock"), figure(row, "ratio_processor"),
            figure(row["raw"], "peak_mb"), figure(row["ours"], "peak_mb"),
        )  # fmt: skip
    console.print(table)


def peers(console: Console) -> dict[str, Any]:
    """What others need for the rank cost alone, where they can be waited for."""
    found: dict[str, Any] = {}
    table = Table("peer", "students", "slots", "peer s", "ours s, every level", title="peers, rank cost alone")
    for name, (students, slots) in PEERS.items():
        theirs = case(name, students, slots, plain=True)
        mine = case("ours", students, slots, plain=True)
        found[name] = {"students": students, "slots": slots, "theirs": theirs, "ours": mine}
        table.add_row(name, f"{students:,}", f"{slots:,}", figure(theirs, "seconds"), figure(mine, "seconds"))
    console.print(table)
    return found


def pipeline(console: Console, *, students: int, slots: int) -> dict[str, float]:
    """Every stage of one folder: reading, judging, solving, explaining, verifying."""
    warm_up()
    watch = Stopwatch(time.perf_counter)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write_round(folder, students=students, slots=slots)
        with watch.stage("read"):
            instance = read_instance(read_files(folder), Policy())
    solved = solve(instance, clock=time.perf_counter, watch=watch)
    if not isinstance(solved, Solved):
        raise RuntimeError(solved.status)
    result = make_result(solved, watch=watch)
    with watch.stage("write"):
        files = result.files()
    with watch.stage("verify"):
        verdict = verify(instance, files)
    if not verdict.accepted:
        raise RuntimeError("\n".join(verdict.reasons))
    figures = {**watch.seconds, "import": starting("import hub_allocation.solve, hub_allocation.verify")}
    figures["warm_second_process"] = starting("from hub_allocation.warm import warm_up; warm_up()")
    table = Table("stage", "s", "asked", title=f"one folder, {students:,} × {slots:,}")
    wanted = {"read": "≤ 2", "explain": "≤ 10", "verify": "≤ 2", "import": "≤ 1"}
    for name, seconds in figures.items():
        table.add_row(name, f"{seconds:.2f}", wanted.get(name, ""))
    console.print(table)
    return figures


def starting(code: str) -> float:
    """Seconds that a new process needs for this, its own start included; the second of two.

    Python keeps its bytecode, as it does for a user, even where whoever measures has told it not to.
    """
    keeping = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(2):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, timeout=300, env=keeping)
        took = time.perf_counter() - began
    return took


def others(console: Console) -> dict[str, Any]:
    """The benches of other parts, each a program of its own; says plainly which is absent or over its limit."""
    found: dict[str, Any] = {}
    for name, argv in OTHERS.items():
        if not Path(*argv[0].split(".")).with_suffix(".py").is_file():
            found[name] = "absent"
        else:
            try:
                done = subprocess.run(
                    [sys.executable, "-m", *argv], timeout=OTHER_LIMIT_S, stdout=subprocess.PIPE, text=True, check=False
                )
                figures = [line for line in done.stdout.splitlines() if line.startswith("{")]
                print("\n".join(line for line in done.stdout.splitlines() if line not in figures))
                found[name] = [json.loads(line) for line in figures]
                if done.returncode:
                    found[name] = f"ended with exit status {done.returncode}"
            except subprocess.TimeoutExpired:
                found[name] = f"over the limit of {OTHER_LIMIT_S} s"
        if isinstance(found[name], str):
            console.print(f"{name}: {found[name]}")
    return found


def draw(rows: list[dict[str, Any]]) -> None:
    """Write the picture of growth."""
    rows = [row for row in rows if row["geography"] == "cities" and "ratio_clock" in row]

    def line(name: str, who: str, key: str) -> Line:
        return Line(name, tuple((row["students"], row[who][key]) for row in rows))

    times = [
        line("every level, lottery, certificate", "ours", "processor_s"),
        line("raw: one level", "raw", "processor_s"),
    ]
    memory = [line("every level, lottery, certificate", "ours", "peak_mb"), line("raw: one level", "raw", "peak_mb")]
    charts = [("seconds of processor time", times), ("peak memory, MB (the round itself included)", memory)]
    PICTURE.write_text(picture("Placing students, one process", charts), encoding="utf-8")


def main() -> None:
    """Measure and print tables, a picture and a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also 200 000 and 650 000 students: many minutes")
    parser.add_argument("--quick", action="store_true", help="without peers and the other parts' benches")
    asked = parser.parse_args()
    console = Console(width=140)
    sizes = SIZES + (LARGE if asked.large else ())
    rows = [both(*size, limit_s=LARGE_LIMIT_S, geography=where) for size in sizes for where in GEOGRAPHIES]
    show_sizes(console, "every level, lottery and certificate, beside one flow of one level", rows)
    two = [both(*sizes[-1], limit_s=LARGE_LIMIT_S, geography="regions", workers=2)]
    show_sizes(console, "two processes where geography cuts cleanly (their processor time added up)", two)
    ranks = [both(18_000, 4_500, limit_s=LARGE_LIMIT_S, geography="cities", objective="rank_maximal")]
    show_sizes(console, "rank_maximal", ranks)
    if asked.large:
        draw(rows)
    found: dict[str, Any] = {"growth": rows, "two_processes": two, "rank_maximal": ranks}
    found["folder"] = pipeline(console, students=18_000, slots=4_500)
    if not asked.quick:
        found |= {"peers": peers(console), **others(console)}
    machine = {"machine": platform.platform(), "cores": psutil.cpu_count(), "load": psutil.getloadavg()[0]}
    print(json.dumps({**machine, **found}))


if __name__ == "__main__":
    main()
