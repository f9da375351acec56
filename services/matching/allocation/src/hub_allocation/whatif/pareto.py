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
from math import gcd
from typing import Any

import numpy as np

from hub_allocation.errors import AllocationError, TooLarge
from hub_allocation.instance import Longs
from hub_allocation.levels import rank_costs
from hub_allocation.prepared import Prepared
from hub_allocation.progress import Reporter
from hub_allocation.verify import limit_faults
from hub_allocation.whatif.every import LARGEST, NextPoints, refuse_large
from hub_allocation.whatif.weighing import weighed
from hub_schemas.credit import TOP_PRIORITY

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
    search = _Search(prepared, against, clock=clock, deadline=deadline, reporter=reporter)
    first, last = search.end(rank_first=True), search.end(rank_first=False)
    corners, complete = _corners(search, first, last, most=LARGEST if every else most)
    held = search.held(corners)
    more: list[_Corner] = []
    if every:
        more, complete = search.all_between(first, last, held=held, most=most)
    own = {corner.cost for corner in corners}
    found = [search.point(one, corner=True) for one in corners if not every or one is first or one is last]
    found += [search.point(one, corner=one.cost in own) for one in more]
    found.sort(key=lambda point: point.rank_cost)
    return Front(against, held, tuple(found), "every" if every else "supported", complete, search.proven)


def _corners(search: "_Search", first: "_Corner", last: "_Corner", *, most: int) -> "tuple[list[_Corner], bool]":
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
    return corners, not gaps


@dataclass(frozen=True, slots=True)
class _Corner:
    cost: tuple[int, int]
    """Rank cost, and what else is to be small."""
    chosen: Longs


def _gap(left: _Corner, right: _Corner) -> tuple[int, tuple[int, int], _Corner, _Corner]:
    """A gap, by the area in which a corner could lie, the largest first; no two gaps share their left corner."""
    area = (right.cost[0] - left.cost[0]) * (left.cost[1] - right.cost[1])
    return -area, left.cost, left, right


class _Search:
    def __init__(
        self,
        prepared: Prepared,
        against: str,
        *,
        clock: Callable[[], float],
        deadline: float,
        reporter: Reporter,
    ) -> None:
        instance, pairs = prepared.instance, prepared.pairs
        self.prepared, self.against = prepared, against
        self.clock, self.deadline, self.reporter = clock, deadline, reporter
        self.priority = instance.students.priority[pairs.student]
        self.rank_cost = rank_costs(instance, pairs)
        minutes = np.maximum(pairs.minutes, 0).astype(np.int64)
        self.other = minutes if against == "minutes" else TOP_PRIORITY - self.priority
        self.proven = True

    def end(self, *, rank_first: bool) -> _Corner:
        """The least of one, and the least of the other that goes with it."""
        placements = len(self.prepared.instance.students) * self.prepared.instance.policy.places_per_student
        lesser = self.other if rank_first else self.rank_cost
        more_than_all = placements * self._largest(lesser) + 1
        return self._solve(*((more_than_all, 1) if rank_first else (1, more_than_all)))

    def between(self, left: _Corner, right: _Corner) -> _Corner | None:
        """A corner below the straight line between two others; None when there is none."""
        by_rank, by_other = left.cost[1] - right.cost[1], right.cost[0] - left.cost[0]
        both = gcd(by_rank, by_other)
        by_rank, by_other = by_rank // both, by_other // both
        found = self._solve(by_rank, by_other)
        on_line = by_rank * left.cost[0] + by_other * left.cost[1]
        return found if by_rank * found.cost[0] + by_other * found.cost[1] < on_line else None

    def held(self, corners: list[_Corner]) -> dict[str, int]:
        """What is the same at all points; raises AllocationError when it is not."""
        students = {len(np.unique(self.prepared.pairs.student[corner.chosen])) for corner in corners}
        placements = {len(corner.chosen) for corner in corners}
        held = {"students": students, "placements": placements}
        if self.against == "minutes":
            held["priority"] = {int(self.priority[corner.chosen].sum()) for corner in corners}
        if self.proven and any(len(values) > 1 for values in held.values()):
            raise AllocationError(f"points of one front differ in what is held: {held}")
        return {name: max(values) for name, values in held.items()}

    def all_between(
        self, first: _Corner, last: _Corner, *, held: dict[str, int], most: int
    ) -> tuple[list[_Corner], bool]:
        """The points between two ends by rising rank cost, at most so many with the ends, and whether these are all."""
        if first.cost == last.cost:
            return [], True
        search = NextPoints(
            self.prepared, self.rank_cost, self.other, held=held, below=first.cost[1], clock=self.clock,
            deadline=self.deadline, reporter=self.reporter,
        )  # fmt: skip
        found: list[_Corner] = []
        while len(found) + 2 <= most:
            chosen = search.next()
            if chosen is None:
                return found, search.complete
            corner = self._corner(chosen)
            if corner.cost == last.cost:
                return found, True
            found.append(corner)
        found.pop()  # one more than asked for: there are more than these
        return found, False

    def point(self, found: _Corner, *, corner: bool) -> Point:
        """A point as it is handed over: every rule rechecked by the verifier's own code."""
        faults = limit_faults(self.prepared.instance, self.prepared.pairs, found.chosen)
        if faults:
            raise AllocationError(f"a point of the front breaks a rule: {faults[0]}")
        rank_cost, other = found.cost
        if self.against == "priority":
            other = int(self.priority[found.chosen].sum())
        return Point(rank_cost, other, found.chosen, corner)

    def _solve(self, by_rank: int, by_other: int) -> _Corner:
        nodes = 2 * (len(self.prepared.instance.slots) + len(self.prepared.instance.students) + 2)
        if (by_rank * self._largest(self.rank_cost) + by_other * self._largest(self.other)) * nodes >= 1 << 61:
            raise TooLarge("rank cost and the other level together are too large for exact arithmetic")
        cost = by_rank * self.rank_cost + by_other * self.other
        best = weighed(
            self.prepared, cost, hold_priority=self.against == "minutes", clock=self.clock, deadline=self.deadline,
            reporter=self.reporter,
        )  # fmt: skip
        self.proven &= best.proven
        return self._corner(best.chosen)

    def _corner(self, chosen: Longs) -> _Corner:
        return _Corner((int(self.rank_cost[chosen].sum()), int(self.other[chosen].sum())), chosen)

    def _largest(self, cost: Longs) -> int:
        return int(cost[self.prepared.pairs.feasible].max(initial=0))
