"""What overriding a decision would cost others, in figures and in plain words, from who would move where."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

Line = dict[str, Any]
Move = tuple[int | None, int | None]
"""The rank of the slot somebody has and of the one they would have; None: unplaced."""
Tally = Sequence[tuple[Move, int]]
"""How many move so, the gravest first (see ``severity``)."""

UNTOLD = ("priority", "lottery")
"""Levels whose change is not told: from a sum of priorities the priority of one other student could be worked out."""

IN_FULL = 3
"""The most different moves that the text spells out; with more it sums up, and the figures hold them all."""

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def tally(moves: Iterable[Move]) -> Tally:
    """Count equal moves, the gravest first."""
    return sorted(Counter(moves).items(), key=lambda one: severity(one[0]))


def severity(move: Move) -> tuple[int, int, int]:
    """Who loses a placement first, then the deepest falls, then who changes without loss, who rises, who gains."""
    before, after = move
    if before is None or after is None:
        return (0 if after is None else 2, before or 0, after or 0)
    return (1, before - after, before)


def exact(moves: Tally, change: Mapping[str, int], *, kind: str = "exact") -> str:
    """Say what an override costs others.

    Args:
        moves: the others who would move, and where, as ``tally`` counts them.
        change: what each level would change by, in the order of the objective; zeros may be left out.
        kind: ``exact``, or ``best_found`` where the re-solve was not proven optimal.

    Returns:
        The text of a JSON object. None of its own texts has anything in it that JSON escapes.
    """
    others = ",".join([f"{_ends(move)}{count}}}" for move, count in moves])
    unplaced = sum([count for (_, after), count in moves if after is None])
    levels = ",".join([f'"{name}":{value}' for name, value in change.items() if value and name not in UNTOLD])
    decided = next((name for name, value in change.items() if value), None)
    by = f'"decided_by":"{decided}",' if decided else ""
    text = _others_text(moves) + _decided_text(decided, change)
    return f'{{"kind":"{kind}","others":[{others}],"unplaced":{unplaced},"levels":{{{levels}}},{by}"text":"{text}"}}'


@cache
def _ends(move: Move) -> str:
    before, after = ("null" if rank is None else rank for rank in move)
    return f'{{"from":{before},"to":{after},"count":'


ON_REQUEST: Line = {
    "kind": "on_request",
    "text": "What this would cost others is found by solving the round again with it, on request.",
}
IMPOSSIBLE: Line = {
    "kind": "impossible",
    "text": "Not possible, whoever else would move: it has no seat that a fixed placement or a rule leaves free.",
}


@cache
def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th …"""
    ending = "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _others_text(moves: Tally) -> str:
    if not moves:
        return "Nobody else would be moved"
    fates = [(_fate(move), count) for move, count in moves]
    if len(fates) > IN_FULL:
        total: dict[str, int] = {}
        for move, count in moves:
            kind = _kind_of_fate(move)
            total[kind] = total.get(kind, 0) + count
        fates = list(total.items())
    parts = [_part(fate, count, first=not place) for place, (fate, count) in enumerate(fates)]
    text = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]
    nobody_loses = all(not _loses(move) for move, _ in moves)
    text = f"nobody else would lose by it: {text}" if nobody_loses else text
    return text[0].upper() + text[1:]


def _part(fate: str, count: int, *, first: bool) -> str:
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    noun = "" if not first else " other student" if count == 1 else " others"
    plural = "s" if count > 1 and fate.endswith("placement") else ""
    return f"{number}{noun} would {fate}{plural}"


@cache
def _loses(move: Move) -> bool:
    before, after = move
    return before is not None and (after is None or after > before)


@cache
def _fate(move: Move) -> str:
    before, after = move
    if before is None:
        return f"be placed, in their {ordinal(after or 0)} choice"
    if after is None:
        return "lose their placement"
    if before == after:
        return f"change to another {ordinal(after)} choice"
    return f"{'drop' if after > before else 'rise'} from {ordinal(before)} to {ordinal(after)} choice"


@cache
def _kind_of_fate(move: Move) -> str:
    before, after = move
    if before is None or after is None:
        return "lose their placement" if after is None else "be placed"
    if before == after:
        return "change to a slot they rank the same"
    return "drop to a lower choice" if after > before else "rise to a higher one"


def _decided_text(decided: str | None, change: Mapping[str, int]) -> str:
    if decided is None:
        return "."
    size = abs(change[decided])
    if decided.startswith("rank_") and decided != "rank_cost":
        return f"; {size} fewer in all would have their {ordinal(int(decided[5:]))} choice."
    words = {
        "students": f"; {size} fewer in all would be placed.",
        "placements": f"; there would be {size} fewer placements in all.",
        "priority": "; it would go against the order of priority.",
        "rank_cost": f"; the rank cost in all would be {size} higher.",
        "moves": f"; {size} more placements would change.",
        "minutes": f"; journeys in all would be {size} min longer.",
        "lottery": "; all else is equal, and the draw decided.",
    }
    return words[decided]
