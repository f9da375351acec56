"""What one more seat at each slot would gain, in every level of the objective.

A new seat lets one cheapest exchange in: from the unplaced and the empty seats, or from any student who would rather
be there, through whoever moves up after them. One search from the sink finds it for all slots at once.
"""

from dataclasses import dataclass

import numpy as np

from hub_allocation.components.prepared import Prepared
from hub_allocation.eligibility import Pairs
from hub_allocation.errors import TooLarge
from hub_allocation.explain.cheapest import CheapestExchanges, NotOptimal, Trees, cheapest_moves, moved_levels
from hub_allocation.explain.exchanges import Exchanges, arc_levels
from hub_allocation.instance import NONE, Flags, Instance, Longs
from hub_allocation.levels import measures
from hub_allocation.proof.day_groups import regrouped_by_a_seat
from hub_allocation.proof.optimality import sign


@dataclass(frozen=True, slots=True)
class SeatValues:
    """What each level but the lottery would change by with one more seat at each of S slots."""

    names: tuple[str, ...]
    """The K levels, in order."""
    maximise: tuple[bool, ...]
    change: Longs
    """New value less old, for each slot (S x K); zeros where the seat stays empty or only the draw differs."""
    exact: Flags
    """False where rules beyond a network make it an estimate: the best single move, whatever it leads to."""

    def worth(self) -> Longs:
        """The same with more always better (S x K)."""
        return np.where(np.array(self.maximise, dtype=bool), self.change, -self.change)


def seat_values(prepared: Prepared, chosen: Longs, *, ways: CheapestExchanges | None = None) -> SeatValues:
    """Find what one more seat at each slot would gain; its reserved seats stay as many.

    Args:
        prepared: the round, ready for solving.
        chosen: its placements; where the part whose rules form a network is not optimal, every value is an estimate.
        ways: the allocation's exchanges, if somebody else asks for them too.
    """
    instance, pairs = prepared.instance, prepared.pairs
    levels = measures(instance, pairs, standing=prepared.standing)
    network = prepared.split.network
    if instance.policy.objective == "stable":
        network = np.zeros(len(pairs), dtype=bool)
    exact = np.ones(len(instance.slots), dtype=bool)
    exact[pairs.slot[pairs.feasible & ~network]] = False
    exact &= ~(regrouped_by_a_seat(instance, pairs) | _would_leave_the_network(instance))
    cost = np.zeros((len(instance.slots), len(levels)), dtype=np.int64)
    if network.any():
        try:
            ways = ways or CheapestExchanges(prepared, chosen)
            cost = _network_costs(ways.graph, ways.trees, pairs, slots=len(instance.slots))[:, : len(levels)]
        except (NotOptimal, TooLarge):
            exact[pairs.slot[pairs.feasible]] = False
    rest = np.flatnonzero(~exact)
    if len(rest):
        cost[rest] = _single_moves(prepared, chosen, rest)
    sense = np.array([-1 if level.maximise else 1 for level in levels], dtype=np.int64)
    return SeatValues(
        tuple(level.name for level in levels), tuple(level.maximise for level in levels), cost * sense, exact
    )


def _network_costs(graph: Exchanges, found: Trees, pairs: Pairs, *, slots: int) -> Longs:
    """The cheapest way into a new seat of each slot in every level (S x K), zero where it would stay empty."""
    levels = _tree_levels(graph, found, arc_levels(graph, pairs))
    node = np.arange(slots)
    inner = graph.ways.unreserved
    # A new seat is one that anybody may take: who enters by the seats not reserved finds room there too.
    by = np.flatnonzero(inner != NONE)
    by = by[_before(found, inner[by], by)]
    node[by] = inner[by]
    gains = (found.into_arc[node] != NONE) & (sign(found.from_sink[node]) < 0)
    cost = np.where(gains[:, None], levels[node], 0)
    grouped = np.flatnonzero(graph.ways.parent[:slots] != len(graph.ways))
    if len(grouped):
        cost[grouped] = _grouped_costs(graph, found, pairs, grouped)
    return cost


def _grouped_costs(graph: Exchanges, found: Trees, pairs: Pairs, slots: Longs) -> Longs:
    """The same for slots that share their employer's limit for a day, at which a new seat leads no further.

    Whoever enters is one more among all of them, so the way into the seat begins where they come together.
    """
    inner = graph.ways.unreserved[slots]
    best = np.zeros((len(slots), graph.counts.cost.shape[1]), dtype=np.int64)
    for node in (slots, np.where(inner == NONE, slots, inner)):
        moves = cheapest_moves(graph, found, graph.ways.parent[slots], node.astype(np.int32))
        change = moved_levels(graph, pairs.student, moves)
        better = moves.possible & (sign(change - best) < 0)
        best[better] = change[better]
    return best


def _tree_levels(graph: Exchanges, found: Trees, cost: Longs) -> Longs:
    """The cost of the way from the sink to each node in every level (N + 1 x K)."""
    sink = len(graph.ways)
    total = np.zeros((sink + 1, cost.shape[1]), dtype=np.int64)
    # By pointer jumping: each round doubles the steps that are summed up.
    above = np.full(sink + 1, sink)
    reached = np.flatnonzero(found.into_arc != NONE)
    above[reached] = graph.tail[found.into_arc[reached]]
    total[reached] = cost[found.into_arc[reached]]
    while (above != sink).any():
        total = total + total[above]
        above = above[above]
    return total


def _before(found: Trees, one: "np.ndarray", other: "np.ndarray") -> Flags:
    """Whether nodes ``one`` are reached more cheaply than nodes ``other``."""
    reached = found.into_arc[one] != NONE
    cheaper = (sign(found.from_sink[one] - found.from_sink[other]) < 0) | (found.into_arc[other] == NONE)
    return np.asarray(reached & cheaper)


def _would_leave_the_network(instance: Instance) -> Flags:
    """Which slots have a rule that is needless with the seats there are and beyond a network with one more (S)."""
    slots = instance.slots
    shared = (slots.stated_per_school == slots.capacity) & (slots.reserved > 0)
    return np.asarray(shared | (slots.stated_single & (slots.capacity == 1)))


def _single_moves(prepared: Prepared, chosen: Longs, slots: Longs) -> Longs:
    """The best single move into each of these slots, in every level (len(slots) x K); zero where none gains."""
    instance, pairs = prepared.instance, prepared.pairs
    levels = measures(instance, pairs, standing=prepared.standing)
    columns = [level.loss(pairs) for level in levels]
    cost = np.append(np.stack(columns, axis=1), np.zeros((1, len(levels)), dtype=np.int64), axis=0)
    worst = np.full(len(instance.students), NONE, dtype=np.int64)
    by_rank = chosen[np.argsort(pairs.rank[chosen], kind="stable")]
    worst[pairs.student[by_rank]] = by_rank  # the last one stands
    fixed = np.zeros(len(instance.students), dtype=bool)
    fixed[pairs.student[pairs.pinned]] = True
    movable = np.flatnonzero(pairs.feasible & ~fixed[pairs.student] & np.isin(pairs.slot, slots))
    movable = movable[~np.isin(movable, chosen)]
    change = cost[movable] - cost[worst[pairs.student[movable]]]
    order = np.lexsort((*change.T[::-1], pairs.slot[movable]))
    first = order[np.unique(pairs.slot[movable[order]], return_index=True)[1]]
    best = np.zeros((len(slots), len(levels)), dtype=np.int64)
    gaining = first[sign(change[first]) < 0]
    best[np.searchsorted(slots, pairs.slot[movable[gaining]])] = change[gaining]
    return best
