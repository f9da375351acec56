"""Solves a market in several processes, this one among them: its parts share nothing, so each takes some of them.

The answer is the same as from one process: the levels, the allocation and the prices of a part do not depend on others.
Where one part is most of the market there is nothing to share out.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from hub_allocation.components.worker import Worker, go_on
from hub_allocation.flow.exact import Optimum, solve_levels
from hub_allocation.flow.neighbours import neighbours
from hub_allocation.flow.network import Market, Nodes
from hub_allocation.instance import NONE, Flags, Instance, Ints, Longs
from hub_allocation.objectives.flows import charges_of
from hub_allocation.policy import Policy

LEAST = 100_000
"""Students in a market below which starting processes takes longer than it saves."""

LATE = 30_000
"""How many students this process solves while another loads: so many more are its own."""

ENTANGLED = 0.8
"""The part of all students in one share above which sharing out saves too little."""


@dataclass(frozen=True, slots=True)
class Share:
    """Some parts of a market as a market of their own, and where its students, nodes and options were."""

    market: Market
    students: Ints
    nodes: Ints
    options: Longs


@dataclass(frozen=True, slots=True)
class _Task:
    """What a process is given."""

    policy: Policy
    market: Market
    student_ids: list[str]
    slot_ids: list[str]
    standing: Flags | None
    """For each option."""


def solve_regions(
    instance: Instance,
    market: Market,
    *,
    workers: int,
    check: Callable[[], None],
    settled: Callable[[Ints], None],
    standing: Flags | None = None,
) -> Optimum | None:
    """Solve a market exactly in every level of the policy's objective, in so many processes.

    Args:
        instance: the round.
        market: what is to decide.
        workers: how many processes, this one among them.
        check: called before each step and while waiting; raises to stop.
        settled: told each student's option (-1: unplaced) when every level is settled.
        standing: which pairs are placements of the allocation that stands.

    Returns:
        The optimum; None where sharing out does not pay, and the market is better solved by one.
    """
    if workers < 2 or len(market) < LEAST:
        return None
    with ExitStack() as running:
        others = [running.enter_context(Worker(_load)) for _ in range(workers - 1)]  # they load meanwhile
        shares = shared_out(market, workers)
        if len(shares) < 2 or max(len(share.students) for share in shares) > ENTANGLED * len(market):
            return None
        for share, other in zip(shares[1:], others, strict=False):
            other.give(_solve_elsewhere, _task(instance, market, share, standing))
        found = [_solve(_task(instance, market, shares[0], standing), check=check)]
        found += [other.answer(check) for other in others[: len(shares) - 1]]
    taken = np.full(len(market), -1, dtype=np.int32)
    label = np.zeros((len(market.nodes) + 1, len(found[0].levels)), dtype=np.int64)
    for share, best in zip(shares, found, strict=True):
        placed = np.flatnonzero(best.taken >= 0)
        taken[share.students[placed]] = share.options[best.taken[placed]]
        label[share.nodes] = best.label[:-1]
    settled(taken)
    return Optimum(taken, found[0].levels, label, sum(best.improved for best in found))


def _task(instance: Instance, market: Market, share: Share, standing: Flags | None) -> _Task:
    students, slots = instance.students.ids, instance.slots.ids
    of_slot = market.nodes.slot[share.nodes[: share.market.nodes.slots]]
    stands = None if standing is None else standing[market.pair[share.options]]
    return _Task(
        instance.policy, share.market, [students[at] for at in share.market.student.tolist()],
        [slots[at] for at in of_slot.tolist()], stands,
    )  # fmt: skip


def _load() -> None:
    """Load what a share is solved with, compiled loops included, by solving one of a single student."""
    one, none, zero = np.ones(1, dtype=np.int64), np.full(1, NONE, dtype=np.int32), np.zeros(1, dtype=np.int32)
    nodes = Nodes(limit=zero, slot=zero, school=none, parent=zero + 1, capacity=one)
    market = Market(
        nodes=nodes, student=zero, start=np.array([0, 1]), node=zero, pair=zero, rank=zero + 1, rank_cost=one,
        minutes=zero, priority=one, extra=np.zeros(1, dtype=bool), last_rank=1,
    )  # fmt: skip
    _solve(_Task(Policy(), market, ["a"], ["b"], None), check=_nobody_asks)


def _solve_elsewhere(task: _Task) -> Optimum:
    return _solve(task, check=go_on)


def _solve(task: _Task, *, check: Callable[[], None]) -> Optimum:
    market, owner = task.market, task.market.owner()

    def names(options: Longs) -> list[tuple[str, str]]:
        who, what = owner[options].tolist(), market.nodes.slot[market.node[options]].tolist()
        return [(task.student_ids[one], task.slot_ids[other]) for one, other in zip(who, what, strict=True)]

    levels = charges_of(task.policy, market, standing=task.standing)
    return solve_levels(
        task.policy.lottery_seed, market, names, charges=levels, check=check, settled=_nobody_listens
    )  # fmt: skip


def _nobody_asks() -> None:
    """Loading is too short to be stopped."""


def _nobody_listens(taken: Ints) -> None:
    """One share's allocation is not the round's."""


def shared_out(market: Market, count: int) -> list[Share]:
    """Deal the parts of a market into so many shares, the largest first, each to the share that has least.

    The first share is this process's, which begins at once; fewer shares where the others would begin too late.
    """
    parts = neighbours(market)
    sizes = np.diff(parts.student_start)
    load = np.where(np.arange(count) > 0, LATE, 0)
    share_of = np.zeros(len(parts), dtype=np.int64)
    for part in np.argsort(-sizes, kind="stable").tolist():
        share_of[part] = load.argmin()
        load[share_of[part]] += sizes[part]
    of_student, of_node = np.empty(len(market), np.int64), np.empty(len(market.nodes), np.int64)
    of_student[parts.students] = np.repeat(share_of, sizes)
    of_node[parts.nodes] = np.repeat(share_of, np.diff(parts.node_start))
    return [_cut(market, of_student == share, of_node == share) for share in np.unique(share_of).tolist()]


def _cut(market: Market, mine: Flags, nodes_mine: Flags) -> Share:
    students, nodes = np.flatnonzero(mine).astype(np.int32), np.flatnonzero(nodes_mine).astype(np.int32)
    options = np.flatnonzero(mine[market.owner()])
    place = np.full(len(market.nodes) + 1, len(nodes), dtype=np.int32)
    place[nodes] = np.arange(len(nodes), dtype=np.int32)
    old = market.nodes
    limits = Nodes(
        old.limit[nodes], place[old.slot[nodes]], old.school[nodes], place[old.parent[nodes]], old.capacity[nodes]
    )
    return Share(
        Market(
            nodes=limits,
            student=market.student[students], start=np.append(0, np.cumsum(np.diff(market.start)[students])),
            node=place[market.node[options]], pair=np.arange(len(options), dtype=np.int32), rank=market.rank[options],
            rank_cost=market.rank_cost[options], minutes=market.minutes[options], priority=market.priority[students],
            extra=market.extra[students], last_rank=market.last_rank,
        ),
        students, nodes, options,
    )  # fmt: skip
