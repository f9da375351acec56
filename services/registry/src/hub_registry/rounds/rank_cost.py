"""What a rank costs under a policy, for worked examples; pure.

Source:
    The policy's ``rank_cost``: (rank - 1) squared, rank - 1, or a list whose last cost repeats.
"""

from collections.abc import Sequence

from hub_schemas.policy import Policy


def rank_cost(policy: Policy, rank: int) -> int:
    """Give the cost of a placement of this rank (1 is best)."""
    match policy.rank_cost:
        case "quadratic":
            return (rank - 1) ** 2
        case "linear":
            return rank - 1
        case costs:
            return costs[min(rank, len(costs)) - 1]


def weigh(policy: Policy, ranks: Sequence[int]) -> int:
    """Give the cost of several placements together."""
    return sum(rank_cost(policy, rank) for rank in ranks)


def sooner(policy: Policy, one: Sequence[int], other: Sequence[int]) -> str:
    """Say which of two outcomes for the same students costs less: "first", "second" or "same"."""
    first, second = weigh(policy, one), weigh(policy, other)
    return "same" if first == second else "first" if first < second else "second"
