"""Which groups run, and the best flow for it: every decision can be changed, tried and taken back.

A group is a slot with a minimum group, or one school at a single-school slot. For given decisions the rest is a flow
with lower limits, kept optimal from one decision to the next (``shifting``), so that each is judged by its exact
effect on every level.
"""

from dataclasses import dataclass

import numpy as np

from hub_allocation.flow.network import Market
from hub_allocation.general.compact import compact_costs
from hub_allocation.general.rules import Rules
from hub_allocation.general.shifting import Flow, close, fill, open_, place, potentials, put
from hub_allocation.instance import NONE, Flags, Ints, Longs

CHANGING = ("runs", "low", "high", "used", "now", "first", "after", "before", "potential")
ROUNDS = 1000
"""Passes over all arcs that potentials of an optimal flow need at most, by far."""

Values = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Groups:
    """What a group is in the network (G entries each)."""

    slot: Longs
    """The node of its slot."""
    fewest: Longs
    """How many it needs besides those that are forced."""
    seats: Longs
    """How many its slot takes besides those."""
    held: Flags
    """Whether it has to run because somebody is forced into it."""
    can_run: Flags


class Decisions:
    """The decisions made so far and the flow under them."""

    def __init__(self, rules: Rules, market: Market, *, taken: Ints) -> None:
        """Start from an allocation of the network relaxation, every group undecided.

        Args:
            rules: a component of one place each.
            market: its relaxation, forced pairs taken out.
            taken: each student's option in the best allocation of that (-1: unplaced).
        """
        self.rules, self.part, self.market = rules, rules.part, market
        self.groups = _groups(rules, market)
        aims = self.part.aims[:-1]
        weights = [-aim.weight if aim.maximise else aim.weight for aim in aims]
        self._weights = np.stack(weights, axis=1)[market.pair]
        cost, _ = compact_costs(self.part, aims, steps=2 * len(market.nodes))
        self.flow = _flow(rules, market, cost[market.pair])
        self._searches = 1
        self.flow.runs[~self.groups.can_run] = False
        self.decided = np.zeros(len(self.groups.slot), dtype=bool)
        for student, option in enumerate(taken.tolist()):
            put(self.flow, student, option)
        if not potentials(self.flow, ROUNDS):
            self._from_nothing()

    def _from_nothing(self) -> None:
        """Place everybody one by one: the costs are coarser than the levels and the flow was not their optimum."""
        for name in ("used", "potential"):
            getattr(self.flow, name)[:] = 0
        self.flow.now[:] = self.flow.first[:] = NONE
        for student in range(len(self.market)):
            self._searches += 1
            place(self.flow, student, self._searches)

    def values(self) -> Values:
        """What the flow comes to in every level but the lottery, less being better in each."""
        now = self.flow.now
        return tuple(self._weights[now[now >= 0]].sum(axis=0).tolist())

    def taken(self) -> Flags:
        """The pairs taken (V)."""
        taken = self.rules.forced.copy()
        taken[self.market.pair[self.flow.now[self.flow.now >= 0]]] = True
        return taken

    def students(self) -> Longs:
        """How many students each group has, besides those that are forced."""
        group = self.flow.group[self.flow.now[self.flow.now >= 0]]
        return np.bincount(group[group != NONE], minlength=len(self.groups.slot))

    def short(self) -> Longs:
        """The undecided groups with too few students, or beside another group at one slot; the fullest first."""
        own, groups = self.students(), self.groups
        beside = own < self.flow.used[groups.slot]
        some = ~self.decided & (((own > 0) & beside) | ((own < groups.fewest) & ((own > 0) | groups.held)))
        at = np.flatnonzero(some)
        return at[np.argsort((own / np.maximum(groups.fewest, 1))[at], kind="stable")[::-1]]

    def settle(self) -> None:
        """Decide every group that has enough students, or none, as it is."""
        own, groups, flow = self.students(), self.groups, self.flow
        used = flow.used[groups.slot]
        open_ = ~self.decided
        enough = np.flatnonzero(open_ & (own >= groups.fewest) & (own == used) & ((own > 0) | groups.held))
        flow.low[groups.slot[enough]] = groups.fewest[enough]
        none = np.flatnonzero(
            open_ & ~groups.held & (own == 0) & ((used == 0) | np.isin(groups.slot, groups.slot[enough]))
        )
        flow.runs[none] = False
        flow.high[groups.slot[none[used[none] == 0]]] = 0
        self.decided[enough] = self.decided[none] = True

    def leave(self, group: int) -> None:
        """Ask no more of a group that can neither run nor not run."""
        self.decided[group] = True

    def close(self, group: int) -> bool:
        """Let no group run at the group's slot; False where one has to."""
        at = self.groups.slot == self.groups.slot[group]
        if (self.groups.held & at).any():
            return False
        self._shut(at)
        return True

    def _shut(self, at: Flags) -> None:
        self.flow.runs[at] = False
        self._searches = close(self.flow, self.groups.slot[at][0], self._searches)
        self.decided[at] = True

    def run(self, group: int) -> bool:
        """Let a group run with enough students; False where there are not enough (the flow is spoilt then)."""
        if not self.groups.can_run[group]:
            return False
        slot, fewest, seats = (int(one[group]) for one in (self.groups.slot, self.groups.fewest, self.groups.seats))
        at = self.groups.slot == slot
        if self.flow.runs[at].sum() > self.flow.runs[group]:
            self._shut(at)  # two schools at one slot: the one that stays begins anew
        if self.flow.runs[group]:
            self.flow.low[slot] = fewest
            last = fill(self.flow, slot, self._searches)
        else:
            self.flow.runs[group] = True
            last = open_(self.flow, slot, fewest, seats, self._searches)
        self._searches = last or self._searches + len(self.market)
        self.decided[at] = True
        return bool(last)

    def change(self, group: int) -> bool:
        """Close a group that runs, run one that is closed; False where it can't be done (the flow is spoilt then)."""
        return self.close(group) if self.flow.runs[group] else self.run(group)

    def save(self) -> list[np.ndarray]:
        """All that changes."""
        return [getattr(self.flow, name).copy() for name in CHANGING] + [self.decided.copy()]

    def restore(self, saved: list[np.ndarray]) -> None:
        """Take everything since ``save`` back."""
        for name, kept in zip(CHANGING, saved, strict=False):
            getattr(self.flow, name)[:] = kept
        self.decided[:] = saved[-1]


