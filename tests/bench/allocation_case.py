"""One measurement of the allocation library or of a peer, in a process of its own so that its memory is its own.

python -m tests.bench.allocation_case ours --students 18000 --slots 4500 --geography cities

Prints one line of JSON: seconds by the clock and of processor time (that of processes it starts included), peak memory,
and what was found.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from hub_allocation.eligibility import Pairs
from hub_allocation.flow.network import build_market
from hub_allocation.instance import Instance
from hub_allocation.policy import Policy
from tests.bench.allocation_instances import GEOGRAPHIES, instance_of, invent

DEAR = 1000
"""How many times the dearest rank an unplaced student costs."""


def raw(instance: Instance, pairs: Pairs) -> int:
    """One direct OR-Tools min-cost flow: students to slots to a sink, and a dear way past the slots."""
    from ortools.graph.python import min_cost_flow

    students, slots = len(instance.students), len(instance.slots)
    who, sink = np.arange(students, dtype=np.int32), students + slots
    cost = instance.policy.cost_of(pairs.rank)
    places = np.arange(slots, dtype=np.int32)
    flow = min_cost_flow.SimpleMinCostFlow()
    for tails, heads, capacity, costs in (
        (pairs.student, students + pairs.slot, np.ones(len(pairs), np.int64), cost),
        (who, np.full(students, sink, np.int32), np.ones(students, np.int64), np.full(students, dear(cost))),
        (students + places, np.full(slots, sink, np.int32), instance.slots.capacity, np.zeros(slots, np.int64)),
    ):
        flow.add_arcs_with_capacity_and_unit_cost(tails, heads, capacity, costs)
    supplies = np.append(np.append(np.ones(students), np.zeros(slots)), -students).astype(np.int64)
    flow.set_nodes_supplies(np.arange(sink + 1, dtype=np.int32), supplies)
    if flow.solve() != flow.OPTIMAL:
        raise RuntimeError("the raw flow found no optimum")
    return int(flow.optimal_cost())


def dear(cost: np.ndarray) -> int:
    """What an unplaced student costs in the peers."""
    return int(cost.max()) * DEAR


def sparse_lap(instance: Instance, pairs: Pairs) -> int:
    """SciPy's sparse assignment: a column for each seat, and one for each student to stay out."""
    cost = instance.policy.cost_of(pairs.rank)
    students, seats = len(instance.students), instance.slots.capacity
    first = np.append(0, np.cumsum(seats))
    count = seats[pairs.slot]
    row = np.repeat(pairs.student, count)
    column = np.arange(count.sum()) - np.repeat(np.append(0, np.cumsum(count)[:-1]) - first[pairs.slot], count)
    who = np.arange(students)
    weight = np.concatenate([np.repeat(cost, count), np.full(students, dear(cost))]) + 1  # a zero is no arc there
    graph = csr_array((weight, (np.append(row, who), np.append(column, first[-1] + who))))
    rows, columns = min_weight_full_bipartite_matching(graph)
    return int(graph[rows, columns].sum()) - students


def highs_lp(instance: Instance, pairs: Pairs) -> int:
    """SciPy's linear program: a column for each pair and each student's stay, a row for each student and slot."""
    cost = instance.policy.cost_of(pairs.rank)
    students, slots, options = len(instance.students), len(instance.slots), len(pairs)
    who, columns = np.arange(students), np.arange(options + students)
    one = np.ones(options + students)
    takes = csr_array((one, (np.append(pairs.student, who), columns)), shape=(students, len(columns)))
    seats = csr_array((one[:options], (pairs.slot, columns[:options])), shape=(slots, len(columns)))
    weights = np.append(cost, np.full(students, dear(cost)))
    found = linprog(
        weights, A_ub=seats, b_ub=instance.slots.capacity, A_eq=takes, b_eq=np.ones(students), method="highs"
    )
    return round(float(found.fun))


