"""What an allocation says of each student, as rows: placements, and why the others have none."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from hub_allocation.eligibility import Pairs, dominant_rule
from hub_allocation.eligibility.pairs import NO_TIME
from hub_allocation.instance import NONE, Instance, Longs
from hub_schemas.tables import TRAVEL_MODES, quoted

ALLOCATION_HEADER = ("student_id", "slot_id", "rank", "minutes", "mode_used")
UNPLACED_HEADER = ("student_id", "reason")


@dataclass(frozen=True, slots=True)
class Placement:
    """One student in one slot."""

    student_id: str
    slot_id: str
    rank: int | None
    """None for a pin the student neither ranked nor wished for by sector."""
    minutes: int
    mode_used: str
    """Blank when virtual."""

    def cells(self) -> tuple[str, ...]:
        """The row of allocations.csv."""
        rank = "" if self.rank is None else str(self.rank)
        return self.student_id, self.slot_id, rank, str(self.minutes), self.mode_used


def placements_of(instance: Instance, pairs: Pairs, chosen: Longs) -> list[Placement]:
    """The chosen pairs as placements, ordered by student, then slot."""
    chosen = chosen[np.lexsort((pairs.slot[chosen], pairs.student[chosen]))]
    columns = (pairs.student, pairs.slot, pairs.rank, pairs.minutes, pairs.mode)
    students, slots = instance.students.ids, instance.slots.ids
    return [
        Placement(
            students[who], slots[what], rank or None, minutes, "" if mode == NONE else TRAVEL_MODES[mode]
        )
        for who, what, rank, minutes, mode in zip(*(column[chosen].tolist() for column in columns), strict=True)
    ]  # fmt: skip


def unplaced_reasons(instance: Instance, pairs: Pairs, chosen: Longs) -> list[tuple[str, str]]:
    """Why each unplaced student has nothing, ordered by student.

    ``no_preferences``: nothing was ranked or wished for; ``no_feasible_choice:RULE``: every choice breaks a rule, RULE
    the one broken by most of them (``interests``: no slot of a wished sector is possible);
    ``choices_full``: some choice was feasible, but its seats do more for others.
    """
    placed = np.zeros(len(instance.students), dtype=bool)
    placed[pairs.student[chosen]] = True
    start = np.searchsorted(pairs.student, np.arange(len(instance.students) + 1))
    feasible = np.bincount(pairs.student[pairs.feasible], minlength=len(instance.students))
    reasons = []
    for who in np.flatnonzero(~placed).tolist():
        places = np.arange(start[who], start[who + 1])
        if not len(places):
            # A slot wished for by sector is a pair only where it is feasible.
            wished = instance.policy.use_interests and instance.students.interests[who]
            reason = "no_feasible_choice:interests" if wished else "no_preferences"
        elif feasible[who]:
            reason = "choices_full"
        else:
            reason = f"no_feasible_choice:{dominant_rule(pairs, places)}"
        reasons.append((instance.students.ids[who], reason))
    return reasons


def sizes(instance: Instance, pairs: Pairs, *, placements: int, unplaced: int) -> dict[str, int]:
    """How big the round is, in the order run.json shows it."""
    return {
        "students": len(instance.students),
        "slots": len(instance.slots),
        "seats": int(instance.slots.capacity.sum()),
        "employers": instance.rows["employers"],
        "schools": instance.rows["schools"],
        "preferences": instance.rows["preferences"],
        "pairs": len(pairs),
        "feasible_pairs": int(pairs.feasible.sum()),
        "pairs_without_travel_time": int((pairs.broken >> NO_TIME & 1).sum()),
        "pairs_with_estimated_time": int((pairs.estimated & pairs.feasible).sum()),
        "pins": int(pairs.pinned.sum()),
        "placements": placements,
        "unplaced": unplaced,
    }


def csv_bytes(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> bytes:
    """A CSV file, its cells in quotes only where they must be."""
    lines = [",".join(header)]
    lines += [",".join([quoted(cell) for cell in row]) for row in rows]
    return ("\n".join(lines) + "\n").encode()
