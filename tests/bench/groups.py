"""Minimum groups at scale: 15 % of the slots run with at least 70 % of their seats or not at all, solved three ways.

python -m tests.bench.groups --students 18000 --slots 4500 --seconds 60

The ways: the library's general engine; closing the emptiest group and solving the flow again until none is short;
CP-SAT alone on the whole model from the same first allocation. Bounds: the flow without group rules, and the engine's.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from hub_allocation.components.split import split
from hub_allocation.eligibility import Pairs, find_pairs
from hub_allocation.folder import read_files
from hub_allocation.general.budget import Budget
from hub_allocation.general.decisions import Decisions
from hub_allocation.general.exact import solve_levels
from hub_allocation.general.large import conditional_bound
from hub_allocation.general.part import Part, make_part
from hub_allocation.general.relaxation import Relaxed, relax
from hub_allocation.general.repair import repaired
from hub_allocation.general.rules import Rules, make_rules
from hub_allocation.general.solve import solve_part
from hub_allocation.instance import Flags, Instance, Longs
from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from tests.bench.allocation_instances import write_round

RANK_COST = 3
MARKETS = {"spare": 1.1, "tight": 1.0}


@dataclass(frozen=True)
class Component:
    """A component with what every way starts from."""

    instance: Instance
    pairs: Pairs
    at: Longs
    part: Part
    rules: Rules
    flow: Relaxed
    """The relaxation that knows no groups."""
    open: Relaxed
    """The same without the groups that too few students could join."""


def with_groups(instance: Instance, *, seats: float, share: float = 0.15, fill: float = 0.7, seed: int = 1) -> Instance:
    """Give some slots a minimum group and scale all capacities.

    Args:
        instance: a round without minimum groups.
        seats: all seats together, in students.
        share: of the slots that get a minimum group.
        fill: the minimum group over the capacity, rounded up.
        seed: of the choice.
    """
    rng = np.random.default_rng(seed)
    slots = instance.slots
    wanted = slots.capacity * (seats * len(instance.students) / slots.capacity.sum())
    capacity = np.maximum(1, np.floor(wanted + rng.random(len(slots)))).astype(np.int64)
    chosen = rng.random(len(slots)) < share
    least = np.where(chosen, np.ceil(capacity * fill).astype(np.int64), 0)
    return replace(
        instance,
        slots=replace(
            slots,
            capacity=capacity,
            reserved=np.minimum(slots.reserved, capacity),
            min_group=np.where(least > 1, least, 0),
        ),
    )


def with_even_demand(instance: Instance, *, spread: float = 0.8, seed: int = 3) -> Instance:
    """Let everybody rank slots anywhere, popular ones somewhat more often (log-normal), all of them online.

    Then hardly a slot lacks applicants and many groups end up near their minimum: harder than skewed popularity.
    """
    rng = np.random.default_rng(seed)
    students, slots = len(instance.students), len(instance.slots)
    count = len(instance.wish_slot) // students
    liking = rng.normal(0, spread, slots)
    wishes = np.empty((students, count), dtype=np.int32)
    for first in range(0, students, 1000):
        score = liking + rng.gumbel(size=(min(1000, students - first), slots))
        best = np.argpartition(-score, count, axis=1)[:, :count]
        order = np.argsort(-np.take_along_axis(score, best, axis=1), axis=1)
        wishes[first : first + 1000] = np.take_along_axis(best, order, axis=1)
    return replace(
        instance,
        wish_student=np.repeat(np.arange(students, dtype=np.int32), count),
        wish_slot=wishes.ravel(),
        wish_rank=np.tile(np.arange(1, count + 1, dtype=np.int32), students),
        slots=replace(instance.slots, virtual=np.ones(slots, dtype=bool), min_age=np.zeros(slots, dtype=np.int64)),
    )


def make(students: int, slots: int, *, demand: str, seats: float, seed: int) -> Instance:
    """A round of this size with groups; ``demand``: a geography of ``write_round``, or even."""
    geography = "cities" if demand == "even" else demand
    with tempfile.TemporaryDirectory() as made:
        write_round(Path(made), students=students, slots=slots, seed=seed, rules=False, geography=geography)
        instance = read_instance(read_files(Path(made)), Policy(lottery_seed="groups"))
    even = with_even_demand(instance, seed=seed) if demand == "even" else instance
    return with_groups(even, seats=seats, seed=seed)


def largest_component(instance: Instance) -> Component:
    """The largest component of a round with its relaxations."""
    pairs = find_pairs(instance)
    at = max(split(instance, pairs).parts, key=len)
    part = make_part(instance, pairs, at, standing=None)
    rules = make_rules(part, forced=part.pairs.pinned)
    flow = relax(part, forced=rules.forced, standing=None, check=_go_on)
    open_ = relax(part, forced=rules.forced, never=rules.never, standing=None, check=_go_on)
    return Component(instance, pairs, at, part, rules, flow, open_)


def by_the_engine(component: Component, seconds: float) -> Flags:
    """The general engine."""
    solved = solve_part(
        component.instance, component.pairs, component.at, standing=None, clock=time.perf_counter,
        deadline=time.perf_counter() + seconds, check=_go_on, progress=lambda *_: None, workers=2,
    )  # fmt: skip
    return np.isin(component.part.at, solved.chosen)


def by_closing_the_worst(component: Component, _: float) -> Flags:
    """Close the group that is furthest from its minimum, solve the flow again, until none is short."""
    decisions = Decisions(component.rules, component.open.market, taken=component.open.option)
    decisions.settle()
    while len(short := decisions.short()):
        decisions.close(int(short[-1]))
    return decisions.taken()


def by_cp_sat_alone(component: Component, seconds: float) -> Flags:
    """CP-SAT on the whole model, level after level, from the flow's allocation with the short groups given up."""
    budget = Budget(time.perf_counter, time.perf_counter() + seconds, _go_on, 2)
    start = repaired(component.rules, component.flow.taken)
    return solve_levels(component.rules, start=start, budget=budget, progress=lambda *_: None).taken