def cp_sat(instance: Instance, pairs: Pairs) -> int:
    """CP-SAT alone: a literal for each pair."""
    from ortools.sat.python import cp_model

    cost = instance.policy.cost_of(pairs.rank).tolist()
    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in cost]
    out = [model.new_bool_var("") for _ in range(len(instance.students))]
    ways: list[list[Any]] = [[stay] for stay in out]
    into: list[list[Any]] = [[] for _ in range(len(instance.slots))]
    for at, (who, what) in enumerate(zip(pairs.student.tolist(), pairs.slot.tolist(), strict=True)):
        ways[who].append(taken[at])
        into[what].append(taken[at])
    for some in ways:
        model.add_exactly_one(some)
    for some, capacity in zip(into, instance.slots.capacity.tolist(), strict=True):
        model.add(sum(some) <= capacity)
    model.minimize(sum(taken[at] * cost[at] for at in range(len(cost))) + dear(np.array(cost)) * sum(out))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    if solver.solve(model) != cp_model.OPTIMAL:
        raise RuntimeError("CP-SAT did not prove an optimum")
    return int(solver.objective_value)


def ours(instance: Instance, pairs: Pairs, *, workers: int) -> dict[str, Any]:
    """Every level, the lottery and the certificate."""
    from hub_allocation.components.regions import solve_regions
    from hub_allocation.flow.read_off import certificate_of
    from hub_allocation.objectives.flows import best_allocation

    students, slots = instance.students.ids, instance.slots.ids
    of_pair = (pairs.student, pairs.slot)

    def names(at: np.ndarray) -> list[tuple[str, str]]:
        who, what = of_pair[0][at].tolist(), of_pair[1][at].tolist()
        return [(students[one], slots[other]) for one, other in zip(who, what, strict=True)]

    market = build_market(instance, pairs)
    shared = solve_regions(instance, market, workers=workers, check=_nothing, settled=_nothing)
    best = shared or best_allocation(instance, market, names, check=_nothing, settled=_nothing)
    priced = certificate_of(market, best)
    return {
        "placed": int((best.taken >= 0).sum()), "exchanges": best.improved, "prices": len(priced.limit),
        "processes": workers if shared else 1,
    }  # fmt: skip


def _nothing(*_: object) -> None:
    """Nobody stops, nobody listens."""


PEERS: dict[str, Callable[[Instance, Pairs], int]] = {
    "raw": raw, "sparse_lap": sparse_lap, "highs_lp": highs_lp, "cp_sat": cp_sat,
}  # fmt: skip


def processor_s() -> float:
    """Processor time of this process and of those it started and waited for."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    """Measure as asked and print a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["ours", *PEERS])
    parser.add_argument("--students", type=int, default=18_000)
    parser.add_argument("--slots", type=int, default=4_500)
    parser.add_argument("--geography", choices=GEOGRAPHIES, default="cities")
    parser.add_argument("--objective", default="balanced")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="no reserves, no limits for schools, equal priorities")
    asked = parser.parse_args()
    made = invent(asked.students, asked.slots, geography=asked.geography, rules=not asked.plain)
    instance, pairs = instance_of(made, Policy(objective=asked.objective))
    del made
    if asked.what == "ours":  # compiled parts are loaded before the clock starts, as a service does
        small, few = instance_of(invent(200, 50, geography="regions"), Policy(objective=asked.objective))
        ours(small, few, workers=1)
    runs = []
    for _ in range(asked.repeat):
        wall, processor = time.perf_counter(), processor_s()
        found = (
            ours(instance, pairs, workers=asked.workers)
            if asked.what == "ours"
            else {"cost": PEERS[asked.what](instance, pairs)}
        )
        runs.append((time.perf_counter() - wall, processor_s() - processor))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    wall, processor = (float(np.median([run[at] for run in runs])) for at in (0, 1))
    figures = {"seconds": wall, "processor_s": processor, "peak_mb": peak, "child_peak_mb": children}
    print(json.dumps({**vars(asked), "pairs": len(pairs), **figures, **found}))


if __name__ == "__main__":
    main()
