"""What ranked preferences must be: dense from 1 for each student, ties share a rank, a slot once; no I/O."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hub_schemas.ids import SlotId, StudentId

HIGHEST_RANK = 1_000


@dataclass(frozen=True, slots=True)
class Preference:
    """One ranked preference; rank 1 is best."""

    student_id: StudentId
    rank: int
    slot_id: SlotId


@dataclass(frozen=True, slots=True)
class Gap:
    """A student's ranks jump: ``rank`` (at ``place`` in what was given) without a rank ``missing``."""

    place: int
    rank: int
    missing: int

    @property
    def text(self) -> str:
        """The gap in plain words."""
        return (
            f"is {self.rank}, but this student has no rank {self.missing}: ranks run 1, 2, 3 (ties share one: 1, 1, 2)"
        )


def first_gap(ranks: Sequence[tuple[int, int]]) -> Gap | None:
    """Find the first gap in one student's ranks.

    Args:
        ranks: R pairs (rank, place); ranks >= 1, any order, ties allowed.

    Returns:
        The lowest rank with a gap before it, at the first place it stands; None when ranks are dense from 1.
        Cost O(R log R).
    """
    expected = 1
    for rank, place in sorted(ranks):
        if rank > expected:
            return Gap(place, rank, expected)
        expected = rank + 1
    return None


def gaps(ranked: Iterable[tuple[str, int, int]]) -> Iterator[Gap]:
    """Find each student's first gap among (student, rank, place)."""
    by_student: dict[str, list[tuple[int, int]]] = {}
    for student, rank, place in ranked:
        by_student.setdefault(student, []).append((rank, place))
    for ranks in by_student.values():
        if (gap := first_gap(ranks)) is not None:
            yield gap
