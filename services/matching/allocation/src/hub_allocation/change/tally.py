"""What changes come to: who moves and why, and the levels, counted on from one change to the next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hub_allocation.change.moves import Move, by_rank
from hub_allocation.levels import Level

_LEVELS = ("students", "placements", "priority", "rank_cost", "moves", "minutes", "lottery")


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change comes to: who moves, ordered by student, and the levels; ``moves`` counts from before it."""

    moves: tuple[Move, ...]
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Seat:
    """One placement as the levels count it."""

    slot_id: str
    rank: int
    rank_cost: int
    minutes: int
    draw: int


class Tally:
    """The levels of what stands."""

    def __init__(self, levels: Iterable[Level], priority: Mapping[str, int]) -> None:
        """``priority``: of each student, looked up as they come and go."""
        self._values = {level.name: level.value for level in levels}
        self._priority = priority

    def told(
        self, found: Mapping[str, tuple[Seat | None, Seat | None]], reasons: Mapping[str, str], *, left: tuple[str, str]
    ) -> Changed:
        """Count a change: what students had and have; ``reasons`` and ``left`` as of ``Loaded._ended``."""
        moves = []
        for name, (before, now) in sorted(found.items()):
            self._count(before, name, sign=-1)
            self._count(now, name, sign=1)
            old = None if before is None else before.slot_id
            new = None if now is None else now.slot_id
            if old != new:
                reason = reasons.get(name) or (left[1] if old == left[0] else _why(before, now))
                moves.append(Move(name, old, new, reason))
        values = {**self._values, "moves": sum(move.to_slot_id is not None for move in moves)}
        return Changed(tuple(moves), tuple(Level(name, values[name], values[name]) for name in _LEVELS))

    def _count(self, seat: Seat | None, student_id: str, *, sign: int) -> None:
        if seat is not None:
            values = self._values
            values["students"] += sign
            values["placements"] += sign
            values["priority"] += sign * self._priority[student_id]
            values["rank_cost"] += sign * seat.rank_cost
            values["minutes"] += sign * seat.minutes
            values["lottery"] += sign * seat.draw


def _why(before: Seat | None, now: Seat | None) -> str:
    if before is None:
        return "new"
    return by_rank(None if now is None else now.rank - before.rank)