WAYS = {"engine": by_the_engine, "close the worst": by_closing_the_worst, "CP-SAT alone": by_cp_sat_alone}


def measure(component: Component, *, seconds: float, bound_seconds: float) -> list[dict[str, object]]:
    """Each way's figures: students lost against the flow, rank cost above it, and above the proven bound."""
    rows = []
    flow, open_ = component.flow.values, component.open.values
    for name, way in WAYS.items():
        start = time.perf_counter()
        cpu = time.process_time()
        taken = way(component, seconds)
        took, cpu = time.perf_counter() - start, time.process_time() - cpu
        values = component.part.values(taken)
        row: dict[str, object] = {
            "way": name, "seconds": round(took, 1), "cpu_seconds": round(cpu, 1), "students": values[0],
            "lost": flow[0] - values[0], "lost_that_could_run": open_[0] - values[0], "rank_cost": values[RANK_COST],
            "above_flow_percent": round(100 * (values[RANK_COST] / max(1, open_[RANK_COST]) - 1), 3),
        }  # fmt: skip
        if name == "engine" and values[:RANK_COST] == open_[:RANK_COST]:
            found = conditional_bound(
                component.rules, component.open, taken, place=RANK_COST,
                going_on=_until(time.perf_counter() + bound_seconds),
            )  # fmt: skip
            if found is not None:
                above = 100 * (values[RANK_COST] / max(1, found[0]) - 1)
                row |= {"bound": found[0], "above_bound_percent": round(above, 3)}
        rows.append(row)
    return rows


def _until(end: float) -> Callable[[int], bool]:
    return lambda _: time.perf_counter() < end


def _go_on() -> None:
    """Never stops."""


def main() -> None:
    """Measure as asked on the command line; print a table and a line of JSON for each market."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=18_000)
    parser.add_argument("--slots", type=int, default=4_500)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--bound-seconds", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--demand", choices=["even", "cities", "regions"], nargs="+", default=["even", "cities"])
    asked = parser.parse_args()
    for demand in asked.demand:
        for market, seats in MARKETS.items():
            instance = make(asked.students, asked.slots, demand=demand, seats=seats, seed=asked.seed)
            component = largest_component(instance)
            rows = measure(component, seconds=asked.seconds, bound_seconds=asked.bound_seconds)
            title = (
                f"{demand} demand, {market} market: {component.rules.groups} groups, flow {component.flow.values[0]} "
                f"students, {component.open.values[0]} where groups can fill, rank cost {component.open.values[3]}"
            )
            table = Table(*rows[0], title=title)
            for row in rows:
                table.add_row(*(str(row.get(key, "")) for key in rows[0]))
            Console(width=180).print(table)
            print(json.dumps({"demand": demand, "market": market, "seats": seats, "rows": rows}), flush=True)


if __name__ == "__main__":
    main()
