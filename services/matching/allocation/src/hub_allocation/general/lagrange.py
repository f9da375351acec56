"""A bound better than the flow's: each student's one place is priced, and every slot then decides for itself.

With prices on the students' places, what is left falls apart by slots, each with its limits and its groups exactly as
they are: a group runs with its cheapest students, as many as it needs at least, or not at all. The prices are moved by
subgradients (Held, Wolfe & Crowder 1974, Mathematical Programming 6, 62-88; steps after Polyak 1969) from those of the
flow, whose bound is never undercut. All in whole numbers, so every bound is exact.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hub_allocation.compiled import compiled
from hub_allocation.general.decisions import Decisions
from hub_allocation.instance import Longs

STALE = 15
"""Steps without a better bound after which they are halved."""
SMALLEST = 0.005
FAR = np.int64(1) << np.int64(61)


class Slots(NamedTuple):
    """O options by slot, then group, and the limits of slots, ways in and groups."""

    start: Longs
    """Where the options of each block (one slot's students, or one group's) begin (B + 1)."""
    student: Longs
    node: Longs
    cost: Longs
    slot: Longs
    """The slot of each block (B)."""
    fewest: Longs
    held: NDArray[np.bool_]
    seats: Longs
    """Seats of each block's slot (B)."""
    high: Longs
    """The limit of each node, slots and ways in."""
    is_slot: NDArray[np.bool_]
    option: Longs
    """Where each option is in the market (O)."""


def lay_out(decisions: Decisions, cost: Longs) -> Slots:
    """Order the options of a market by slot and group; ``cost`` is what each counts (O)."""
    market, groups, flow = decisions.market, decisions.groups, decisions.flow
    slot = market.nodes.slot[market.node].astype(np.int64)
    group = flow.group
    usable = np.flatnonzero(np.append(groups.can_run, True)[group])  # -1, no group, is the last
    order = usable[np.lexsort((group[usable], slot[usable]))]
    key = slot[order] * (len(groups.slot) + 1) + group[order] + 1
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])
    block_group, block_slot = group[order][first], slot[order][first]
    some = block_group >= 0
    fewest, held = np.zeros(len(first), dtype=np.int64), np.zeros(len(first), dtype=bool)
    fewest[some], held[some] = groups.fewest[block_group[some]], groups.held[block_group[some]]
    nodes = np.arange(len(market.nodes))
    return Slots(
        np.append(first, len(order)).astype(np.int64), flow.owner[order], flow.node[order], cost[order], block_slot,
        fewest, held, market.nodes.capacity[block_slot], market.nodes.capacity, nodes < market.nodes.slots,
        order,
    )  # fmt: skip


def raise_bound(
    slots: Slots, price: Longs, *, target: int, going_on: Callable[[int], bool], steps: int = 1_000_000
) -> tuple[int, Longs]:
    """Move the students' prices to raise the bound.

    Args:
        slots: what is to decide.
        price: each student's price to begin with (M), >= 0.
        target: the sum of an allocation; the bound can't pass it.
        going_on: told the best bound after each step; False ends it.
        steps: how many at most.

    Returns:
        The best lower bound of the sum of costs, and its prices.
    """
    count = np.zeros(len(price), dtype=np.int64)
    most = max(0, -int(slots.cost.min(initial=0)))  # at a higher price nobody is taken for their own sake
    best, kept, scale, stale = -int(FAR), price, 1.0, 0
    for _ in range(steps):
        count[:] = 0
        bound = int(decide_slots(slots, price, count)) - int(price.sum())
        if bound > best:
            best, kept, stale = bound, price, 0
        else:
            stale += 1
            if stale == STALE:
                scale, stale, price = scale / 2, 0, kept
                count[:] = 0
                decide_slots(slots, price, count)
        if best >= target or scale < SMALLEST or not going_on(best):
            break
        slope = count - 1
        slope[(price == 0) & (slope < 0)] = 0
        size = int((slope * slope).sum())
        if size == 0:
            break
        step = scale * max(1, target - best) / size
        price = np.clip(price + np.round(step * slope), 0, most).astype(np.int64)
    return best, kept


