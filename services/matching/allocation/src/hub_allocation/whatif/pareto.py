"""What one level costs in another: the Pareto front between rank cost and minutes, or between rank cost and priority.

Everything the objective ``balanced`` decides before the two is held at its optimum, so every point places as many
students. The points given are the *supported* ones, those that are best for some exchange rate between the two: found
exactly, by solving again with the slope between two neighbours until nothing lies below (Aneja & Nair 1979, "Bicriteria
transportation problem", Management Science 25, 73-78). Other allocations that are not dominated may lie above the
straight lines between them; none lies below. In small rounds those can be asked for too (see every).
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hub_allocation.components.prepared import Prepared
from hub_allocation.errors import AllocationError
from hub_allocation.instance import Longs
from hub_allocation.progress import Reporter
from hub_allocation.whatif.corners import Corner, Search
from hub_allocation.whatif.every import MOST_PAIRS, refuse_large

AGAINST = ("minutes", "priority")
MOST_POINTS = 15


@dataclass(frozen=True, slots=True)
class Point:
    """One allocation of the front, verified."""

    rank_cost: int
    other: int
    """Minutes, or the sum of priorities."""
    chosen: Longs
    corner: bool
    """Whether it is a corner of the front: the only best for some exchange rate between the two."""


@dataclass(frozen=True, slots=True)
class Front:
    """Points that are not dominated, in order of their rank cost."""

    against: str
    """``minutes`` (to be few) or ``priority`` (to be great)."""
    held: dict[str, int]
    """The levels that are the same at every point."""
    points: tuple[Point, ...]
    kind: str
    """``supported``: the corners of the front; ``every``: all of its points."""
    complete: bool
    """Whether all points of this kind are here; False when the number asked for or the time ended the search."""
    proven: bool
    """Whether every solve was carried to its proof."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON knows it, without the allocations."""
        return {
            "between": ["rank_cost", self.against],
            "held": self.held,
            "kind": self.kind,
            "complete": self.complete,
            "proven": self.proven,
            "points": [
                {"rank_cost": point.rank_cost, self.against: point.other, "corner": point.corner}
                for point in self.points
            ],
        }


def front(
    prepared: Prepared,
    *,
    against: str,
    clock: Callable[[], float],
    deadline: float,
    reporter: Reporter,
    most: int = MOST_POINTS,
    every: bool = False,
) -> Front:
    """Find the points between rank cost and another level.

    Args:
        prepared: the round; its objective does not matter, its rank costs do.
        against: one of AGAINST.
        clock: seconds of a clock that never goes back.
        deadline: when a search outside the network stops, by that clock.
        reporter: asked whether to go on.
        most: how many points are enough, >= 2; the widest gaps are filled first.
        every: look for all points, supported or not; for small rounds.

    Raises:
        BadInput: every point is asked for of a round too large for it.
        PriorityNeeded: see weighing.
        TooLarge: the two costs together don't fit exact arithmetic.
        Stopped: the caller wants no answer any more.
    """
    if every:
        refuse_large(prepared)
    search = Search(prepared, against, solves=most, clock=clock, deadline=deadline, reporter=reporter)
    first, last = search.end(rank_first=True), search.end(rank_first=False)
    corners, complete = _corners(search, first, last, most=MOST_PAIRS if every else most)
    if not search.proven:
        corners, complete = search.best_of(corners), False
    held = search.held(corners)
    more: list[Corner] = []
    if every:
        more, complete = search.all_between(corners[0], corners[-1], held=held, most=most)
    own, ends = {corner.cost for corner in corners}, (corners[0], corners[-1])
    found = [_point(search, one, corner=True) for one in corners if not every or one in ends]
    found += [_point(search, one, corner=one.cost in own) for one in more]
    found.sort(key=lambda point: point.rank_cost)
    return Front(against, held, tuple(found), "every" if every else "supported", complete, search.proven)


def _corners(search: Search, first: Corner, last: Corner, *, most: int) -> tuple[list[Corner], bool]:
    """The corners between two ends, the widest gaps first, and whether these are all."""
    corners = [first] if first.cost == last.cost else [first, last]
    gaps = [_gap(first, last)] if len(corners) > 1 else []
    while gaps and len(corners) < most:
        search.reporter.tell("points", len(corners), most)
        _, _, left, right = heapq.heappop(gaps)
        found = search.between(left, right)
        if found is not None:
            corners.append(found)
            heapq.heappush(gaps, _gap(left, found))
            heapq.heappush(gaps, _gap(found, right))
    return sorted(corners, key=lambda corner: corner.cost), not gaps


def _gap(left: Corner, right: Corner) -> tuple[int, tuple[int, int], Corner, Corner]:
    """A gap, by the area in which a corner could lie, the largest first; no two gaps share their left corner."""
    area = (right.cost[0] - left.cost[0]) * (left.cost[1] - right.cost[1])
    return -area, left.cost, left, right


def _point(search: Search, found: Corner, *, corner: bool) -> Point:
    """A point as it is handed over: every rule rechecked."""
    fault = search.fault(found)
    if fault is not None:
        raise AllocationError(f"a point of the front breaks a rule: {fault}")
    rank_cost, other = found.cost
    if search.against == "priority":
        other = int(search.priority[found.chosen].sum())
    return Point(rank_cost, other, found.chosen, corner)
