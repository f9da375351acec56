"""Where a change run starts: the allocation that stands, and what of it must stay."""

from dataclasses import dataclass

from hub_allocation.change.holding import still_hold
from hub_allocation.change.standing import Standing, read_standing
from hub_allocation.eligibility import Pairs
from hub_allocation.instance import Flags, Instance


@dataclass(frozen=True, slots=True)
class Before:
    """What stood, and what of it must stay."""

    standing: Standing
    fixed: Flags | None
    """Which pairs stay, whatever else becomes possible (P); None when the run is not frozen."""


def read_before(
    instance: Instance, pairs: Pairs, data: bytes, *, frozen: bool, file: str = "allocations.csv"
) -> Before:
    """Read the allocation that stands against the round as it is now.

    Args:
        instance: the round.
        pairs: its P pairs.
        data: an earlier result's allocations.csv.
        frozen: whether every placement that still holds must stay.
        file: what errors call it.

    Raises:
        BadInput: it is not an allocations.csv, or names a placement twice.
    """
    standing = read_standing(instance, pairs, data, file=file)
    return Before(standing, still_hold(instance, pairs, standing.holds) if frozen else None)
