"""Who could move where: the residual graph of an allocation's network part, with true costs in every level.

Nodes are the slots, then the ways into them with a limit of their own (the seats not reserved, one school's share),
then the groups of slots that share their employer's limit for a day, then the sink, where unplaced students and empty
seats are. A student placed at ``a`` who may go to ``b`` makes an arc a -> b at the difference of what both count;
leaving makes an arc to the sink, an unplaced student arcs from it. A limit not reached makes an arc to what it leads
to, one in use an arc back. Of parallel arcs only the cheapest matters.

Unlike the market of the solver, pins are in it as students who don't move, and so are closed slots: what is asked here
is what else could have been.
"""

from dataclasses import dataclass

import numpy as np

from hub_allocation.components.prepared import Prepared
from hub_allocation.eligibility import Pairs
from hub_allocation.explain.packing import packed
from hub_allocation.instance import NONE, Flags, Ints, Longs
from hub_allocation.levels import measures
from hub_allocation.lottery import pair_draws

BY_LIMIT = -1
"""``via`` of an arc along a limit: nobody moves. Below it, BY_LIMIT - 1 - p is the student of pair p leaving it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What each pair counts in each level when taken (P x K, less is better) and what those levels are."""

    cost: Longs
    names: tuple[str, ...]
    maximise: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Ways:
    """Where each of the network's pairs enters: N nodes with limits, the S slots first; the sink has index N."""

    parent: Ints
    flow: Longs
    capacity: Longs
    way_in: Ints
    """For each of the P pairs, the node it enters; NONE outside the network."""
    unreserved: Ints
    """For each slot, the node of its seats that are not reserved; NONE."""

    def __len__(self) -> int:
        return len(self.parent)


@dataclass(frozen=True, slots=True)
class Exchanges:
    """A arcs without parallels, ordered by head, then tail."""

    ways: Ways
    counts: Counts
    tail: Ints
    head: Ints
    via: Longs
    """The pair somebody takes by this arc, or who leaves (see BY_LIMIT)."""
    words: Longs
    """The cost of each arc, packed (A x W)."""
    now: Longs
    """For each student of the instance, the pair held in the network; NONE."""