def _groups(rules: Rules, market: Market) -> Groups:
    slots, pairs, count = rules.part.instance.slots, rules.part.pairs, rules.groups
    members = np.flatnonzero(rules.group != NONE)
    slot, can_run = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)
    slot[rules.group[members]] = pairs.slot[members]
    # One member that can't be taken (its companion may not come, say) keeps nobody else out.
    can_run[rules.group[members[~rules.never[members]]]] = True
    forced = np.bincount(rules.group[members[rules.forced[members]]], minlength=count)
    held, seats = forced > 0, market.nodes.capacity[slot]
    fewest = np.maximum(slots.min_group[slot] - forced, 0)
    return Groups(slot, fewest, seats, held, can_run & (seats > 0))


def _flow(rules: Rules, market: Market, cost: Longs) -> Flow:
    nodes, students = market.nodes, len(market)
    count = len(nodes)
    entry = np.argsort(market.node, kind="stable")
    child = np.argsort(nodes.parent, kind="stable")
    group = rules.group[market.pair]
    bounds = np.arange(count + 2)
    return Flow(
        start=market.start, owner=market.owner().astype(np.int64), node=market.node.astype(np.int64), cost=cost,
        group=group, entry_start=np.searchsorted(market.node[entry], bounds), entry=entry,
        parent=nodes.parent.astype(np.int64), child_start=np.searchsorted(nodes.parent[child], bounds), child=child,
        runs=np.ones(rules.groups, dtype=bool), low=np.zeros(count, dtype=np.int64), high=nodes.capacity.copy(),
        used=np.zeros(count, dtype=np.int64), now=np.full(students, NONE, dtype=np.int64),
        first=np.full(count + 1, NONE, dtype=np.int64), after=np.full(students, NONE, dtype=np.int64),
        before=np.full(students, NONE, dtype=np.int64), potential=np.zeros(count + 1, dtype=np.int64),
        distance=np.zeros(count + 1, dtype=np.int64), seen=np.zeros((2, count + 1), dtype=np.int64),
        via=np.zeros(count + 1, dtype=np.int64), towards=np.zeros(count + 1, dtype=np.int64),
    )  # fmt: skip
