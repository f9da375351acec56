"""The objectives that a flow solves, by name."""

from collections.abc import Callable

from hub_allocation.instance import Flags, Instance, Ints, Longs
from hub_allocation.network import Market
from hub_allocation.objectives import balanced
from hub_allocation.objectives.balanced import Optimum


def best_allocation(
    instance: Instance,
    market: Market,
    pair_ids: Callable[[Longs], list[tuple[str, str]]],
    *,
    check: Callable[[], None],
    settled: Callable[[Ints], None],
    standing: Flags | None = None,
) -> Optimum:
    """Solve a market exactly in every level of the policy's objective; see the objectives' own modules."""
    return balanced.best_allocation(instance, market, pair_ids, check=check, settled=settled)