@compiled
def decide_slots(slots, price, count):  # type: ignore[no-untyped-def]
    """What every slot comes to at best at these prices of students; ``count`` gets how often each student is taken."""
    total = np.int64(0)
    used = np.zeros(len(slots.high), np.int64)
    blocks = len(slots.slot)
    block = 0
    while block < blocks:
        best, chosen = np.int64(0), -1
        last = block
        while last < blocks and slots.slot[last] == slots.slot[block]:
            value = _block(slots, price, (used, count), last, False)
            if slots.held[last]:
                best, chosen = value, last
                break
            if value < best:
                best, chosen = value, last
            last += 1
        while last < blocks and slots.slot[last] == slots.slot[block]:
            last += 1
        if chosen >= 0:
            _block(slots, price, (used, count), chosen, True)
            total += best
        block = last
    return total


@compiled
def _block(slots, price, tally, block, keep):  # type: ignore[no-untyped-def]
    """One block's best sum with at least its fewest students; with ``keep`` its students are counted."""
    used, count = tally
    first, last = slots.start[block], slots.start[block + 1]
    value, at = np.empty(last - first, np.int64), np.empty(last - first, np.int64)
    size = 0
    for place in range(first, last):  # sorted by insertion: few have a sum below 0
        worth = slots.cost[place] + price[slots.student[place]]
        if worth >= 0 and slots.fewest[block] == 0:
            continue
        spot = size
        while spot > 0 and value[spot - 1] > worth:
            value[spot], at[spot] = value[spot - 1], at[spot - 1]
            spot -= 1
        value[spot], at[spot] = worth, place
        size += 1
    taken, total = 0, np.int64(0)
    for spot in range(size):
        if taken >= slots.seats[block] or (value[spot] >= 0 and taken >= slots.fewest[block]):
            break
        node = slots.node[at[spot]]
        if not slots.is_slot[node]:
            if used[node] >= slots.high[node]:
                continue
            used[node] += 1
        taken += 1
        total += value[spot]
        if keep:
            count[slots.student[at[spot]]] += 1
    for place in range(first, last):
        if not slots.is_slot[slots.node[place]]:
            used[slots.node[place]] = 0
    return total if taken >= slots.fewest[block] else FAR


def dearer(slots: Slots, price: Longs) -> Longs:
    """How much the bound at these prices rises at least if an option has to be taken (O, as the slots order them)."""
    rise = np.zeros(len(slots.student), dtype=np.int64)
    _rises(slots, price, rise)
    return rise


@compiled
def _rises(slots, price, rise):  # type: ignore[no-untyped-def]
    used, count = np.zeros(len(slots.high), np.int64), np.zeros(len(price), np.int64)
    blocks = len(slots.slot)
    own = np.zeros(blocks, np.int64)
    block = 0
    while block < blocks:
        best, last = np.int64(0), block
        while last < blocks and slots.slot[last] == slots.slot[block]:
            own[last] = _block(slots, price, (used, count), last, False)
            best = own[last] if slots.held[last] else min(best, own[last])
            last += 1
        for one in range(block, last):
            _rises_in(slots, price, rise, one, own[one] - best)
        block = last


@compiled
def _rises_in(slots, price, rise, block, opening):  # type: ignore[no-untyped-def]
    """The rises in one block: the option comes in for the worst that is taken, or beside them."""
    first, last = slots.start[block], slots.start[block + 1]
    value = price[slots.student[first:last]] + slots.cost[first:last]
    ordered = np.sort(value)
    taken, limited = 0, False
    while taken < min(slots.seats[block], last - first) and (ordered[taken] < 0 or taken < slots.fewest[block]):
        taken += 1
    for place in range(first, last):
        limited = limited or not slots.is_slot[slots.node[place]]
    worst = ordered[taken - 1] if taken > 0 else np.int64(0)
    if limited and slots.fewest[block] > 0:
        worst = ordered[-1]  # a way in that is full may have let in a dearer one
    if limited or taken < slots.seats[block]:
        worst = max(worst, np.int64(0))
    for place in range(first, last):
        rise[place] = opening + max(np.int64(0), value[place - first] - worst)
