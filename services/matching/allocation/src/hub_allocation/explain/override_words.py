"""What overriding a decision would cost others, in figures and in plain words, from who would move where."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

Line = dict[str, Any]
Move = tuple[int | None, int | None]
"""The rank of the slot somebody has and of the one they would have; None: unplaced."""

UNTOLD = ("priority", "lottery")
"""Levels whose change is not told: from a sum of priorities the priority of one other student could be worked out."""

IN_FULL = 3
"""The most different moves that the text spells out; with more it sums up, and the figures hold them all."""

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def exact(moves: Iterable[Move], change: Mapping[str, int], *, kind: str = "exact") -> Line:
    """Say what an override costs others.

    Args:
        moves: the others who would move, and where.
        change: what each level would change by, in the order of the objective; zeros may be left out.
        kind: ``exact``, or ``best_found`` where the re-solve was not proven optimal.
    """
    counts = Counter(moves)
    order = sorted(counts, key=_severity)
    others = [{"from": before, "to": after, "count": counts[before, after]} for before, after in order]
    line: Line = {
        "kind": kind, "others": others,
        "unplaced": sum(count for (_, after), count in counts.items() if after is None),
        "levels": {name: value for name, value in change.items() if value and name not in UNTOLD},
    }  # fmt: skip
    decided = next((name for name, value in change.items() if value), None)
    if decided is not None:
        line["decided_by"] = decided
    line["text"] = _others_text(counts, order) + _decided_text(decided, change)
    return line


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


def _severity(move: Move) -> tuple[int, int, int]:
    """Who loses a placement first, then the deepest falls, then who changes without loss, who rises, who gains."""
    before, after = move
    if before is None or after is None:
        return (0 if after is None else 2, before or 0, after or 0)
    return (1, before - after, before)


def _others_text(counts: Mapping[Move, int], order: list[Move]) -> str:
    if not counts:
        return "Nobody else would be moved"
    fates = [(_fate(move), counts[move]) for move in order]
    if len(fates) > IN_FULL:
        total: Counter[str] = Counter()
        for move in order:
            total[_kind_of_fate(move)] += counts[move]
        fates = list(total.items())
    parts = []
    for place, (fate, count) in enumerate(fates):
        number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
        noun = (" other student" if count == 1 else " others") if place == 0 else ""
        plural = "s" if count > 1 and fate.endswith("placement") else ""
        parts.append(f"{number}{noun} would {fate}{plural}")
    text = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]
    nobody_loses = all(before is None or (after is not None and after <= before) for before, after in order)
    text = f"nobody else would lose by it: {text}" if nobody_loses else text
    return text[0].upper() + text[1:]


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
