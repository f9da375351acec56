"""What a run comes to for each student and each placement: the ground for every comparison."""

from dataclasses import dataclass

import numpy as np

from hub_allocation.eligibility import Pairs
from hub_allocation.instance import NONE, Instance, Ints, Longs
from hub_allocation.solve import Solved

UNRANKED = 0
"""The rank of a placement the student did not rank."""
UNPLACED = NONE
"""Stands for the rank of a student without a placement."""

BANDS = (15, 30, 45, 60, 90)
"""Upper ends, in minutes one way, of the bands of travel; what is longer goes into one more."""
BAND_NAMES = ("virtual", "0-15", "16-30", "31-45", "46-60", "61-90", "over 90")


@dataclass(frozen=True, slots=True)
class Run:
    """One policy's allocation of a round, under a name that tells it from the others."""

    name: str
    solved: Solved

    @property
    def instance(self) -> Instance:
        """The round under this policy."""
        return self.solved.instance

    @property
    def pairs(self) -> Pairs:
        """Its pairs; another policy may find others feasible."""
        return self.solved.pairs


def best_ranks(instance: Instance, pairs: Pairs, chosen: Longs) -> Ints:
    """The best rank each student reached; UNRANKED where no placement was ranked, UNPLACED where there is none."""
    worst = np.iinfo(np.int32).max
    best = np.full(len(instance.students), worst, dtype=np.int32)
    rank = pairs.rank[chosen]
    np.minimum.at(best, pairs.student[chosen], np.where(rank > 0, rank, worst - 1))
    return np.where(best == worst, UNPLACED, np.where(best == worst - 1, UNRANKED, best)).astype(np.int32)


def rank_name(rank: int) -> str:
    """A student's outcome in words: ``1st``, ``2nd``, …, ``unranked``, ``unplaced``."""
    if rank == UNPLACED:
        return "unplaced"
    if rank == UNRANKED:
        return "unranked"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(rank % 10 if rank % 100 not in (11, 12, 13) else 0, "th")
    return f"{rank}{ending}"


def rank_spread(ranks: Ints) -> dict[str, int]:
    """How many students reached each rank as their best, in order; the sum is the number of students."""
    last = int(ranks.max(initial=0))
    wanted = [*range(1, last + 1), UNRANKED, UNPLACED]
    return {rank_name(rank): int((ranks == rank).sum()) for rank in wanted}


def travel_spread(pairs: Pairs, chosen: Longs) -> dict[str, int]:
    """How many placements take how long to reach, in bands of minutes; the sum is the number of placements."""
    virtual = pairs.mode[chosen] == NONE
    band = np.where(virtual, 0, 1 + np.searchsorted(BANDS, pairs.minutes[chosen], side="left"))
    return dict(zip(BAND_NAMES, np.bincount(band, minlength=len(BAND_NAMES)).tolist(), strict=True))
