"""Changes to an allocation in memory: how long each takes beside solving afresh, over hundreds of cases.

python -m tests.bench.changes --cases 400
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from hub_allocation.change.loaded import Changed, ChangeRefused, Loaded
from hub_allocation.eligibility import Pairs
from hub_allocation.folder import read_files
from hub_allocation.instance import Instance
from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from hub_allocation.solve import Solved, solve
from tests.bench.allocation_instances import write_round

KINDS = ("withdraw", "lose_seat", "decline", "add_seat", "close_slot")


def round_of(students: int, slots: int, *, seed: int) -> tuple[Instance, Pairs, Solved, float]:
    """A round, solved, and the seconds that took."""
    with tempfile.TemporaryDirectory() as made:
        write_round(Path(made), students=students, slots=slots, seed=seed)
        instance = read_instance(read_files(Path(made)), Policy())
    began = time.perf_counter()
    outcome = solve(instance, clock=time.perf_counter)
    seconds = time.perf_counter() - began
    if not isinstance(outcome, Solved):
        raise RuntimeError(outcome.status)
    return instance, outcome.pairs, outcome, seconds


def cases(loaded: Loaded, kind: str, *, count: int, seed: int) -> list[float]:
    """Seconds of each change of one kind, made one after the other, each to a placement that stands by then."""
    rng = np.random.default_rng(seed)
    loaded.ready()
    found: list[float] = []
    standing = loaded.placements()
    for at in rng.permutation(len(standing)):
        who, what = standing[at]
        began = time.perf_counter()
        try:
            _change(loaded, kind, who=who, what=what)
        except ChangeRefused:
            continue
        found.append(time.perf_counter() - began)
        if len(found) == count:
            break
    return found


def _change(loaded: Loaded, kind: str, *, who: str, what: str) -> Changed:
    if kind in ("withdraw", "decline"):
        return loaded.withdraw(who) if kind == "withdraw" else loaded.decline(who)
    made: Changed = getattr(loaded, kind)(what)
    return made


def measure(*, students: int = 18_000, slots: int = 4_500, count: int = 400, seed: int = 1) -> dict[str, Any]:
    """Milliseconds of each kind of change (median, 95th percentile, most), of loading, and of solving afresh."""
    instance, pairs, outcome, solve_s = round_of(students, slots, seed=seed)
    figures: dict[str, Any] = {"students": students, "slots": slots, "cases": count, "solve_ms": 1000 * solve_s}
    Loaded(instance, pairs, outcome.chosen).withdraw(instance.students.ids[0])  # compiles, or loads what is compiled
    for kind in KINDS:
        began = time.perf_counter()
        loaded = Loaded(instance, pairs, outcome.chosen)
        figures["load_ms"] = 1000 * (time.perf_counter() - began)
        cases(loaded, kind, count=3, seed=seed + 1)  # compiles the rest
        seconds = 1000 * np.array(cases(loaded, kind, count=count, seed=seed))
        middle, high = np.percentile(seconds, [50, 95])
        figures[kind] = {"median_ms": middle, "p95_ms": high, "most_ms": seconds.max(), "cases": len(seconds)}
        began = time.perf_counter()
        loaded.ready()
        figures[kind]["ready_ms"] = 1000 * (time.perf_counter() - began)
    return figures


def main() -> None:
    """Print a table and a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=18_000)
    parser.add_argument("--slots", type=int, default=4_500)
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    found = measure(students=asked.students, slots=asked.slots, count=asked.cases, seed=asked.seed)
    title = f"{asked.students:,} students, {asked.slots:,} slots; solving afresh {found['solve_ms']:,.0f} ms, "
    table = Table("change", "cases", "median ms", "95 % ms", "most ms", title=title + f"loading {found['load_ms']:.0f}")
    for kind in KINDS:
        row = found[kind]
        figures = [f"{row[key]:.3f}" for key in ("median_ms", "p95_ms", "most_ms")]
        table.add_row(kind, str(row["cases"]), *figures)
    Console().print(table)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
