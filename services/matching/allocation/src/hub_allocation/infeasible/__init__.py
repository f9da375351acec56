"""When nothing is feasible: a smallest set of rules that, dropped, makes it so, each with what it stands against.

Pins that plain limits rule out are bad input and told before any solving; what is found here only solving can tell,
such as a pinned student's group that too few others could join, or companions who don't fit beside the pins.
"""

from collections.abc import Callable

from hub_allocation.eligibility import Pairs
from hub_allocation.errors import InputError
from hub_allocation.instance import Flags, Instance

__all__ = ["rules_to_drop"]


def rules_to_drop(
    instance: Instance,
    pairs: Pairs,
    *,
    fixed: Flags | None = None,
    check: Callable[[], None] = lambda: None,
) -> list[InputError]:
    """Find a smallest set of rules without which some allocation keeps all others.

    Args:
        instance: the round.
        pairs: its P pairs; every pin among them a feasible one.
        fixed: pairs that are to stay whatever comes (P), for a frozen change run.
        check: called before each search; raises to stop.

    Returns:
        One line for each rule, naming the rules that it can't hold together with; empty when all rules can hold.
    """
    from hub_allocation.infeasible.model import Builder, near_fixed  # loads OR-Tools
    from hub_allocation.infeasible.rules import rules_at
    from hub_allocation.infeasible.smallest import conflict, smallest

    near = near_fixed(pairs, fixed)
    rules = rules_at(instance, pairs, near, fixed=fixed)
    droppable = Builder(instance, pairs, near).build(rules)
    dropped = smallest(droppable, rules, check=check)
    return [
        rules[at].line([rules[other] for other in conflict(droppable, at, dropped=dropped, check=check)])
        for at in dropped
    ]
