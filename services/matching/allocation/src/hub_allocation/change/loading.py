"""From a round and its placements to what a standing allocation is kept as: a market with room, options, prices."""

from dataclasses import replace

import numpy as np

from hub_allocation.eligibility import Pairs
from hub_allocation.errors import AllocationError
from hub_allocation.flow.charges import Key
from hub_allocation.flow.min_cost import whole_face
from hub_allocation.flow.network import Market, build_market
from hub_allocation.flow.prices import settle
from hub_allocation.flow.residual import FAR
from hub_allocation.instance import NONE, Instance, Ints, Longs

ROOM = 1_000_000
"""More seats than any slot will come to have."""
MOST_PRIORITY = 1000


class ChangeRefused(AllocationError):
    """The change can't be made in memory, for the reason given; solve afresh from files, or mend what it names."""


def roomy(instance: Instance) -> Instance:
    """The round with so many seats that every limit for a school that is stated could bind one day."""
    return replace(instance, slots=replace(instance.slots, capacity=instance.slots.capacity + ROOM))


def open_market(roomy: Instance, pairs: Pairs) -> Market:
    """The market with the options into slots that have no seat left too: one may come."""
    market = build_market(roomy, pairs)
    nodes = market.nodes
    grown = np.where(nodes.school == NONE, ROOM, 0)  # slots and unreserved seats; a school's share is what it is
    return replace(market, nodes=replace(nodes, capacity=nodes.capacity - grown))


def options_of(market: Market, pairs: Pairs, chosen: Longs) -> Ints:
    """The option each student of a market has."""
    of_pair = np.full(len(pairs), -1, dtype=np.int32)
    of_pair[market.pair] = np.arange(len(market.pair), dtype=np.int32)
    options = of_pair[chosen]
    options = options[options >= 0]
    taken = np.full(len(market), -1, dtype=np.int32)
    taken[market.owner()[options]] = options
    return taken


def largest_prices(market: Market, taken: Ints, key: Key, *, unit: int) -> Longs:
    """What the cheapest way of sending one student out of each node costs in the first key (N + 1)."""
    priced = settle(market, key, taken, face=whole_face(market), check=lambda: None)
    if priced.improved:
        raise ChangeRefused("what stands is not the best allocation: a frozen one, or one of another round")
    label = priced.search.label
    return np.where(label >= FAR, (MOST_PRIORITY + 2) * unit, label)