def exchanges(prepared: Prepared, chosen: Longs) -> Exchanges:
    """Lay out the exchanges of the network part of an allocation.

    Args:
        prepared: the round, ready for solving. Students pinned, or frozen in a change run, don't move.
        chosen: the pairs that are placements.
    """
    pairs, network = prepared.pairs, prepared.split.network
    counts = _counts(prepared)
    held = chosen[network[chosen]]
    ways = _ways(prepared, held)
    now = np.full(len(prepared.instance.students), NONE, dtype=np.int64)
    now[pairs.student[held]] = held
    still = pairs.pinned if prepared.fixed is None else pairs.pinned | prepared.fixed
    tail, head, via = _arcs(pairs, ways, now, network=network, still=still)
    cost = _arc_costs(counts.cost, pairs.student, now, via)
    words = packed(cost, _largest_sums(cost, (tail == len(ways)) | (head == len(ways)), nodes=len(ways)))
    order = np.lexsort((*words.T[::-1], tail, head))
    tail, head = tail[order], head[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    order = order[first]
    return Exchanges(ways, counts, tail[first], head[first], via[order], np.ascontiguousarray(words[order]), now)


def _counts(prepared: Prepared) -> Counts:
    instance, pairs = prepared.instance, prepared.pairs
    levels = measures(instance, pairs, standing=prepared.standing)
    columns = [level.loss(pairs) for level in levels]
    drawn = np.zeros(len(pairs), dtype=np.int64)
    at = np.flatnonzero(prepared.split.network)
    drawn[at] = pair_draws(instance, pairs, at)
    names = (*(level.name for level in levels), "lottery")
    return Counts(np.stack([*columns, drawn], axis=1), names, (*(level.maximise for level in levels), False))


def _ways(prepared: Prepared, held: Longs) -> Ways:
    instance, pairs = prepared.instance, prepared.pairs
    slots, students = instance.slots, instance.students
    count, width = len(slots), len(students.school.values) + 1
    free = np.flatnonzero(prepared.split.network)
    slot, school = pairs.slot[free].astype(np.int64), students.school.codes[pairs.student[free]]
    # A limit that equals the capacity can't bind, but it could with one more seat.
    stated = slots.stated_per_school
    by_school = (
        (stated != NONE) & (stated <= slots.capacity) & (slots.reserved == 0) | (slots.max_per_school != NONE)
    )[slot]
    low = students.priority[pairs.student[free]] < instance.policy.reserved_priority
    limited = by_school | ((slots.reserved[slot] > 0) & low)
    key = np.where(limited, slot * width + np.where(by_school, school, width - 1), NONE)
    keys = np.unique(key[limited])
    of, inner = (keys // width).astype(np.int32), keys % width
    room = np.where(inner == width - 1, slots.capacity[of] - slots.reserved[of], stated[of])
    way_in = np.full(len(pairs), NONE, dtype=np.int32)
    way_in[free] = np.where(limited, count + np.searchsorted(keys, key), slot)
    unreserved = np.full(count, NONE, dtype=np.int32)
    kept = np.flatnonzero(inner == width - 1)
    unreserved[of[kept]] = count + kept
    flow = np.bincount(way_in[held], minlength=count + len(keys))
    np.add.at(flow, of, flow[count:])
    groups, first_group = prepared.split.groups, count + len(keys)
    sink = first_group + len(groups)
    grouped = np.flatnonzero(groups.of_slot != NONE)
    hosted = np.bincount(groups.of_slot[grouped], weights=flow[grouped], minlength=len(groups))
    leads_to = np.where(groups.of_slot == NONE, sink, first_group + groups.of_slot)
    return Ways(
        parent=np.concatenate([leads_to, of, np.full(len(groups), sink)]).astype(np.int32),
        flow=np.concatenate([flow, hosted]).astype(np.int64),
        capacity=np.concatenate([slots.capacity, room, groups.most]).astype(np.int64), way_in=way_in,
        unreserved=unreserved,
    )  # fmt: skip


def _arcs(pairs: Pairs, ways: Ways, now: Longs, *, network: Flags, still: Flags) -> tuple[Ints, Ints, Longs]:
    sink = len(ways)
    nodes = np.arange(sink)
    onward, back = np.flatnonzero(ways.flow < ways.capacity), np.flatnonzero(ways.flow > 0)
    fixed = np.zeros(len(now), dtype=bool)
    fixed[pairs.student[still]] = True
    placed = np.flatnonzero((now != NONE) & ~fixed)
    option = np.flatnonzero(network & ~fixed[pairs.student])
    option = option[now[pairs.student[option]] != option]
    at = now[pairs.student[option]]
    tail = np.concatenate([
        nodes[onward], ways.parent[back], ways.way_in[now[placed]], np.where(at == NONE, sink, ways.way_in[at]),
    ])  # fmt: skip
    head = np.concatenate([ways.parent[onward], nodes[back], np.full(len(placed), sink), ways.way_in[option]])
    nobody = np.full(len(onward) + len(back), BY_LIMIT)
    via = np.concatenate([nobody, BY_LIMIT - 1 - now[placed], option])
    return tail.astype(np.int32), head.astype(np.int32), via.astype(np.int64)


def arc_levels(graph: Exchanges, pairs: Pairs) -> Longs:
    """What each arc changes in each level, unpacked (A x K); less is better."""
    return _arc_costs(graph.counts.cost, pairs.student, graph.now, graph.via)


def _arc_costs(cost: Longs, student: Ints, now: Longs, via: Longs) -> Longs:
    """What each arc changes in each level (A x K)."""
    change = np.zeros((len(via), cost.shape[1]), dtype=np.int64)
    taking = np.flatnonzero(via >= 0)
    change[taking] = cost[via[taking]]
    before = now[student[via[taking]]]
    change[taking[before != NONE]] -= cost[before[before != NONE]]
    leaving = np.flatnonzero(via < BY_LIMIT)
    change[leaving] = -cost[BY_LIMIT - 1 - via[leaving]]
    return change


def _largest_sums(cost: Longs, at_sink: Flags, *, nodes: int) -> list[int]:
    """For each level, a bound on any sum that a search compares: a path and the prices of its two ends.

    A simple path has at most one arc into the sink and one out of it, and fewer others than there are nodes.
    """
    inner = np.abs(cost[~at_sink]).max(axis=0, initial=0)
    outer = np.abs(cost[at_sink]).max(axis=0, initial=0)
    return [4 * (a * (nodes + 1) + 2 * b) for a, b in zip(inner.tolist(), outer.tolist(), strict=True)]
