"""Compile what is compiled at first use, so that no run has to wait for it."""

from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from hub_allocation.result import make_result
from hub_allocation.solve import Solved, solve
from hub_allocation.stopwatch import Stopwatch
from hub_schemas.tables import canonical_bytes


def warm_up() -> bool:
    """Load OR-Tools and compile (or load from numba's cache) every loop of a network: solving, proving, explaining.

    Three students want the same seat, so that there is something to explain.
    """
    days, students = "2027-06-07", ("a", "b", "c")
    files = {
        "students": canonical_bytes("students", [(student, "s", "10", "2012-01", *[""] * 11) for student in students]),
        "slots": canonical_bytes("slots", [(x, "e", "", "", "", "virtual", "", days, "1", *[""] * 7) for x in "xy"]),
        "preferences": canonical_bytes(
            "preferences", [(student, str(rank), x) for student in students for rank, x in enumerate("xy", 1)]
        ),
    }
    solved = solve(read_instance(files, Policy()), clock=lambda: 0.0)
    if not isinstance(solved, Solved):
        return False
    return bool(make_result(solved, watch=Stopwatch(lambda: 0.0)).explanations)
