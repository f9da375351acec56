"""Who wins and who loses between two runs, by rank."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hub_allocation.instance import Ints
from hub_allocation.whatif.outcomes import UNPLACED, UNRANKED, rank_name


@dataclass(frozen=True, slots=True)
class Mover:
    """A student whose best placement is ranked better or worse in another run."""

    student_id: str
    before: int
    after: int
    """Best rank; UNRANKED and UNPLACED as in outcomes."""

    def as_dict(self) -> dict[str, str]:
        """The student with both outcomes in words."""
        return {"student_id": self.student_id, "from": rank_name(self.before), "to": rank_name(self.after)}


@dataclass(frozen=True, slots=True)
class Movers:
    """Every student of a round, once: better, worse or the same in ``after`` than in ``before``."""

    before: str
    after: str
    better: tuple[Mover, ...]
    worse: tuple[Mover, ...]
    same: int

    def as_dict(self) -> dict[str, Any]:
        """Counts, then the lists: opaque ids, no names."""
        return {
            "from": self.before,
            "to": self.after,
            "counts": {"better": len(self.better), "worse": len(self.worse), "same": self.same},
            "better": [mover.as_dict() for mover in self.better],
            "worse": [mover.as_dict() for mover in self.worse],
        }


def movers(student_ids: list[str], before: tuple[str, Ints], after: tuple[str, Ints]) -> Movers:
    """Compare what two runs come to for each student.

    Args:
        student_ids: the S students, in the order of the ranks.
        before: a run's name and each student's best rank (S).
        after: the same of another run.

    Returns:
        Better and worse ordered by student. A lower rank is better; any rank is better than a placement not ranked,
        and that is better than none.
    """
    standing = _standing(before[1]), _standing(after[1])
    found = [
        Mover(student_ids[at], int(before[1][at]), int(after[1][at]))
        for at in np.flatnonzero(standing[0] != standing[1]).tolist()
    ]
    better = tuple(mover for mover in found if _is_better(mover))
    worse = tuple(mover for mover in found if not _is_better(mover))
    return Movers(before[0], after[0], better, worse, len(student_ids) - len(found))


def _is_better(mover: Mover) -> bool:
    before, after = _standing(np.array([mover.before, mover.after], dtype=np.int32)).tolist()
    return bool(after < before)


def _standing(ranks: Ints) -> Ints:
    """Ranks as numbers of which the smaller is the better."""
    largest = np.iinfo(np.int32).max
    return np.where(ranks == UNPLACED, largest, np.where(ranks == UNRANKED, largest - 1, ranks)).astype(np.int32)
