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
from hub_allocation.explain.groups import Groups, all_fixed
from hub_allocation.explain.limits import Limits
from hub_allocation.explain.lines import StudentLines, dumps
from hub_allocation.explain.overrides import Overrides, find_overrides
from hub_allocation.instance import Flags, Instance, Longs

__all__ = ["SCHEMA", "Overrides", "aggregates", "explanation_lines", "find_overrides"]

SCHEMA: dict[str, Any] = json.loads(Path(__file__).with_name("explanation.schema.json").read_text(encoding="utf-8"))
"""The JSON Schema of a line."""


def explanation_lines(
    instance: Instance,
    pairs: Pairs,
    chosen: Longs,
    *,
    reasons: dict[str, str],
    overrides: Overrides | None = None,
    fixed: Flags | None = None,
) -> list[str]:
    """One line of JSON for each student in order, then one for each slot with empty seats.

    Args:
        instance: the round.
        pairs: its P pairs.
        chosen: the pairs that are placements.
        reasons: the code of each unplaced student by id, as in unplaced.csv.
        overrides: what overriding costs others (``find_overrides``); None leaves ``if_overridden`` out.
        fixed: the pairs that had to stay, in a frozen change run (P).
    """
    limits = Limits(instance, pairs, chosen, fixed=fixed)
    groups = Groups(instance, pairs, all_fixed(instance, pairs, fixed=fixed))
    students = StudentLines(instance, pairs, chosen, limits=limits, groups=groups, fixed=fixed, overrides=overrides)
    lines = [students.line(who, reasons.get(name)) for who, name in enumerate(instance.students.ids)]
    slots = SlotLines(instance, pairs, chosen, limits=limits, groups=groups, why=students.why_missed)
    return lines + [dumps(line) for line in slots.lines()]
