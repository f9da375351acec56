"""The network that is left of a component when the rules that leave it are dropped: its optimum and its prices."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from hub_allocation.flow.network import Market, build_market
from hub_allocation.flow.read_off import certificate_of
from hub_allocation.general.part import Part
from hub_allocation.instance import Flags, Ints
from hub_allocation.lottery import pair_ids
from hub_allocation.objectives.flows import best_allocation
from hub_allocation.proof.certificate import Certificate


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The best allocation when only the network's rules count."""

    taken: Flags
    """The component's pairs (V), those forced among them; each once."""
    values: tuple[int, ...]
    """What it comes to in every level: no allocation of the component is better."""
    certificate: Certificate
    market: Market
    """The network, over the component's pairs."""
    option: Ints
    """Each of its students' option; -1: unplaced."""


def relax(
    part: Part, *, forced: Flags, never: Flags | None = None, standing: Flags | None, check: Callable[[], None]
) -> Relaxed:
    """Solve the network relaxation of a component exactly.

    Args:
        part: the component.
        forced: its pairs that are taken in any case (V).
        never: pairs to leave out, because no allocation has them (V); None: all are in.
        standing: its pairs that stand from before (V); None: nothing does.
        check: raises to stop.
    """
    market = build_market(part.instance, part.pairs, within=None if never is None else ~never, fixed=forced)
    market = replace(market, last_rank=part.last_rank)
    names = partial(pair_ids, part.instance, part.pairs)
    optimum = best_allocation(
        part.instance, market, names, check=check, settled=lambda _: None, standing=standing
    )  # fmt: skip
    options = market.pair[optimum.taken[optimum.taken >= 0]]
    taken = forced.copy()
    taken[options] = True
    # A student with several places may have been given one slot twice: it counts twice here.
    every = np.concatenate([np.flatnonzero(forced), options])
    placed = len(np.unique(part.student[every]))
    values = tuple(placed if aim.once else int(aim.weight[every].sum()) for aim in part.aims)
    return Relaxed(taken, values, certificate_of(market, optimum), market, optimum.taken)
