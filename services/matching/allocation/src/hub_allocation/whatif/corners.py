"""The allocations that one weight or another between two costs makes best, one solve for each."""

from collections.abc import Callable
from dataclasses import dataclass
from math import gcd

import numpy as np

from hub_allocation.components.prepared import Prepared
from hub_allocation.errors import AllocationError, TooLarge
from hub_allocation.instance import Longs
from hub_allocation.levels import rank_costs
from hub_allocation.progress import Reporter
from hub_allocation.verify import limit_faults
from hub_allocation.whatif.every import NextPoints
from hub_allocation.whatif.weighing import weighed
from hub_schemas.credit import TOP_PRIORITY


@dataclass(frozen=True, slots=True, eq=False)
class Corner:
    """An allocation and its two costs."""

    cost: tuple[int, int]
    """Rank cost, and what else is to be small."""
    chosen: Longs


class Search:
    """Solves a round for one front; remembers whether every solve was proven."""

    def __init__(
        self,
        prepared: Prepared,
        against: str,
        *,
        solves: int,
        clock: Callable[[], float],
        deadline: float,
        reporter: Reporter,
    ) -> None:
        instance, pairs = prepared.instance, prepared.pairs
        self.prepared, self.against = prepared, against
        self.clock, self.deadline, self.reporter = clock, deadline, reporter
        self.solves = solves
        self.priority = instance.students.priority[pairs.student]
        self.rank_cost = rank_costs(instance, pairs)
        minutes = np.maximum(pairs.minutes, 0).astype(np.int64)
        self.other = minutes if against == "minutes" else TOP_PRIORITY - self.priority
        self.proven = True

    def end(self, *, rank_first: bool) -> Corner:
        """The least of one, and the least of the other that goes with it."""
        placements = len(self.prepared.instance.students) * self.prepared.instance.policy.places_per_student
        lesser = self.other if rank_first else self.rank_cost
        more_than_all = placements * self._largest(lesser) + 1
        return self._solve(*((more_than_all, 1) if rank_first else (1, more_than_all)))

    def between(self, left: Corner, right: Corner) -> Corner | None:
        """A corner below the straight line between two others; None when there is none."""
        by_rank, by_other = left.cost[1] - right.cost[1], right.cost[0] - left.cost[0]
        both = gcd(by_rank, by_other)
        by_rank, by_other = by_rank // both, by_other // both
        found = self._solve(by_rank, by_other)
        on_line = by_rank * left.cost[0] + by_other * left.cost[1]
        return found if by_rank * found.cost[0] + by_other * found.cost[1] < on_line else None

    def best_of(self, corners: list[Corner]) -> list[Corner]:
        """Those that are best in the levels held and that no other beats; searches cut short may find worse ones."""
        best = max(self._before(corner) for corner in corners)
        found: list[Corner] = []
        for corner in sorted((one for one in corners if self._before(one) == best), key=lambda one: one.cost):
            if not found or corner.cost[1] < found[-1].cost[1]:
                found.append(corner)
        return found

    def _before(self, corner: Corner) -> tuple[int, ...]:
        """The levels that are held, in order."""
        students = len(np.unique(self.prepared.pairs.student[corner.chosen]))
        priority = (int(self.priority[corner.chosen].sum()),) if self.against == "minutes" else ()
        return students, len(corner.chosen), *priority

    def held(self, corners: list[Corner]) -> dict[str, int]:
        """What is the same at all points; raises AllocationError when it is not."""
        values = {self._before(corner) for corner in corners}
        if len(values) > 1:
            raise AllocationError(f"points of one front differ in what is held: {sorted(values)}")
        return dict(zip(("students", "placements", "priority"), values.pop(), strict=False))

    def all_between(self, first: Corner, last: Corner, *, held: dict[str, int], most: int) -> tuple[list[Corner], bool]:
        """The points between two ends by rising rank cost, at most so many with the ends, and whether these are all."""
        if first.cost == last.cost:
            return [], True
        search = NextPoints(
            self.prepared, self.rank_cost, self.other, held=held, below=first.cost[1], clock=self.clock,
            deadline=self.deadline, reporter=self.reporter,
        )  # fmt: skip
        found: list[Corner] = []
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

    def fault(self, corner: Corner) -> str | None:
        """The first rule that an allocation breaks, by the verifier's own code; None when it keeps all."""
        faults = limit_faults(self.prepared.instance, self.prepared.pairs, corner.chosen)
        return faults[0] if faults else None

    def _solve(self, by_rank: int, by_other: int) -> Corner:
        nodes = 2 * (len(self.prepared.instance.slots) + len(self.prepared.instance.students) + 2)
        if (by_rank * self._largest(self.rank_cost) + by_other * self._largest(self.other)) * nodes >= 1 << 61:
            raise TooLarge("rank cost and the other level together are too large for exact arithmetic")
        cost = by_rank * self.rank_cost + by_other * self.other
        # The time left is dealt out to the solves to come; where the rules form a network none takes a share.
        share = (self.deadline - self.clock()) / max(1, self.solves)
        self.solves -= 1
        best = weighed(
            self.prepared, cost, hold_priority=self.against == "minutes", clock=self.clock,
            deadline=self.clock() + share, reporter=self.reporter,
        )  # fmt: skip
        self.proven &= best.proven
        return self._corner(best.chosen)

    def _corner(self, chosen: Longs) -> Corner:
        return Corner((int(self.rank_cost[chosen].sum()), int(self.other[chosen].sum())), chosen)

    def _largest(self, cost: Longs) -> int:
        return int(cost[self.prepared.pairs.feasible].max(initial=0))
