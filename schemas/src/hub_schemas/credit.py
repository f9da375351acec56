"""Fairness over rounds: who came off badly before has a higher priority now, by one published formula.

Three keys of the policy state it. For each earlier round a student took part in:

* unplaced, though something was ranked: ``credit_unplaced`` points;
* placed at rank r: ``credit_per_rank`` x (r - 1) points, but never more than an unplaced student gets;
* placed by the hub in a slot the student did not rank, or nothing ranked (``no_preferences``): no points.

The sum over the rounds, at most ``credit_most``, is the student's credit, and the priority of the new round is the
student's own plus the credit, at most 1000. So nobody loses by it, a worse result never earns less than a better one,
and with the defaults (0 points) nothing changes. Of several placements in one round the best-ranked counts.

Worked example: ``credit_unplaced = 100``, ``credit_per_rank = 20``, ``credit_most = 150``. First unplaced, then placed
at rank 3: 100 + 40 = 140. Unplaced twice: 200, so 150. Third and second choice: 40 + 20 = 60.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

TOP_PRIORITY = 1000
"""The highest priority a student may have, credit included."""

Earlier = Mapping[str, int | None]
"""One earlier round: each student who took part with the rank reached, None for unplaced; see ``EARNS_NOTHING``."""

EARNS_NOTHING = 0
"""Stands for the rank of a placement nobody ranked, and for a student who ranked nothing."""


class CreditRules(Protocol):
    """The keys of a policy that state the formula; whole numbers from 0 to 1000."""

    @property
    def credit_unplaced(self) -> int:
        """Points for each earlier round without a placement."""
        ...

    @property
    def credit_per_rank(self) -> int:
        """Points for each rank below the first in each earlier round."""
        ...

    @property
    def credit_most(self) -> int:
        """Most points over all earlier rounds."""
        ...


def credit(history: Sequence[Earlier], policy: CreditRules) -> dict[str, int]:
    """Work out each student's credit from what earlier rounds came to.

    Args:
        history: H earlier rounds, any order; a round without a student says nothing of that student.
        policy: the formula's three numbers.

    Returns:
        Points from 0 to ``credit_most`` for every student of any earlier round, ordered by student. Cost O(results).
    """
    points: dict[str, int] = {}
    for earlier in history:
        for student, rank in earlier.items():
            points[student] = points.get(student, 0) + _points(rank, policy)
    return {student: min(points[student], policy.credit_most) for student in sorted(points)}


def raised(priority: int, points: int) -> int:
    """The priority of a student with this credit: their sum, at most 1000."""
    return min(TOP_PRIORITY, priority + points)


def credit_fault(unplaced: int, per_rank: int) -> str | None:
    """What is wrong with the formula's numbers taken together; None when nothing is."""
    if per_rank > unplaced:
        return f"is {per_rank}, more than credit_unplaced = {unplaced}: a second choice may not earn more than nothing"
    return None


def _points(rank: int | None, policy: CreditRules) -> int:
    if rank is None:
        return policy.credit_unplaced
    return min(policy.credit_per_rank * max(0, rank - 1), policy.credit_unplaced)
