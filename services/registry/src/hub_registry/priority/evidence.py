"""What the published formula gives a student, part by part, in words; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hub_registry.priority.model import (
    ENTITLEMENT_DAYS,
    MAX_PRIORITY,
    POINTS_PER_LOW_RANKED_ROUND,
    POINTS_PER_MISSING_DAY,
    POINTS_PER_UNPLACED_ROUND,
    ROUNDS_COUNTED,
    History,
)

NEEDS: Final[Mapping[str, str]] = {
    "free_school_meals": "Free school meals",
    "sen_support": "SEN support",
    "ehc_plan": "Education, health and care plan",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a priority: what it is for, and its points."""

    words: str
    points: int


def evidence(
    history: History, *, needs: frozenset[str], support_points: Mapping[str, int], credit: int
) -> tuple[list[Part], int]:
    """List what a student's priority is made of; adds up to what ``priority`` and ``raised`` give.

    Args:
        history: days done and results of earlier rounds.
        needs: codes of support needs.
        support_points: the programme's points by code.
        credit: points that the round's policy gives for earlier rounds.

    Returns:
        The parts, and their sum: at most 1000, without credit and with it.
    """
    missing = max(0, ENTITLEMENT_DAYS - history.days_done)
    unplaced, low = min(ROUNDS_COUNTED, history.rounds_unplaced), min(ROUNDS_COUNTED, history.rounds_low_ranked)
    parts = [
        Part(
            f"{missing} of the {ENTITLEMENT_DAYS} days every student is due are still missing",
            POINTS_PER_MISSING_DAY * missing,
        ),
        Part(f"Earlier rounds without a place: {history.rounds_unplaced}", POINTS_PER_UNPLACED_ROUND * unplaced),
        Part(
            f"Earlier rounds with a fourth choice or worse: {history.rounds_low_ranked}",
            POINTS_PER_LOW_RANKED_ROUND * low,
        ),
        *(Part(NEEDS.get(need, need), support_points.get(need, 0)) for need in sorted(needs)),
    ]
    own = min(MAX_PRIORITY, sum(part.points for part in parts))
    if credit:
        parts.append(Part("This round's own credit for earlier results", credit))
    return parts, min(MAX_PRIORITY, own + credit)
