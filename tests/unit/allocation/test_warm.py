"""After warming up, a round of a network is solved and explained with nothing left to compile or to load."""

import subprocess
import sys

SOLVED_WITHOUT_COMPILING = """
import sys
from numba.core.registry import CPUDispatcher
from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from hub_allocation.result import make_result
from hub_allocation.solve import solve
from hub_allocation.stopwatch import Stopwatch
from hub_allocation.warm import warm_up
from hub_schemas.tables import canonical_bytes

assert warm_up()
day, students, slots = "2027-06-07", [f"s{n}" for n in range(30)], [f"p{n}" for n in range(7)]
files = {
    "students": canonical_bytes("students", [(s, "a", "10", "2012-01", *[""] * 11) for s in students]),
    "slots": canonical_bytes("slots", [(p, "e", *[""] * 3, "virtual", "", day, "3", *[""] * 7) for p in slots]),
    "preferences": canonical_bytes(
        "preferences", [(s, str(k + 1), slots[(n * n + k) % 7]) for n, s in enumerate(students) for k in range(4)]
    ),
}


def ready():
    modules = [module for name, module in sys.modules.items() if name.startswith("hub_allocation")]
    loops = {loop for module in modules for loop in vars(module).values() if isinstance(loop, CPUDispatcher)}
    return {loop.py_func.__qualname__: len(loop.signatures) for loop in loops}


before = ready()
result = make_result(solve(read_instance(files, Policy()), clock=lambda: 0.0), watch=Stopwatch(lambda: 0.0))
print(len(result.placements), [name for name, count in ready().items() if count > before.get(name, 0)])
"""


def test_a_network_waits_for_no_loop_after_warming_up() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SOLVED_WITHOUT_COMPILING], stdout=subprocess.PIPE, text=True, check=True, timeout=300
    )
    assert done.stdout.split() == ["21", "[]"]
