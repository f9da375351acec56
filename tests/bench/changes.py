"""Changes to an allocation in memory: how long each takes beside solving afresh, over hundreds of cases.

python -m tests.bench.changes --cases 400
"""

import argparse
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from hub_allocation.change.loaded import Changed, ChangeRefused, Loaded
from hub_allocation.components.prepared import prepare
from hub_allocation.components.shares import solve_share
from hub_allocation.eligibility import Pairs
from hub_allocation.folder import read_files
from hub_allocation.instance import Instance
from hub_allocation.levels import Level
from hub_allocation.policy import Policy
from hub_allocation.progress import Reporter
from hub_allocation.reading.tables import read_instance
from hub_allocation.solve import Solved, finish, solve
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


def cases(loaded: Loaded, kind: str, *, count: int, seed: int) -> list[tuple[float, float]]:
    """Seconds, of the clock and of the processor, of each change of one kind, made one after the other.

    On a machine that does other things as well the processor's are the fairer ones.
    """
    rng = np.random.default_rng(seed)
    loaded.ready()
    found: list[tuple[float, float]] = []
    standing = loaded.placements()
    for at in rng.permutation(len(standing)):
        who, what = standing[at]
        began, busy = time.perf_counter(), time.thread_time()
        try:
            _change(loaded, kind, who=who, what=what)
        except ChangeRefused:
            continue
        found.append((time.perf_counter() - began, time.thread_time() - busy))
        if len(found) == count:
            break
    return found


def _change(loaded: Loaded, kind: str, *, who: str, what: str) -> Changed:
    if kind in ("withdraw", "decline"):
        return loaded.withdraw(who) if kind == "withdraw" else loaded.decline(who)
    made: Changed = getattr(loaded, kind)(what)
    return made


class Afresh:
    """The same changes made to the round itself, which is then solved from the start."""

    def __init__(self, instance: Instance, pairs: Pairs, loaded: Loaded) -> None:
        self.instance, self.pairs = instance, pairs
        self._stood = loaded.placements()
        self._student = {name: at for at, name in enumerate(instance.students.ids)}
        self._slot = {name: at for at, name in enumerate(instance.slots.ids)}

    def change(self, kind: str, *, who: str, what: str) -> None:
        """Make one change."""
        slot, slots = self._slot[what], self.instance.slots
        if kind in ("withdraw", "decline"):
            gone = self.pairs.student == self._student[who]
            if kind == "decline":
                gone &= self.pairs.slot == slot
            self.pairs = replace(self.pairs, broken=np.where(gone, 1, self.pairs.broken).astype(np.uint16))
            return
        capacity, reserved = slots.capacity.copy(), slots.reserved.copy()
        capacity[slot] = 0 if kind == "close_slot" else capacity[slot] + (1 if kind == "add_seat" else -1)
        self.instance = replace(
            self.instance, slots=replace(slots, capacity=capacity, reserved=np.minimum(reserved, capacity))
        )

    def levels(self, loaded: Loaded) -> tuple[Level, ...]:
        """The levels of the best allocation with fewest moves; from now on what ``loaded`` holds stands."""
        at = np.array([(self._student[who], self._slot[what]) for who, what in self._stood], dtype=np.int64)
        width = len(self.instance.slots)
        stood = np.isin(self.pairs.student.astype(np.int64) * width + self.pairs.slot, at[:, 0] * width + at[:, 1])
        prepared = prepare(self.instance, pairs=self.pairs, standing=stood)
        reporter = Reporter(None, clock=time.perf_counter, start=time.perf_counter(), cancelled=None)
        share = solve_share(prepared, None, clock=time.perf_counter, deadline=float("inf"), reporter=reporter)
        self._stood = loaded.placements()
        return finish(prepared, [share]).levels


def check(*, students: int, slots: int, count: int, seed: int = 1) -> int:
    """Make changes of every kind in memory and afresh; how many agreed in every level (all, or an error is raised)."""
    instance, pairs, outcome, _ = round_of(students, slots, seed=seed)
    loaded = Loaded(instance, pairs, outcome.chosen)
    afresh = Afresh(instance, pairs, loaded)
    rng = np.random.default_rng(seed)
    made = 0
    while made < count:
        kind = KINDS[made % len(KINDS)]
        who, what = loaded.placements()[rng.integers(len(loaded.placements()))]
        try:
            told = _change(loaded, kind, who=who, what=what)
        except ChangeRefused:
            continue
        afresh.change(kind, who=who, what=what)
        if told.levels != afresh.levels(loaded):
            raise RuntimeError(f"case {made}, {kind} of {who} at {what}: memory and a fresh solve differ")
        made += 1
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
        figures[kind] = _figures(cases(loaded, kind, count=count, seed=seed))
        began = time.perf_counter()
        loaded.ready()
        figures[kind]["ready_ms"] = 1000 * (time.perf_counter() - began)
    return figures


def _figures(seconds: list[tuple[float, float]]) -> dict[str, float]:
    found = 1000 * np.array(seconds)
    (middle, busy), (high, busy_high) = np.percentile(found, [50, 95], axis=0)
    return {
        "median_ms": middle, "p95_ms": high, "most_ms": found[:, 0].max(), "cases": len(found),
        "cpu_median_ms": busy, "cpu_p95_ms": busy_high,
    }  # fmt: skip


def main() -> None:
    """Print a table and a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=18_000)
    parser.add_argument("--slots", type=int, default=4_500)
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check", type=int, default=0, help="compare so many changes with solving afresh, first")
    asked = parser.parse_args()
    if asked.check:
        made = check(students=asked.students, slots=asked.slots, count=asked.check, seed=asked.seed)
        print(f"{made} changes agree with solving afresh in every level")
    found = measure(students=asked.students, slots=asked.slots, count=asked.cases, seed=asked.seed)
    title = (
        f"{asked.students:,} students, {asked.slots:,} slots; solving afresh {found['solve_ms']:,.0f} ms, "
        f"loading {found['load_ms']:.0f} ms"
    )
    table = Table("change", "cases", "median ms", "95 % ms", "most ms", "cpu median", "cpu 95 %", title=title)
    columns = ("median_ms", "p95_ms", "most_ms", "cpu_median_ms", "cpu_p95_ms")
    for name in KINDS:
        row = found[name]
        figures = [f"{row[key]:.3f}" for key in columns]
        table.add_row(name, str(row["cases"]), *figures)
    Console().print(table)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
