"""Results as tables that a stranger can read."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from hub_allocation.whatif.compare import Comparison
from hub_allocation.whatif.groups import OUTCOMES
from hub_allocation.whatif.movers import Movers
from hub_allocation.whatif.pareto import Front

LEVELS = {
    "students": "students placed (most)",
    "placements": "placements (most)",
    "priority": "sum of priorities (most)",
    "rank_cost": "sum of rank costs (least)",
    "moves": "placements that are new (least)",
    "minutes": "sum of minutes (least)",
    "lottery": "sum of draws (least)",
}
UNPLACED = {
    "no_preferences": "ranked nothing",
    "choices_full": "choices full",
    "no_feasible_choice": "no choice within the rules",
}
MOST_RANKS = 10
HIDDEN = "·"


def level_words(name: str) -> str:
    """What a level counts."""
    if name.startswith("rank_") and name[5:].isdigit():
        return f"placements of rank {name[5:]} (most)"
    return LEVELS.get(name, name)


def level_table(levels: Sequence[Mapping[str, Any]]) -> Table:
    """The levels of one run in the order in which they were decided."""
    table = Table(title="What was decided, in this order", title_justify="left")
    table.add_column("level")
    table.add_column("what it counts")
    table.add_column("reached", justify="right")
    table.add_column("at best", justify="right")
    for level in levels:
        proven = "the same" if level["value"] == level["bound"] else f"{level['bound']:,}"
        table.add_row(level["name"], level_words(level["name"]), f"{level['value']:,}", proven)
    return table


def spread_table(title: str, first: str, columns: Mapping[str, Mapping[str, int]]) -> Table:
    """Counts by name, a column for each run; ranks past MOST_RANKS are put together."""
    names: list[str] = []
    for counts in columns.values():
        names += [name for name in counts if name not in names]
    names.sort(key=lambda name: name in ("unranked", "unplaced"))  # after the ranks that only a later run has
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for run in columns:
        table.add_column(run, justify="right")
    ranked = [name for name in names if name[0].isdigit() and name.endswith(("st", "nd", "rd", "th"))]
    late = ranked[MOST_RANKS:]
    idle = {"unranked"} if not any(counts.get("unranked") for counts in columns.values()) else set()
    for name in [name for name in names if name not in late and name not in idle]:
        table.add_row(name, *(f"{counts.get(name, 0):,}" for counts in columns.values()))
        if late and name == ranked[MOST_RANKS - 1]:
            sums = (sum(counts.get(other, 0) for other in late) for counts in columns.values())
            table.add_row("lower", *(f"{total:,}" for total in sums))
    table.add_section()
    table.add_row("all", *(f"{sum(counts.values()):,}" for counts in columns.values()))
    return table


def figures_table(comparison: Comparison) -> Table:
    """What every run comes to in the same measures; its own levels and their bounds stand in compare.json."""
    table = Table(title="Side by side", title_justify="left")
    table.add_column("measure")
    for side in comparison.sides:
        table.add_column(side.name, justify="right")
    table.add_row("objective", *(side.policy["objective"] for side in comparison.sides))
    table.add_row("status", *(side.status for side in comparison.sides))
    table.add_section()
    for name in comparison.sides[0].figures:
        table.add_row(level_words(name), *(f"{side.figures[name]:,}" for side in comparison.sides))
    return table


def changes_table(movers: Sequence[Movers]) -> Table:
    """Who wins and loses, counted."""
    table = Table(title="Students better or worse off, by the rank they reached", title_justify="left")
    for name in ("under", "instead of", "better", "worse", "same"):
        table.add_column(name, justify="left" if name in ("under", "instead of") else "right")
    for one in movers:
        table.add_row(one.after, one.before, f"{len(one.better):,}", f"{len(one.worse):,}", f"{one.same:,}")
    return table


def group_tables(comparison: Comparison) -> list[Table]:
    """Outcome by group, a table for each run."""
    found = []
    for side in comparison.sides:
        if side.groups is None:
            continue
        table = Table(title=f"By group: {side.name}", title_justify="left")
        table.add_column("group")
        for name in ("students", *OUTCOMES):
            table.add_column(name, justify="right")
        for name, students, row in zip(side.groups.groups.names, side.groups.students, side.groups.cells, strict=True):
            table.add_row(name, f"{students:,}", *(HIDDEN if cell is None else f"{cell:,}" for cell in row))
        found.append(table)
    return found


def front_table(found: Front) -> Table:
    """The points of a front, and what each step costs."""
    table = Table(title=f"What a higher sum of rank costs buys in {found.against}", title_justify="left")
    for name in ("point", "rank costs", found.against, f"{found.against} for 1 more of rank cost"):
        table.add_column(name, justify="right")
    for at, point in enumerate(found.points):
        before = found.points[at - 1] if at else None
        rate = ""
        if before is not None:
            rate = f"{(point.other - before.other) / (point.rank_cost - before.rank_cost):+.2f}"
        table.add_row(f"{at + 1}{'' if point.corner else ' *'}", f"{point.rank_cost:,}", f"{point.other:,}", rate)
    return table
