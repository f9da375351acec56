"""The allocation as a flow: students choose a way in, ways in lead to slots, slots to the sink.

A node is a slot, a way into it with a limit of its own: the seats not reserved (for students below the reserved
priority) or one school's share (max_per_school), or what several slots lead to: their employer's limit for a day. A
student enters each slot at exactly one node; every node has one parent; what leads nowhere else leads to the sink.
Pinned students are taken out beforehand and their seats with them.
"""

from dataclasses import dataclass

import numpy as np

from hub_allocation.eligibility import Pairs
from hub_allocation.instance import NONE, Flags, Instance, Ints, Longs
from hub_allocation.levels import rank_costs
from hub_allocation.proof.certificate import EMPLOYER, SCHOOL, SEATS, UNRESERVED
from hub_allocation.proof.day_groups import DayGroups, no_groups


@dataclass(frozen=True, slots=True)
class Nodes:
    """N nodes with limits: the S slots first, then the ways in, then the groups of slots. The sink has index N."""

    limit: Ints
    """Index into certificate.LIMITS: what the node limits."""
    slot: Ints
    """Of a group, its first slot."""
    school: Ints
    """Code of the school whose share a node is; NONE for all others."""
    parent: Ints
    capacity: Longs
    """Seats left once the pins have theirs."""

    def __len__(self) -> int:
        return len(self.slot)

    @property
    def slots(self) -> int:
        """How many of the nodes are slots."""
        return int((self.limit == SEATS).sum())

    def top(self) -> Ints:
        """The last node before the sink that each node leads to."""
        top, above = np.arange(len(self), dtype=np.int32), np.append(self.parent, len(self)).astype(np.int32)
        while True:
            further = above[top]
            if (further == len(self)).all():
                return top
            top = np.where(further == len(self), top, further)


