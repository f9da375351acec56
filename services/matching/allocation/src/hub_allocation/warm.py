"""Compile what is compiled at first use, so that no run has to wait for it."""

from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from hub_allocation.solve import Solved, solve
from hub_schemas.tables import canonical_bytes


def warm_up() -> bool:
    """Load OR-Tools and compile (or load from numba's cache) every loop by solving a round of one student."""
    days = "2027-06-07"
    files = {
        "students": canonical_bytes("students", [("a", "s", "10", "2012-01", *[""] * 11)]),
        "slots": canonical_bytes("slots", [("b", "e", "", "", "", "virtual", "", days, "1", *[""] * 7)]),
        "preferences": canonical_bytes("preferences", [("a", "1", "b")]),
    }
    return isinstance(solve(read_instance(files, Policy()), clock=lambda: 0.0), Solved)
