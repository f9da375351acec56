"""The objective ``rank_maximal``: most placements of rank 1, then of rank 2, …; [moves,] priority, minutes, lottery."""

import numpy as np

from hub_allocation.flow.charges import Charge
from hub_allocation.flow.network import Market
from hub_allocation.instance import Flags


def charges(market: Market, *, standing: Flags | None = None) -> list[Charge]:
    """The levels but the lottery, as costs: a placement of a rank counts -1 in that rank's level.

    Args:
        market: what is to decide.
        standing: which pairs are placements of the allocation that stands; adds ``moves``.
    """
    ranks = range(1, market.last_rank + 1)
    moves = [] if standing is None else [Charge("moves", (~standing[market.pair]).astype(np.int8), None)]
    return [
        *(Charge(f"rank_{rank}", -(market.rank == rank).astype(np.int8), None) for rank in ranks),
        *moves,
        Charge("priority", None, market.priority),
        Charge("minutes", market.minutes, None),
    ]
