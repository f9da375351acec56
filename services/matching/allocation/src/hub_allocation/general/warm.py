"""Compile what the search for groups compiles at first use, so that no run has to wait for it."""

from hub_allocation.components.split import split
from hub_allocation.eligibility import find_pairs
from hub_allocation.general.solve import solve_part
from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from hub_schemas.tables import canonical_bytes

DAY = "2027-06-07"


def grouped_round() -> dict[str, bytes]:
    """Three groups that compete for four students."""
    names = ("a", "b", "c", "d")
    blank = [""] * 6
    slots = [(name, "e", "", "", "", "virtual", "", DAY, "3", "2", *blank) for name in ("x", "y", "z")]
    wishes = [(who, str(1 + (at + turn) % 3), "xyz"[turn]) for at, who in enumerate(names) for turn in range(3)]
    return {
        "students": canonical_bytes("students", [(who, "s", "10", "2012-01", *[""] * 11) for who in names]),
        "slots": canonical_bytes("slots", slots),
        "preferences": canonical_bytes("preferences", wishes),
    }


def warm_groups() -> bool:
    """Decide the groups of a round as those of a large component would be."""
    instance = read_instance(grouped_round(), Policy())
    pairs = find_pairs(instance)
    solved = [
        solve_part(
            instance, pairs, part, standing=None, clock=lambda: 0.0, deadline=60.0, check=_go_on, progress=_listen,
            workers=1, exact_pairs=0,
        )
        for part in split(instance, pairs).parts
    ]  # fmt: skip
    return bool(solved)


def _go_on() -> None:
    """Nobody stops it."""


def _listen(level: str, value: int, bound: int) -> None:
    """Nobody listens."""
