"""Use cases of placements: each role's view of the run that stands, and its summary."""

from dataclasses import dataclass
from typing import Any

from hub_chassis.transaction import Transaction
from hub_registry.placements import repository
from hub_schemas.ids import RunId

TOP = 3


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run comes to; shares are of placements (0 to 1), minutes one way and of placements with a journey."""

    run_id: RunId
    students: int
    placements: int
    placed: int
    unplaced: int
    first_choice_share: float
    top3_share: float
    by_rank: dict[str, int]
    unranked: int
    """Pins that the student had not ranked."""
    minutes: dict[str, float]
    unplaced_by_reason: dict[str, int]
    by_school: list[dict[str, Any]]


async def summarise(tx: Transaction, run_id: RunId) -> Summary:
    """Count what a run with a result comes to; the caller sees the whole hub."""
    counts = await repository.load_counts(tx.conn, run_id)
    ranks = await repository.load_ranks(tx.conn, run_id)
    placements = counts["placements"]
    top = sum(count for rank, count in ranks.items() if rank is not None and rank <= TOP)
    return Summary(
        run_id=run_id,
        students=counts["placed"] + counts["unplaced"],
        placements=placements,
        placed=counts["placed"],
        unplaced=counts["unplaced"],
        first_choice_share=share(ranks.get(1, 0), placements),
        top3_share=share(top, placements),
        by_rank={str(rank): count for rank, count in ranks.items() if rank is not None},
        unranked=ranks.get(None, 0),
        minutes=await repository.load_minutes(tx.conn, run_id),
        unplaced_by_reason=await repository.load_reasons(tx.conn, run_id),
        by_school=await repository.load_by_school(tx.conn, run_id),
    )


def share(part: int, whole: int) -> float:
    """A part of a whole, 0 to 1, to four places; 0 of nothing is 0."""
    return round(part / whole, 4) if whole else 0.0
