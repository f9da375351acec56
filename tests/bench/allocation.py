"""The allocation library beside one direct OR-Tools min-cost flow of the rank cost alone ("raw"), in the same run.

python -m tests.bench.allocation --students 18000 --slots 4500 --repeat 3
"""

import argparse
import json
import platform
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from ortools.graph.python import min_cost_flow
from rich.console import Console
from rich.table import Table

from hub_allocation.eligibility import Pairs, find_pairs
from hub_allocation.folder import read_files
from hub_allocation.instance import Instance
from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from hub_allocation.result import make_result
from hub_allocation.solve import Solved, solve
from hub_allocation.stopwatch import Stopwatch
from hub_allocation.verify import verify
from hub_allocation.warm import warm_up
from tests.bench.allocation_instances import write_round


def raw(instance: Instance, pairs: Pairs) -> int:
    """Rank cost of one direct flow: students to slots to a sink, and a dear way past the slots."""
    feasible = pairs.at(pairs.feasible)
    students, slots = len(instance.students), len(instance.slots)
    who, sink = np.arange(students, dtype=np.int32), students + slots
    cost = instance.policy.cost_of(feasible.rank)
    dear = int(cost.max()) * 1000
    places = np.arange(slots, dtype=np.int32)
    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([feasible.student, who, students + places]).astype(np.int32),
        np.concatenate([students + feasible.slot, np.full(students, sink), np.full(slots, sink)]).astype(np.int32),
        np.concatenate([np.ones(len(feasible) + students, np.int64), instance.slots.capacity]),
        np.concatenate([cost, np.full(students, dear), np.zeros(slots, np.int64)]),
    )
    flow.set_nodes_supplies(
        np.arange(sink + 1, dtype=np.int32),
        np.append(np.append(np.ones(students), np.zeros(slots)), -students).astype(np.int64),
    )
    if flow.solve() != flow.OPTIMAL:
        raise RuntimeError("the raw flow found no optimum")
    return int(flow.optimal_cost())


def measure(folder: Path, policy: Policy) -> dict[str, Any]:
    """Seconds of raw, of each stage of ours, and of verifying, for one round."""
    watch = Stopwatch(time.perf_counter)
    with watch.stage("read"):
        instance = read_instance(read_files(folder), policy)
    pairs = find_pairs(instance)
    with watch.stage("raw"):
        raw(instance, pairs)
    outcome = solve(instance, clock=time.perf_counter, watch=watch)
    if not isinstance(outcome, Solved):
        raise RuntimeError(outcome.status)
    result = make_result(outcome, watch=watch)
    with watch.stage("write"):
        files = result.files()
    with watch.stage("verify"):
        verdict = verify(instance, files)
    if not verdict.accepted:
        raise RuntimeError("\n".join(verdict.reasons))
    exact = watch.seconds["solve"] + watch.seconds["certificate"]
    return {**watch.seconds, "exact": exact, "ratio": exact / watch.seconds["raw"], "exchanges": outcome.exchanges}


def main() -> None:
    """Measure as asked on the command line and print a table and a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=18_000)
    parser.add_argument("--slots", type=int, default=4_500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--plain", action="store_true", help="no reserves, no limits for schools, equal priorities")
    asked = parser.parse_args()
    warm_up()
    with tempfile.TemporaryDirectory() as made:
        write_round(Path(made), students=asked.students, slots=asked.slots, seed=asked.seed, rules=not asked.plain)
        runs = [measure(Path(made), Policy()) for _ in range(asked.repeat)]
    best = min(runs, key=lambda run: run["exact"])
    medians = {key: float(np.median([run[key] for run in runs])) for key in best}
    medians["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    table = Table(
        "what", "median", title=f"{asked.students} students, {asked.slots} slots, {asked.repeat} runs, seconds"
    )
    for key, value in medians.items():
        table.add_row(key, f"{value:.3f}")
    Console().print(table)
    print(json.dumps({"machine": platform.platform(), **vars(asked), **medians}))


if __name__ == "__main__":
    main()
