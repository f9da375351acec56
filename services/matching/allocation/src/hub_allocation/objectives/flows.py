"""The objectives that a flow solves, by name."""

from collections.abc import Callable

from hub_allocation.exact import Optimum, PairIds
from hub_allocation.instance import Flags, Instance, Ints
from hub_allocation.network import Market
from hub_allocation.objectives import balanced, rank_maximal


def best_allocation(
    instance: Instance,
    market: Market,
    pair_ids: PairIds,
    *,
    check: Callable[[], None],
    settled: Callable[[Ints], None],
    standing: Flags | None = None,
) -> Optimum:
    """Solve a market exactly in every level of the policy's objective; see the objectives' own modules."""
    solve = rank_maximal if instance.policy.objective == "rank_maximal" else balanced
    best: Optimum = solve.best_allocation(
        instance, market, pair_ids, check=check, settled=settled, standing=standing
    )  # fmt: skip
    return best
