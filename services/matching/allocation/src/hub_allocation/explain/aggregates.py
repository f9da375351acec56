"""Unplaced students by the first thing that stood in their way: a table for a run's report, naming nobody."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence

HEADER = ("reason", "limit", "students")
"""``reason`` is the code of unplaced.csv; ``limit`` what kept the student from the best-ranked feasible choice."""


def aggregates(lines: Iterable[str]) -> list[tuple[str, str, str]]:
    """Count unplaced students by reason and, where some choice was feasible, by what stood in the way of the best one.

    Args:
        lines: lines of explanations.jsonl.

    Returns:
        Rows under HEADER for ``aggregates.csv``, ordered by reason, then limit.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for text in lines:
        if '"status":"unplaced"' in text:
            line = json.loads(text)
            if line.get("kind") == "student" and line["status"] == "unplaced":
                counts[line["reason"], _first(line["better"])] += 1
    return [(reason, limit, str(count)) for (reason, limit), count in sorted(counts.items())]


def _first(better: Sequence[dict[str, object]]) -> str:
    for missed in better:
        if missed["status"] != "infeasible":
            return str(missed.get("limit", missed["status"]))
    return ""
