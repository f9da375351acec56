"""One component on its own: its pairs numbered from 0, and what each counts in every level, the lottery last."""

from dataclasses import dataclass, replace

import numpy as np

from hub_allocation.eligibility import Pairs
from hub_allocation.instance import Flags, Instance, Longs
from hub_allocation.levels import LOTTERY, measures
from hub_allocation.lottery import pair_draws


@dataclass(frozen=True, slots=True)
class Aim:
    """One level of a component: the sum of what the placements count, or how many students are placed."""

    name: str
    maximise: bool
    weight: Longs
    """What each of the component's pairs counts; of ``once``, 1."""
    once: bool
    """Each student counts once, however many placements they have."""


@dataclass(frozen=True, slots=True)
class Part:
    """A component of V pairs, ordered as the round's pairs are, M students and L slots."""

    instance: Instance
    pairs: Pairs
    """The component's V pairs only."""
    at: Longs
    """Where each pair is among the round's."""
    student: Longs
    """For each pair, 0 to M - 1."""
    slot: Longs
    """For each pair, 0 to L - 1."""
    students: Longs
    """For each of the M, the student of the instance."""
    slots: Longs
    """For each of the L, the slot of the instance."""
    aims: tuple[Aim, ...]
    last_rank: int
    """The largest rank of any feasible pair of the round."""

    def __len__(self) -> int:
        return len(self.at)

    @property
    def names(self) -> list[str]:
        """The levels' names in order."""
        return [aim.name for aim in self.aims]

    @property
    def places(self) -> int:
        """Most placements of one student."""
        return self.instance.policy.places_per_student

    def values(self, taken: Flags) -> tuple[int, ...]:
        """What placements come to in every level (``taken``: V)."""
        placed = len(np.unique(self.student[taken]))
        return tuple(placed if aim.once else int(aim.weight[taken].sum()) for aim in self.aims)

    def only(self, kept: Longs) -> "Part":
        """The part that has only these of its pairs (rising), numbered anew."""
        students, student = np.unique(self.student[kept], return_inverse=True)
        slots, slot = np.unique(self.slot[kept], return_inverse=True)
        aims = tuple(replace(aim, weight=aim.weight[kept]) for aim in self.aims)
        return Part(self.instance, self.pairs.at(kept), self.at[kept], student.astype(np.int64), slot.astype(np.int64),
                    self.students[students], self.slots[slots], aims, self.last_rank)  # fmt: skip

    def most(self, aim: Aim) -> int:
        """What a level comes to at most, were each student given the dearest of their pairs."""
        order = np.lexsort((-aim.weight, self.student))
        first = np.searchsorted(self.student[order], np.arange(len(self.students)))
        place = np.arange(len(self)) - first[self.student[order]]
        return int(aim.weight[order][place < (1 if aim.once else self.places)].sum())

    def loosest(self, aim: Aim) -> int:
        """The bound that holds whatever the other levels: 0 for what is to be small."""
        return self.most(aim) if aim.maximise else 0


def make_part(instance: Instance, pairs: Pairs, at: Longs, *, standing: Flags | None) -> Part:
    """Take one component out of a round.

    Args:
        instance: the round.
        pairs: all its pairs.
        at: the component's feasible pairs, pinned ones among them.
        standing: which of the round's pairs stand from before; None: nothing does.
    """
    at = np.sort(at).astype(np.int64)
    own = pairs.at(at)
    students, student = np.unique(own.student, return_inverse=True)
    slots, slot = np.unique(own.slot, return_inverse=True)
    aims = []
    last_rank = int(pairs.rank[pairs.feasible].max(initial=0))
    for one in measures(instance, own, standing=None if standing is None else standing[at]):
        once = one.weight is None
        weight = np.ones(len(at), dtype=np.int64) if one.weight is None else one.weight.astype(np.int64)
        aims.append(Aim(one.name, one.maximise, weight, once and instance.policy.places_per_student > 1))
    if instance.policy.objective == "rank_maximal":  # every component of a round has the levels of all of them
        for rank in range(int(own.rank.max(initial=0)) + 1, last_rank + 1):
            aims.insert(rank - 1, Aim(f"rank_{rank}", True, np.zeros(len(at), dtype=np.int64), False))
    aims.append(Aim(LOTTERY, False, pair_draws(instance, pairs, at), False))
    return Part(instance, own, at, student.astype(np.int64), slot.astype(np.int64), students.astype(np.int64),
                slots.astype(np.int64), tuple(aims), last_rank)  # fmt: skip


def better(first: tuple[int, ...], second: tuple[int, ...], aims: tuple[Aim, ...]) -> bool:
    """Whether the first values are strictly better, compared level by level."""
    for aim, one, other in zip(aims, first, second, strict=True):
        if one != other:
            return (one > other) == aim.maximise
    return False
