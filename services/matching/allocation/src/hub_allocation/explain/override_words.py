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

Between = dict[str, tuple[int, int]]
"""The least and the most that each level may change by."""

ENOUGH = 2
"""So many others must make the same move for its ranks to be told: one alone can be known by the seat they hold."""

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


def exact(moves: Tally, change: Mapping[str, int], *, kind: str = "exact", several: bool = False) -> str:
    """Say what an override costs others.

    Where others move, all that is said follows from how many move so and from what the student knows of themselves.

    Args:
        moves: the others who would move, and where, as ``tally`` counts them.
        change: what each level would change by, in the order of the objective; zeros may be left out.
        kind: ``exact``, or ``best_found`` where the re-solve was not proven optimal.
        several: whether students may have several places.

    Returns:
        The text of a JSON object. None of its own texts has anything in it that JSON escapes.
    """
    fates = _fates(moves)
    others = ",".join([_entry(fate, count) for fate, count in fates])
    unplaced = sum([count for (_, after), count in moves if after is None])
    told = told_levels(moves, change, several=several)
    levels = ",".join([f'"{name}":{change[name]}' for name in told if change[name] and name not in OTHERS_SECRETS])
    first = next((name for name, value in change.items() if value), None)
    first = first if first in told else None
    by = "" if first is None else f'"{"gains_in" if gains(first, change[first]) else "decided_by"}":"{first}",'
    text = _others_text(fates) + _decided_text(first, change)
    return f'{{"kind":"{kind}","others":[{others}],"unplaced":{unplaced},"levels":{{{levels}}},{by}"text":"{text}"}}'


OTHERS_SECRETS = ("priority", "lottery")
"""Levels of which no figure is told even where nobody else moves; that they decided may be told then."""


def told_levels(moves: Tally, change: Mapping[str, int], *, several: bool = False) -> list[str]:
    """The levels whose change follows from the moves as they are told and from the student's own data."""
    if not moves:
        return list(change)
    all_ranks = all(count >= ENOUGH for _, count in moves)
    return [
        name
        for name in change
        if name == "placements" or (name == "students" and not several) or (all_ranks and _counts_a_rank(name))
    ]


def _counts_a_rank(name: str) -> bool:
    return name.startswith("rank_") and name != "rank_cost"


def gains(name: str, value: int) -> bool:
    """Whether a change of a level is for the better."""
    return (value > 0) == (name in ("students", "placements", "priority") or _counts_a_rank(name))


Fate = Move | str
"""A move whose ranks are told, or what becomes of those whose ranks are not: UNPLACED, MOVED, PLACED."""
UNPLACED, MOVED, PLACED = "unplaced", "moved", "placed"


def _fates(moves: Tally) -> list[tuple[Fate, int]]:
    """What may be told of the moves: those that too few make lose their ranks and are counted together."""
    told: dict[Fate, int] = {}
    for move, count in moves:
        before, after = move
        rough = UNPLACED if after is None else PLACED if before is None else MOVED
        fate: Fate = move if count >= ENOUGH else rough
        told[fate] = told.get(fate, 0) + count
    return list(told.items())


def _entry(fate: Fate, count: int) -> str:
    if isinstance(fate, str):
        return f'{{"fate":"{fate}","count":{count}}}'
    return f"{_ends(fate)}{count}}}"


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


def _others_text(told: Sequence[tuple[Fate, int]]) -> str:
    if not told:
        return "Nobody else would be moved"
    words = [(_words(fate), count) for fate, count in told]
    if len(words) > IN_FULL:
        total: dict[str, int] = {}
        for fate, count in told:
            kind = _rough_words(fate)
            total[kind] = total.get(kind, 0) + count
        words = list(total.items())
    parts = [_part(fate, count, first=not place) for place, (fate, count) in enumerate(words)]
    text = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]
    nobody_loses = all(fate == PLACED or not (isinstance(fate, str) or _loses(fate)) for fate, _ in told)
    text = f"nobody else would lose by it: {text}" if nobody_loses else text
    return text[0].upper() + text[1:]


def _part(fate: str, count: int, *, first: bool) -> str:
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    noun = "" if not first else " other student" if count == 1 else " others"
    if count > 1:
        fate = fate.replace("a placement", "placements")
    return f"{number}{noun} would {fate}"


def _loses(move: Move) -> bool:
    before, after = move
    return before is not None and (after is None or after > before)


def _words(fate: Fate) -> str:
    if isinstance(fate, str):
        return _rough_words(fate)
    before, after = fate
    if before is None:
        return f"get a placement, of {ordinal(after or 0)} choice"
    if after is None:
        return f"lose a placement of {ordinal(before)} choice" if before else "lose a placement"
    if before == after:
        return f"change to another {ordinal(after)} choice"
    return f"{'drop' if after > before else 'rise'} from {ordinal(before)} to {ordinal(after)} choice"


def _rough_words(fate: Fate) -> str:
    before, after = {UNPLACED: (1, None), PLACED: (None, 1), MOVED: (1, 1)}[fate] if isinstance(fate, str) else fate
    if after is None:
        return "lose a placement"
    return "get a placement" if before is None else "move to another slot"


def _decided_text(first: str | None, change: Mapping[str, int]) -> str:
    if first is None:
        return "."
    size, better = abs(change[first]), gains(first, change[first])
    number = f"{size} {'more' if better else 'fewer'}"
    if _counts_a_rank(first):
        return f"; {number} in all would have their {ordinal(int(first[5:]))} choice."
    words = {
        "students": f"; {number} in all would be placed.",
        "placements": f"; there would be {number} placements in all.",
        "priority": f"; it would go {'with' if better else 'against'} the order of priority.",
        "rank_cost": f"; the rank cost in all would be {size} {'lower' if better else 'higher'}.",
        "moves": f"; {size} {'fewer' if better else 'more'} placements would change.",
        "minutes": f"; journeys in all would be {size} min {'shorter' if better else 'longer'}.",
        "lottery": f"; all else is equal, and the draw {'would favour it' if better else 'decided'}.",
    }
    return words[first]
