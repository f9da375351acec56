"""Decides which groups run: each that is short is filled or closed, then single and double changes while they help.

Potentials say beforehand which changes can't help: to close a group that runs by itself, or to open one whose students
would lose more than they gain (the reduced cost of the decision in the Lagrangian relaxation of the students' limits).
"""

from collections.abc import Callable

import numpy as np

from hub_allocation.general.decisions import Decisions, Values
from hub_allocation.instance import Longs

PARTNERS = 2
"""How many second changes are tried after each first one."""


def decide(decisions: Decisions, *, going_on: Callable[[Values], bool]) -> None:
    """Decide every group and improve the decisions.

    Args:
        decisions: changed in place.
        going_on: asked before each step, with the values of the best so far (the lottery left out, less is better);
            False ends the search. Groups still short then are closed.
    """
    decisions.settle()
    while len(short := decisions.short()):
        group = int(short[0])
        kept = decisions.save()
        runs = going_on(decisions.values()) or decisions.groups.held[group]
        ran = bool(runs) and decisions.run(group)
        running = (decisions.save(), decisions.values()) if ran else None
        decisions.restore(kept)
        closed = decisions.close(group)
        if running is not None and (not closed or running[1] < decisions.values()):
            decisions.restore(running[0])
        elif not closed:
            decisions.leave(group)
    decisions.settle()
    _improve(decisions, going_on)


def _improve(decisions: Decisions, going_on: Callable[[Values], bool]) -> None:
    """Single changes until none helps, then double ones, and anew until these don't help either."""
    while _pass(decisions, _single, going_on) or _pass(decisions, _double, going_on):
        pass


def _pass(decisions: Decisions, step: Callable[[Decisions, int], None], going_on: Callable[[Values], bool]) -> bool:
    """Try a step from every group that may help, and keep those that do; whether any did."""
    better = False
    for group in promising(decisions, single=step is _single):
        best = decisions.values()
        if not going_on(best):
            return False
        kept = decisions.save()
        step(decisions, group)
        if decisions.values() < best:
            better = True
        else:
            decisions.restore(kept)
    return better


def _single(decisions: Decisions, group: int) -> None:
    kept = decisions.save()
    if not decisions.change(group):
        decisions.restore(kept)


def _double(decisions: Decisions, group: int) -> None:
    """Change a group and then the best of those that this makes promising."""
    kept = decisions.save()
    if not decisions.change(group):
        decisions.restore(kept)
        return
    after, best, winner = decisions.save(), decisions.values(), decisions.save()
    for other in promising(decisions, single=True)[:PARTNERS]:
        if other == group:
            continue
        if decisions.change(other) and decisions.values() < best:
            best, winner = decisions.values(), decisions.save()
        decisions.restore(after)
    decisions.restore(winner)


def promising(decisions: Decisions, *, single: bool) -> list[int]:
    """The groups whose change may help, the most promising first; with ``single`` only those that may by themselves."""
    gain = np.concatenate([_closing(decisions), _opening(decisions)])
    group = np.concatenate([np.arange(len(gain) // 2)] * 2)
    possible = gain > (0 if single else -(np.int64(1) << 60))
    order = np.argsort(-gain[possible], kind="stable")
    found: list[int] = group[possible][order].tolist()
    return found


def _closing(decisions: Decisions) -> Longs:
    """What closing each group may gain at most: what its last student costs, for all that it must have."""
    flow, groups = decisions.flow, decisions.groups
    price = flow.potential[groups.slot] - flow.potential[-1]
    gain = price * flow.low[groups.slot]
    return np.where(flow.runs & ~groups.held & (gain > 0), gain, -(np.int64(1) << 60))


def _opening(decisions: Decisions) -> Longs:
    """What opening each group may gain at most: what its cheapest students, as many as it needs, save."""
    flow, groups = decisions.flow, decisions.groups
    closed = ~flow.runs & groups.can_run
    option = np.flatnonzero((flow.group >= 0) & closed[flow.group])
    now = flow.now[flow.owner[option]]
    here = np.where(now < 0, flow.potential[-1], flow.potential[flow.node[now]] - flow.cost[now])
    loss = here + flow.cost[option] - flow.potential[-1]
    order = np.lexsort((loss, flow.group[option]))
    of, loss = flow.group[option][order], loss[order]
    place = np.arange(len(of)) - np.searchsorted(of, of)
    counted = (place < groups.fewest[of]) | ((place < groups.seats[of]) & (loss < 0))
    total = np.zeros(len(groups.slot), dtype=np.int64)
    np.add.at(total, of[counted], loss[counted])
    enough = np.bincount(of, minlength=len(groups.slot)) >= groups.fewest
    return np.where(closed & enough, -total, -(np.int64(1) << 60))
