"""The published priority formula; pure, so that anyone can recompute a figure by hand."""

from collections.abc import Mapping
from dataclasses import dataclass

MAX_PRIORITY = 1000
POINTS_PER_MISSING_DAY = 20
ENTITLEMENT_DAYS = 10
POINTS_PER_UNPLACED_ROUND = 150
POINTS_PER_LOW_RANKED_ROUND = 50
ROUNDS_COUNTED = 2
LOW_RANK = 4
"""From this rank on a result counts as low-ranked."""

FREE_SCHOOL_MEALS = "free_school_meals"
DEFAULT_SUPPORT_POINTS: Mapping[str, int] = {FREE_SCHOOL_MEALS: 100, "sen_support": 100, "ehc_plan": 200}
"""Points for a support need; a programme may set its own."""


@dataclass(frozen=True, slots=True)
class History:
    """What earlier rounds gave a student."""

    days_done: int = 0
    rounds_unplaced: int = 0
    rounds_low_ranked: int = 0


def priority(
    history: History,
    *,
    needs: frozenset[str] = frozenset(),
    support_points: Mapping[str, int] = DEFAULT_SUPPORT_POINTS,
) -> int:
    """Give a student's priority in a round: a whole number from 0 to 1000, more for those who missed out.

    ``min(1000, 20 x days of the entitlement still missing (0 to 10) + 150 x earlier rounds without a place (at most 2)
    + 50 x earlier rounds with a place of rank 4 or worse (at most 2) + points for support needs)``

    Worked example: a student has 3 of 10 days behind them, had no place in one earlier round and a fifth choice in
    another, and has free school meals: 20 x 7 + 150 x 1 + 50 x 1 + 100 = 440.

    Args:
        history: days done (whole days, >= 0) and results of earlier rounds (counts, >= 0).
        needs: codes of the student's support needs; a code without points counts nothing.
        support_points: points by code; negative ones are refused where the programme is entered.

    Returns:
        0 to 1000. Only this number leaves the registry, never what it is made of.
    """
    missing = max(0, ENTITLEMENT_DAYS - history.days_done)
    points = (
        POINTS_PER_MISSING_DAY * missing
        + POINTS_PER_UNPLACED_ROUND * min(ROUNDS_COUNTED, history.rounds_unplaced)
        + POINTS_PER_LOW_RANKED_ROUND * min(ROUNDS_COUNTED, history.rounds_low_ranked)
        + sum(support_points.get(need, 0) for need in needs)
    )
    return max(0, min(MAX_PRIORITY, points))
