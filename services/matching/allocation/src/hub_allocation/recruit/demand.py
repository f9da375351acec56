"""Demand against supply by sector and area: what is wished for, what could be had, what there is."""

import numpy as np

from hub_allocation.eligibility import Pairs
from hub_allocation.instance import Instance, Longs
from hub_allocation.recruit.areas import slot_areas

HEADER = ("sector", "area", "first_choices", "ranked_by", "could_go", "seats", "placed", "unplaced_who_could_go")


def demand(instance: Instance, pairs: Pairs, chosen: Longs) -> list[tuple[str, ...]]:
    """Set what is asked for beside what there is.

    Returns:
        Rows under HEADER for demand.csv, ordered by sector, then area; all figures count students but ``seats``:
        whose first choice is there (equal first choices count each), who ranked something there, who may take
        something there that they ranked or are interested in, seats, placements, and who may but is unplaced.
    """
    cells = list(
        zip([instance.slots.sector[at] for at in range(len(instance.slots))], slot_areas(instance), strict=True)
    )
    names = sorted(set(cells))
    at = {name: place for place, name in enumerate(names)}
    cell = np.array([at[one] for one in cells], dtype=np.int64)
    unplaced = np.ones(len(instance.students), dtype=bool)
    unplaced[pairs.student[chosen]] = False
    could = pairs.feasible
    figures = [
        _students(pairs, cell, pairs.ranked & (pairs.rank == 1), cells=len(names)),
        _students(pairs, cell, pairs.ranked, cells=len(names)),
        _students(pairs, cell, could, cells=len(names)),
        np.bincount(cell, weights=instance.slots.capacity, minlength=len(names)).astype(np.int64),
        np.bincount(cell[pairs.slot[chosen]], minlength=len(names)),
        _students(pairs, cell, could & unplaced[pairs.student], cells=len(names)),
    ]
    return [(*name, *(str(column[place]) for column in figures)) for place, name in enumerate(names)]


def _students(pairs: Pairs, cell: Longs, which: "np.ndarray", *, cells: int) -> Longs:
    """How many students have such a pair in each cell."""
    key = pairs.student[which].astype(np.int64) * cells + cell[pairs.slot[which]]
    return np.bincount(np.unique(key) % cells, minlength=cells) if cells else np.zeros(0, dtype=np.int64)
