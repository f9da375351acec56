"""Why each student got what they got, why seats stay empty, and what overriding a decision would cost others.

A line never names another student and never says why anybody has a priority.

For who checks lines: everything but ``if_overridden`` follows from the instance, its pairs and the placements alone,
with numpy and polars: ``explanation_lines(..., overrides=None)`` leaves that field out. ``find_overrides`` computes it
and loads numba; importing this package does not.
"""

import json
from pathlib import Path
from typing import Any

from hub_allocation.eligibility import Pairs
from hub_allocation.explain.aggregates import aggregates
from hub_allocation.explain.empty_seats import SlotLines
from hub_allocation.explain.limits import Limits
from hub_allocation.explain.lines import StudentLines, dumps
from hub_allocation.explain.overrides import Overrides, find_overrides
from hub_allocation.instance import Instance, Longs

__all__ = ["SCHEMA", "Overrides", "aggregates", "explanation_lines", "find_overrides"]

SCHEMA: dict[str, Any] = json.loads(Path(__file__).with_name("explanation.schema.json").read_text(encoding="utf-8"))
"""The JSON Schema of a line."""


def explanation_lines(
    instance: Instance, pairs: Pairs, chosen: Longs, *, reasons: dict[str, str], overrides: Overrides | None = None
) -> list[str]:
    """One line of JSON for each student in order, then one for each slot with empty seats.

    Args:
        instance: the round.
        pairs: its P pairs.
        chosen: the pairs that are placements.
        reasons: the code of each unplaced student by id, as in unplaced.csv.
        overrides: what overriding costs others (``find_overrides``); None leaves ``if_overridden`` out.
    """
    limits = Limits(instance, pairs, chosen)
    students = StudentLines(instance, pairs, chosen, limits=limits, overrides=overrides)
    lines = [students.line(who, reasons.get(name)) for who, name in enumerate(instance.students.ids)]
    return lines + [dumps(line) for line in SlotLines(instance, pairs, chosen, limits=limits).lines()]
