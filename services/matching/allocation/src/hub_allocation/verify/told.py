"""unplaced.csv, explanations.jsonl and aggregates.csv: written again here and compared to the byte.

Of the explanations one field is not recomputed, because finding it takes the solver's searches: what overriding a
decision would cost others (``if_overridden``). It is checked to be one the schema knows and to agree with itself.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from hub_allocation.eligibility import Pairs
from hub_allocation.explain import aggregates, explanation_lines, without_overrides
from hub_allocation.explain.aggregates import HEADER as AGGREGATES_HEADER
from hub_allocation.instance import Instance, Longs
from hub_allocation.outcome import ALLOCATION_HEADER, UNPLACED_HEADER, csv_bytes, placements_of, sizes, unplaced_reasons
from hub_allocation.verify.account import Run, same

_OVERRIDE = re.compile(r'"if_overridden":(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})')
_KINDS = ("exact", "best_found", "on_request", "impossible")
_LEVEL = re.compile(r"students|placements|priority|rank_cost|rank_[0-9]+|moves|minutes|lottery")
_UNTOLD = ("priority", "lottery")


def file_faults(instance: Instance, pairs: Pairs, chosen: Longs, *, output: Mapping[str, bytes], run: Run) -> list[str]:
    """Whether the files agree with each other to the byte."""
    placements = placements_of(instance, pairs, chosen)
    unplaced = unplaced_reasons(instance, pairs, chosen)
    lines = explanation_lines(instance, pairs, chosen, reasons=dict(unplaced))
    found = dict(output)
    faults = []
    try:
        told = found["explanations.jsonl"].decode()
    except UnicodeDecodeError:
        faults.append("explanations.jsonl: is not UTF-8")
        told = ""
    if "if_overridden" in told:
        faults += _override_faults(told)
        found["explanations.jsonl"] = without_overrides(told).encode()
    right = {
        "allocations.csv": csv_bytes(ALLOCATION_HEADER, (placement.cells() for placement in placements)),
        "unplaced.csv": csv_bytes(UNPLACED_HEADER, unplaced),
        "explanations.jsonl": "".join([line + "\n" for line in lines]).encode(),
    }
    if "aggregates.csv" in found:
        right["aggregates.csv"] = csv_bytes(AGGREGATES_HEADER, aggregates(lines))
    faults += [f"{name}: {_first_difference(found[name], data)}" for name, data in right.items() if found[name] != data]
    if not same(run["sizes"], sizes(instance, pairs, placements=len(placements), unplaced=len(unplaced))):
        faults.append("run.json: the sizes are not those of this round and result")
    return faults


def _override_faults(told: str) -> list[str]:
    distinct = {found[1] for found in _OVERRIDE.finditer(told)}
    bad = sorted(text for text in distinct if not _well_formed(text))
    return [f"explanations.jsonl: if_overridden is {text[:120]}" for text in bad[:3]]


def _well_formed(text: str) -> bool:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if json.dumps(line, ensure_ascii=False, separators=(",", ":")) != text or line.get("kind") not in _KINDS:
        return False
    if line["kind"] in ("on_request", "impossible"):
        return set(line) == {"kind", "text"} and isinstance(line["text"], str)
    needed = {"kind", "others", "unplaced", "levels", "text"}
    return needed <= set(line) <= needed | {"decided_by"} and isinstance(line["text"], str) and _agrees(line)


def _agrees(line: dict[str, Any]) -> bool:
    """Whether the figures of one line fit each other."""
    others, levels = line["others"], line["levels"]
    if not isinstance(others, list) or not isinstance(levels, dict) or not all(map(_is_move, others)):
        return False
    if line["unplaced"] != sum(move["count"] for move in others if move["to"] is None):
        return False
    if len({(move["from"], move["to"]) for move in others}) != len(others):
        return False
    decided = line.get("decided_by")
    if decided is not None and (not isinstance(decided, str) or not _LEVEL.fullmatch(decided)):
        return False
    if decided is not None and decided not in _UNTOLD and not levels.get(decided):
        return False
    return all(_LEVEL.fullmatch(name) and name not in _UNTOLD and _whole(value) for name, value in levels.items())


def _is_move(move: object) -> bool:
    if not isinstance(move, dict) or tuple(move) != ("from", "to", "count"):
        return False
    ranks = all(move[end] is None or (_whole(move[end]) and move[end] > 0) for end in ("from", "to"))
    return ranks and _whole(move["count"]) and move["count"] > 0


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _first_difference(found: bytes, right: bytes) -> str:
    for number, (ours, theirs) in enumerate(zip(right.split(b"\n"), found.split(b"\n"), strict=False), start=1):
        if ours != theirs:
            return f"line {number} is {theirs[:120]!r}, expected {ours[:120]!r}"
    return "has lines missing or too many"
