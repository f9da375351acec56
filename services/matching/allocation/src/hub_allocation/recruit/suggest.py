"""The best few additional seats by sector and area, one after the other, each confirmed by solving again."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hub_allocation.instance import Instance
from hub_allocation.recruit.areas import slot_areas
from hub_allocation.recruit.seats import seat_values
from hub_allocation.solve import Solved

Solve = Callable[[Instance], Solved]
TRIES = 3
"""How many estimates may turn out to gain nothing before a step looks at exact values only."""

HEADER = ("step", "sector", "area", "slot_id", "kind")
"""Of suggestions.csv; then what each level was expected to change by, and after ``confirmed_`` what it did."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One more seat: where it does most good, what it was expected to change and what it did."""

    sector: str
    area: str
    slot_id: str
    """The slot of that sector and area whose days and rules the seat was tried with."""
    exact: bool
    expected: dict[str, int]
    confirmed: dict[str, int]

    def cells(self, step: int) -> tuple[str, ...]:
        """The row of suggestions.csv."""
        kind = "exact" if self.exact else "estimate"
        figures = (*self.expected.values(), *self.confirmed.values())
        return (str(step), self.sector, self.area, self.slot_id, kind, *map(str, figures))


def best_seats(solved: Solved, count: int, *, solve: Solve) -> list[Suggestion]:
    """Find where to recruit: each seat is the best one given those before it.

    Args:
        solved: the round as it stands.
        count: how many seats to suggest at most.
        solve: solves a changed round as that one was solved.

    Returns:
        Suggestions in order; fewer where no further seat would gain anything but another draw.
    """
    found: list[Suggestion] = []
    areas = slot_areas(solved.instance)
    while len(found) < count:
        step = _next(solved, areas, solve=solve)
        if step is None:
            break
        suggestion, solved = step
        found.append(suggestion)
    return found


def _next(solved: Solved, areas: list[str], *, solve: Solve) -> tuple[Suggestion, Solved] | None:
    values = seat_values(solved.prepared, solved.chosen)
    worth = values.worth()
    # Best first; between equals the slot that comes first.
    order = np.lexsort((np.arange(len(worth)), *(-worth.T[::-1])))
    slots = solved.instance.slots
    failed = 0
    for slot in order.tolist():
        if not worth[slot].any():
            return None
        if failed == TRIES and not values.exact[slot]:
            continue
        again = solve(_one_more(solved.instance, slot))
        old = {level.name: level.value for level in solved.levels}
        confirmed = {level.name: level.value - old[level.name] for level in again.levels if level.name in values.names}
        gain = [confirmed[name] * (1 if up else -1) for name, up in zip(values.names, values.maximise, strict=True)]
        if next((one for one in gain if one), 0) <= 0:
            failed += 1
            continue
        expected = dict(zip(values.names, values.change[slot].tolist(), strict=True))
        exact = bool(values.exact[slot])
        return Suggestion(slots.sector[slot], areas[slot], slots.ids[slot], exact, expected, confirmed), again
    return None


def _one_more(instance: Instance, slot: int) -> Instance:
    capacity = instance.slots.capacity.copy()
    capacity[slot] += 1
    return replace(instance, slots=replace(instance.slots, capacity=capacity))
