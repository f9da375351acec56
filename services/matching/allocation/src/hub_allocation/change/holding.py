"""Which standing placements still hold together: what a frozen change run leaves as it is.

Pins come first. Then the standing placements are gone through, those the objective values most first, and each is kept
if no rule forbids it beside those kept before: anybody can recompute who gives way when a seat is lost.
"""

from collections import Counter

import numpy as np

from hub_allocation.counted import Counted, PairCounts
from hub_allocation.eligibility import Pairs
from hub_allocation.instance import NONE, Flags, Instance, Longs
from hub_allocation.levels import rank_costs
from hub_allocation.lottery import pair_draws


def still_hold(instance: Instance, pairs: Pairs, standing: Flags) -> Flags:
    """Choose the standing placements that stay.

    Args:
        instance: the round as it is now.
        pairs: its P pairs.
        standing: which of them are standing placements (P); those that break a rule of a feasible pair don't count.

    Returns:
        Which pairs stay (P); with the pins they keep every rule. Companions stay together or not at all; a slot below
        its minimum group stays with nobody, though the run may still fill it.
    """
    order = _by_value(instance, pairs, np.flatnonzero(standing & pairs.feasible & ~pairs.pinned))
    barred = np.zeros(len(instance.slots), dtype=bool)
    while True:
        kept = _kept(instance, pairs, order[~barred[pairs.slot[order]]])
        held = kept | pairs.pinned
        count = np.bincount(pairs.slot[held], minlength=len(instance.slots))
        short = (count < instance.slots.min_group) & (np.bincount(pairs.slot[kept], minlength=len(count)) > 0)
        if not short.any():
            return kept
        barred |= short


def hold_together(instance: Instance, pairs: Pairs, taken: Flags) -> bool:
    """Whether these pairs (P) pass no limit and no slot that takes one school has several of them.

    Groups and companions are not looked at: others may join them.
    """
    rules = _Rules(instance, pairs)
    for at in np.flatnonzero(taken).tolist():
        if not rules.have_room([at]):
            return False
        rules.take(at)
    return True


def _by_value(instance: Instance, pairs: Pairs, at: Longs) -> Longs:
    """These pairs, those first that the objective's levels value most, each for itself."""
    draw = pair_draws(instance, pairs, at)
    priority = -instance.students.priority[pairs.student[at]]
    if instance.policy.objective == "rank_maximal":
        first, second = pairs.rank[at].astype(np.int64), priority
    else:
        first, second = priority, rank_costs(instance, pairs)[at]
    order: Longs = at[np.lexsort((at, draw, pairs.minutes[at], second, first))]
    return order


def _kept(instance: Instance, pairs: Pairs, order: Longs) -> Flags:
    """Keep what fits beside the pins and what was kept before."""
    rules = _Rules(instance, pairs)
    kept = np.zeros(len(pairs), dtype=bool)
    for at in np.flatnonzero(pairs.pinned).tolist():
        rules.take(at)
    companion = instance.students.companion
    with_others = order[companion[pairs.student[order]] != NONE]
    others = zip(pairs.student[with_others].tolist(), pairs.slot[with_others].tolist(), strict=True)
    at_of = dict(zip(others, with_others.tolist(), strict=True))
    for at in order.tolist():
        other = int(companion[pairs.student[at]])
        what = int(pairs.slot[at])
        together = [at]
        if other != NONE and instance.students.pinned[other] != what:
            if (other, what) not in at_of or kept[at]:
                continue  # the companion has another slot, or brought this student along
            together.append(at_of[other, what])
        if rules.have_room(together):
            for one in together:
                rules.take(one)
                kept[one] = True
    return kept


class _Rules:
    """Every rule that limits how many, as counts and limits; and the one school of single-school slots."""

    def __init__(self, instance: Instance, pairs: Pairs) -> None:
        self._instance, self._pairs = instance, pairs
        self._limits = PairCounts(instance, pairs)
        self._single = instance.slots.single_school
        self._count: Counter[Counted] = Counter()
        self._school: dict[int, int] = {}

    def have_room(self, together: list[int]) -> bool:
        """Whether these pairs of one slot fit beside those taken."""
        slot = int(self._pairs.slot[together[0]])
        if self._single[slot]:
            schools = self._instance.students.school.codes[self._pairs.student[together]].tolist()
            if len({*schools, self._school.get(slot, schools[0])}) > 1:
                return False
        asked: Counter[Counted] = Counter()
        for at in together:
            for key, most in self._limits.of(at):
                asked[key] += 1
                if self._count[key] + asked[key] > most:
                    return False
        return True

    def take(self, at: int) -> None:
        """Count a pair."""
        school = int(self._instance.students.school.codes[self._pairs.student[at]])
        self._school.setdefault(int(self._pairs.slot[at]), school)
        for key, _ in self._limits.of(at):
            self._count[key] += 1
