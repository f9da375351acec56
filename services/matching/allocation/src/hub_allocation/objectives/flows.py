"""The objectives that a flow solves, by name."""

from collections.abc import Callable

from hub_allocation.flow.charges import Charge
from hub_allocation.flow.exact import Optimum, PairIds, solve_levels
from hub_allocation.flow.network import Market
from hub_allocation.instance import Flags, Instance, Ints
from hub_allocation.objectives import balanced, rank_maximal
from hub_allocation.policy import Policy


def charges_of(policy: Policy, market: Market, *, standing: Flags | None = None) -> list[Charge]:
    """The levels of the policy's objective but the lottery, as costs; ``standing`` says which pairs stand."""
    objective = rank_maximal if policy.objective == "rank_maximal" else balanced
    found: list[Charge] = objective.charges(market, standing=standing)
    return found


def best_allocation(
    instance: Instance,
    market: Market,
    pair_ids: PairIds,
    *,
    check: Callable[[], None],
    settled: Callable[[Ints], None],
    standing: Flags | None = None,
) -> Optimum:
    """Solve a market exactly in every level of the policy's objective.

    Args:
        instance: for the policy.
        market: what is to decide.
        pair_ids: (student_id, slot_id) of pairs, for the lottery.
        check: called before each step; raises to stop.
        settled: told each student's option (-1: unplaced) once every level but the lottery is settled.
        standing: which pairs are placements of the allocation that stands; adds the level ``moves``.

    Raises:
        TooLarge: a level does not fit exact arithmetic.
    """
    levels = charges_of(instance.policy, market, standing=standing)
    return solve_levels(
        instance.policy.lottery_seed, market, pair_ids, charges=levels, check=check, settled=settled
    )  # fmt: skip
