"""unplaced.csv, explanations.jsonl and aggregates.csv: written again here and compared to the byte.

Of the explanations one field is not recomputed, because finding it takes the solver's searches: what overriding a
decision would cost others (``if_overridden``). It is checked to be written as the schema asks and to agree with itself.
"""

import re
from collections import defaultdict
from collections.abc import Mapping

from hub_allocation.explain import aggregates, explanation_lines
from hub_allocation.explain.aggregates import HEADER as AGGREGATES_HEADER
from hub_allocation.outcome import ALLOCATION_HEADER, UNPLACED_HEADER, csv_bytes, placements_of, sizes, unplaced_reasons
from hub_allocation.verify.account import same
from hub_allocation.verify.case import Case
from hub_allocation.verify.outline import outline_faults

_RANK = r"(?:null|[1-9][0-9]*)"
_MORE = r"(?:[2-9]|[1-9][0-9]+)"
_MOVE = rf'{{(?:"from":{_RANK},"to":{_RANK},"count":{_MORE}|"fate":"(?:unplaced|moved|placed)","count":[1-9][0-9]*)}}'
_NAME = "students|placements|rank_cost|rank_[0-9]+|moves|minutes"
_LEVEL = rf'"(?:{_NAME})":-?[1-9][0-9]*'
_TEXT = r'"text":"[^"\\{}]*"}'
_FOUND = (
    rf'{{"kind":"(?:exact|best_found)","others":\[(?:{_MOVE}(?:,{_MOVE})*)?\],"unplaced":(?:0|[1-9][0-9]*),'
    rf'"levels":{{(?:{_LEVEL}(?:,{_LEVEL})*)?}}(?:,"(?:decided_by|gains_in)":"(?:{_NAME}|priority|lottery)")?,{_TEXT}'
)
_BOUND = r"(?:0|-?[1-9][0-9]*)"
_BETWEEN = rf'"(?:students|placements|rank_[0-9]+)":{{"least":{_BOUND},"most":{_BOUND}}}'
_INTERVAL = rf'{{"kind":"interval","between":{{{_BETWEEN}(?:,{_BETWEEN})*}},{_TEXT}'
_OVERRIDE = re.compile(rf',"if_overridden":({_FOUND}|{_INTERVAL}|{{"kind":"(?:on_request|impossible)",{_TEXT})')
_LOST = re.compile(r'(?:"to":null|"fate":"unplaced"),"count":([0-9]+)')
_FIRST = re.compile(r'"(?:decided_by|gains_in)":"([^"]*)"')
_BOUNDS = re.compile(r'"least":(-?[0-9]+),"most":(-?[0-9]+)')
_UNPLACED = re.compile(r'"unplaced":([0-9]+)')
_UNTOLD = ("priority", "lottery")
"""Levels that may decide and whose change is not told."""


def file_faults(case: Case, *, words: bool = True) -> list[str]:
    """Whether the files agree with each other to the byte; without ``words`` explanations only in outline."""
    instance, pairs, chosen = case.instance, case.pairs, case.chosen
    placements = placements_of(instance, pairs, chosen)
    unplaced = unplaced_reasons(instance, pairs, chosen)
    right = {
        "allocations.csv": csv_bytes(ALLOCATION_HEADER, (placement.cells() for placement in placements)),
        "unplaced.csv": csv_bytes(UNPLACED_HEADER, unplaced),
    }
    faults = _differences(case.output, right)
    if words:
        faults += _word_faults(case, reasons=dict(unplaced))
    else:
        held: defaultdict[str, set[str]] = defaultdict(set)
        for placement in placements:
            held[placement.student_id].add(placement.slot_id)
        faults += outline_faults(instance, case.output["explanations.jsonl"], held=held, reasons=dict(unplaced))
    if not same(case.run["sizes"], sizes(instance, pairs, placements=len(placements), unplaced=len(unplaced))):
        faults.append("run.json: the sizes are not those of this round and result")
    return faults


def _word_faults(case: Case, *, reasons: dict[str, str]) -> list[str]:
    lines = explanation_lines(case.instance, case.pairs, case.chosen, reasons=reasons, fixed=case.fixed)
    found = dict(case.output)
    faults = []
    try:
        told = found["explanations.jsonl"].decode()
    except UnicodeDecodeError:
        faults.append("explanations.jsonl: is not UTF-8")
        told = ""
    if "if_overridden" in told:
        # What does not look as it must stays in the text, which then differs from the one written here.
        pieces = _OVERRIDE.split(told)
        found["explanations.jsonl"] = "".join(pieces[::2]).encode()
        wrong = sorted(text for text in set(pieces[1::2]) if not _agrees(text))
        faults += [f"explanations.jsonl: if_overridden contradicts itself: {text}" for text in wrong[:3]]
    right = {"explanations.jsonl": "".join([line + "\n" for line in lines]).encode()}
    if "aggregates.csv" in found:
        right["aggregates.csv"] = csv_bytes(AGGREGATES_HEADER, aggregates(lines))
    return faults + _differences(found, right)


def _differences(found: Mapping[str, bytes], right: Mapping[str, bytes]) -> list[str]:
    return [f"{name}: {_first_difference(found[name], data)}" for name, data in right.items() if found[name] != data]


def _agrees(text: str) -> bool:
    """Whether the figures of one ``if_overridden`` fit each other."""
    stated = _UNPLACED.search(text)
    if stated is not None and int(stated[1]) != sum(map(int, _LOST.findall(text))):
        return False
    if any(int(least) > int(most) for least, most in _BOUNDS.findall(text)):
        return False
    first = _FIRST.search(text)
    return first is None or first[1] in _UNTOLD or f'"{first[1]}":' in text


def _shown(part: bytes) -> str:
    """Quote part of a line for people: what is no text or can't be printed stands as an escape."""
    text = part.decode(errors="backslashreplace")
    plain = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
    return f'"{plain}"' if plain else "nothing"


def _first_difference(found: bytes, right: bytes) -> str:
    for number, (ours, theirs) in enumerate(zip(right.split(b"\n"), found.split(b"\n"), strict=False), start=1):
        if ours != theirs:
            pairs = enumerate(zip(ours, theirs, strict=False))
            same = next((at for at, (one, other) in pairs if one != other), min(len(ours), len(theirs)))
            part = slice(max(0, same - 40), same + 80)
            return f"line {number} says {_shown(theirs[part])}, expected {_shown(ours[part])}"
    return "has lines missing or too many"
