"""A round made ready for solving: its pairs judged, its pins checked, its components found."""

from dataclasses import dataclass

import numpy as np

from hub_allocation.components.split import Split, split
from hub_allocation.eligibility import Pairs, find_pairs
from hub_allocation.errors import BadInput, told
from hub_allocation.instance import Flags, Instance, Longs
from hub_allocation.lottery import pair_ids
from hub_allocation.pins import pin_errors
from hub_allocation.travel.provider import TravelProvider


@dataclass(frozen=True, slots=True)
class Prepared:
    """What every engine starts from."""

    instance: Instance
    pairs: Pairs
    split: Split
    standing: Flags | None
    """Which pairs are placements of the allocation that stands; None when there is none."""
    fixed: Flags | None
    """Which of them stay as they are, whatever else becomes possible (frozen change runs)."""

    def ids(self, at: Longs) -> list[tuple[str, str]]:
        """(student_id, slot_id) of these pairs."""
        return pair_ids(self.instance, self.pairs, at)


def prepare(
    instance: Instance,
    *,
    provider: TravelProvider | None = None,
    standing: Flags | None = None,
    fixed: Flags | None = None,
    pairs: Pairs | None = None,
) -> Prepared:
    """Judge the pairs, check the pins, find the components.

    Args:
        instance: the round.
        provider: travel times for journeys that travel.csv lacks; None takes the estimate.
        standing: which pairs are placements of the allocation that stands (P).
        fixed: which of those must stay (P); all of them can hold together.
        pairs: the round's pairs, if they have been found already.

    Raises:
        BadInput: a pin that is not a feasible pair, or pins that can't all hold.
    """
    found = find_pairs(instance, provider=provider) if pairs is None else pairs
    errors = pin_errors(instance, found)
    if errors:
        raise BadInput(told(errors))
    none = None if fixed is None or not fixed.any() else np.asarray(fixed)
    return Prepared(instance, found, split(instance, found), standing, none)
