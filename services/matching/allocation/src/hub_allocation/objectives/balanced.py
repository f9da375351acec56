"""The objective ``balanced``: students, placements, priority, rank cost, [moves,] minutes, lottery, in this order."""

import numpy as np

from hub_allocation.flow.charges import Charge
from hub_allocation.flow.network import Market
from hub_allocation.instance import Flags


def charges(market: Market, *, standing: Flags | None = None) -> list[Charge]:
    """The levels but the lottery, as costs.

    Args:
        market: what is to decide.
        standing: which pairs are placements of the allocation that stands; adds ``moves``.
    """
    moves = [] if standing is None else [Charge("moves", (~standing[market.pair]).astype(np.int8), None)]
    return [
        Charge("students", None, (~market.extra).astype(np.int64)),
        Charge("placements", None, np.ones(len(market), dtype=np.int64)),
        Charge("priority", None, market.priority),
        Charge("rank_cost", market.rank_cost, None),
        *moves,
        Charge("minutes", market.minutes, None),
    ]
