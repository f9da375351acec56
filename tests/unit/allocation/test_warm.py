"""After warming up, a round is solved and explained with nothing left to compile or to load."""

import subprocess
import sys

import pytest

SOLVED_WITHOUT_COMPILING = """
import sys
import time
from numba.core.registry import CPUDispatcher
from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from hub_allocation.result import make_result
from hub_allocation.solve import solve
from hub_allocation.stopwatch import Stopwatch
from hub_allocation.warm import warm_up
from hub_schemas.tables import canonical_bytes

assert warm_up()
objective, count, least = sys.argv[1], int(sys.argv[2]), sys.argv[3]
day, students, slots = "2027-06-07", [f"s{n}" for n in range(count)], [f"p{n}" for n in range(count // 4)]
files = {
    "students": canonical_bytes("students", [(s, "a", "10", "2012-01", *[""] * 11) for s in students]),
    "slots": canonical_bytes("slots", [(p, "e", *[""] * 3, "virtual", "", day, "3", least, *[""] * 6) for p in slots]),
    "preferences": canonical_bytes(
        "preferences",
        [(s, str(k + 1), slots[(n * n + k) % len(slots)]) for n, s in enumerate(students) for k in range(4)],
    ),
}


def ready():
    modules = [module for name, module in sys.modules.items() if name.startswith("hub_allocation")]
    loops = {loop for module in modules for loop in vars(module).values() if isinstance(loop, CPUDispatcher)}
    return {loop.py_func.__qualname__: len(loop.signatures) for loop in loops}


before = ready()
policy = Policy.from_mapping({"objective": objective, "time_limit_seconds": 10})
result = make_result(solve(read_instance(files, policy), clock=time.monotonic), watch=Stopwatch(lambda: 0.0))
print(len(result.placements) > 0, [name for name, count in ready().items() if count > before.get(name, 0)])
"""


@pytest.mark.parametrize(
    ("objective", "students", "least"),
    [("balanced", 30, ""), ("balanced", 30, "2"), ("balanced", 100, "2"), ("stable", 30, "")],
    ids=["a network", "groups", "many groups", "stable"],
)
def test_a_round_waits_for_no_loop_after_warming_up(objective: str, students: int, least: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SOLVED_WITHOUT_COMPILING, objective, str(students), least],
        stdout=subprocess.PIPE, text=True, check=True, timeout=300,
    )  # fmt: skip
    assert done.stdout.split() == ["True", "[]"]
