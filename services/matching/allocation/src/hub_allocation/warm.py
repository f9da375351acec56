"""Compile what is compiled at first use, so that no run has to wait for it."""

from hub_allocation.general.warm import grouped_round, warm_groups
from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from hub_allocation.result import make_result
from hub_allocation.solve import Solved, solve
from hub_allocation.stopwatch import Stopwatch
from hub_schemas.tables import canonical_bytes


def warm_up() -> bool:
    """Load OR-Tools and compile (or load from numba's cache) every loop of a run: solving, proving, explaining.

    Networks, groups small and large, and ``stable`` have loops of their own.
    """
    network, stable = _network_round(), Policy.from_mapping({"objective": "stable"})
    rounds = ((network, Policy()), (network, stable), (grouped_round(), Policy()))
    return all([*(_explained(files, policy) for files, policy in rounds), warm_groups()])


def _network_round() -> dict[str, bytes]:
    """Three students want the same seat, so that there is something to explain."""
    days, students = "2027-06-07", ("a", "b", "c")
    return {
        "students": canonical_bytes("students", [(student, "s", "10", "2012-01", *[""] * 11) for student in students]),
        "slots": canonical_bytes("slots", [(x, "e", "", "", "", "virtual", "", days, "1", *[""] * 7) for x in "xy"]),
        "preferences": canonical_bytes(
            "preferences", [(student, str(rank), x) for student in students for rank, x in enumerate("xy", 1)]
        ),
    }


def _explained(files: dict[str, bytes], policy: Policy) -> bool:
    solved = solve(read_instance(files, policy), clock=lambda: 0.0)
    if not isinstance(solved, Solved):
        return False
    return bool(make_result(solved, watch=Stopwatch(lambda: 0.0)).explanations)