@dataclass(frozen=True, slots=True)
class Market:
    """What is left to decide: M students, each with options; option o leads into ``node[o]``.

    Options are ordered by student; student m has ``start[m]`` to ``start[m + 1]``.
    """

    nodes: Nodes
    student: Ints
    """Index into the instance's students, for each of the M."""
    start: Longs
    node: Ints
    pair: Ints
    """Index into the pairs, for each option."""
    rank: Ints
    """For each option: 1 is best; 0: a pin that was not ranked."""
    rank_cost: Longs
    minutes: Ints | Longs
    priority: Longs
    """For each of the M students."""
    extra: Flags
    """For each of the M: stands for a second or later place of a student (a relaxation: see ``build_market``)."""
    last_rank: int
    """The largest rank of any feasible pair of the round."""

    def __len__(self) -> int:
        return len(self.student)

    def owner(self) -> Ints:
        """The student (0 to M - 1) of each option."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.start))


def build_market(
    instance: Instance,
    pairs: Pairs,
    *,
    within: Flags | None = None,
    fixed: Flags | None = None,
    groups: DayGroups | None = None,
) -> Market:
    """Lay out what the pins leave to decide.

    Args:
        instance: the round.
        pairs: its pairs; the pins among them must hold together.
        within: which pairs are laid out (P), whole components; None: all that are feasible.
        fixed: pairs that are taken beside the pins (P).
        groups: the limits of employers for a day to be kept; None: none is.

    Returns:
        The market. Options into a node (or its slot) without a seat left are not in it. Where the rules form no
        network it is a relaxation: of the rules it keeps capacity, reserved seats and, where a slot reserves none,
        the limits for each school; a student with several places left to give takes part once for each.
    """
    taken = pairs.pinned if fixed is None else pairs.pinned | fixed
    held = np.bincount(pairs.student[taken], minlength=len(instance.students))
    open_to = pairs.feasible if within is None else pairs.feasible & within
    places = instance.policy.places_per_student
    free = np.flatnonzero(open_to & ~taken & (held[pairs.student] < places))
    if groups is None:
        groups = no_groups(len(instance.slots))
    nodes, way_in = _nodes(instance, pairs, free, taken=np.flatnonzero(taken), groups=groups)
    slot = nodes.slot[way_in]
    open_ = (nodes.capacity[way_in] > 0) & (nodes.capacity[slot] > 0) & (nodes.capacity[nodes.top()[slot]] > 0)
    free, way_in = free[open_], way_in[open_]
    found, first = np.unique(pairs.student[free], return_index=True)
    students, start = found.astype(np.int64), np.append(first, len(free)).astype(np.int64)
    extra = held[students] > 0
    if places > 1:
        students, start, extra, again = _several(students, start, left=places - held[students], extra=extra)
        free, way_in = free[again], way_in[again]
    return Market(
        nodes=nodes, student=students.astype(np.int32), start=start,
        node=way_in.astype(np.int32), pair=free.astype(np.int32), rank=_of(pairs.rank, free),
        rank_cost=rank_costs(instance, pairs)[free], minutes=_of(pairs.minutes, free),
        priority=instance.students.priority[students], extra=extra,
        last_rank=int(pairs.rank[pairs.feasible].max(initial=0)),
    )  # fmt: skip


def _of(column: Ints, pairs: Longs) -> Ints:
    """A column at these pairs, in order; the column itself where it is all of them, for a country has millions."""
    return column if len(pairs) == len(column) and (np.diff(pairs) == 1).all() else column[pairs]


def _several(students: Longs, start: Longs, *, left: Longs, extra: Flags) -> tuple[Longs, Longs, Flags, Longs]:
    """Let each student appear once for each place left, no more often than there are options; and which options."""
    count = np.diff(start)
    times = np.minimum(left, count)
    who = np.repeat(np.arange(len(students)), times)
    first = np.append(True, who[1:] != who[:-1])[: len(who)]
    sizes = count[who]
    begin = np.append(0, np.cumsum(sizes))
    options = np.arange(begin[-1]) - np.repeat(begin[:-1] - start[:-1][who], sizes)
    return students[who], begin.astype(np.int64), extra[who] | ~first, options


def _nodes(instance: Instance, pairs: Pairs, free: Longs, *, taken: Longs, groups: DayGroups) -> tuple[Nodes, Ints]:
    slots, students = instance.slots, instance.students
    count = len(slots)
    # A way in is named by slot * (schools + 1) + (school, or the last for unreserved seats).
    width = len(students.school.values) + 1
    keys = _way_in_keys(instance, pairs.student, pairs.slot, width=width)
    ways = np.unique(keys[free][keys[free] != NONE])
    slot = (ways // width).astype(np.int32)
    school = (ways % width).astype(np.int32)
    school[school == width - 1] = NONE
    limit = np.where(school == NONE, slots.capacity[slot] - slots.reserved[slot], slots.max_per_school[slot])
    used = np.bincount(np.searchsorted(ways, keys[taken][np.isin(keys[taken], ways)]), minlength=len(ways))
    seats = slots.capacity - np.bincount(pairs.slot[taken], minlength=count)
    group = groups.of_slot[pairs.slot[taken]]
    hosted = groups.most - np.bincount(group[group != NONE], minlength=len(groups))
    first_group = count + len(ways)
    sink = first_group + len(groups)
    leads_to = np.where(groups.of_slot == NONE, sink, first_group + groups.of_slot)
    none = np.full(len(groups), NONE, dtype=np.int32)
    nodes = Nodes(
        limit=np.repeat([SEATS, UNRESERVED, EMPLOYER], [count, len(ways), len(groups)]).astype(np.int32),
        slot=np.concatenate([np.arange(count, dtype=np.int32), slot, groups.first]),
        school=np.concatenate([np.full(count, NONE, dtype=np.int32), school, none]),
        parent=np.concatenate([leads_to, slot, np.full(len(groups), sink)]).astype(np.int32),
        capacity=np.concatenate([seats, limit - used, hosted]).astype(np.int64),
    )
    nodes.limit[nodes.school != NONE] = SCHOOL
    way_in = np.where(keys[free] == NONE, pairs.slot[free], count + np.searchsorted(ways, keys[free]))
    return nodes, way_in.astype(np.int32)


def _way_in_keys(instance: Instance, student: Ints, slot: Ints, *, width: int) -> Longs:
    slots, students = instance.slots, instance.students
    low = students.priority[student] < instance.policy.reserved_priority
    by_school = (slots.max_per_school[slot] != NONE) & (slots.reserved[slot] == 0)
    unreserved = (slots.reserved[slot] > 0) & low
    key = slot.astype(np.int64) * width
    inner = np.where(by_school, students.school.codes[student], width - 1)
    return np.where(by_school | unreserved, key + inner, NONE)
