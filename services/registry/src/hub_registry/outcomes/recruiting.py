"""Where to recruit, from the tables that matching made: demand beside supply, and what one more seat would gain."""

import csv
import io
from dataclasses import dataclass
from typing import Any, Final

from hub_chassis.database import Conn
from hub_registry.placements.repository import load_slots
from hub_registry.results.model import table_cells
from hub_registry.results.repository import load_file
from hub_schemas.ids import RunId

Row = dict[str, Any]
BESIDES: Final = ("slot_id", "sector", "area", "kind")
"""Columns of recruit.csv that are no level."""
_MORE: Final = frozenset({"students", "placements", "priority"})


@dataclass(frozen=True, slots=True)
class Recruiting:
    """What a run says about where to recruit."""

    demand: list[Row]
    """By sector and area, those first that most unplaced students could go to."""
    gains: list[Row]
    """By slot, those first where one more seat gains most; ``gain`` is what each level would change by."""


async def load_recruiting(conn: Conn, run_id: RunId, *, best: int | None = None) -> Recruiting:
    """Read a run's tables; ``best`` keeps only so many slots, those that gain most. Empty where a run has none."""
    demand = [_counts(row) for row in table_cells(await load_file(conn, run_id, "demand.csv") or b"")]
    demand.sort(key=lambda row: (-row["unplaced_who_could_go"], -row["first_choices"], row["sector"], row["area"]))
    gains = _gains(await load_file(conn, run_id, "recruit.csv") or b"", best)
    named = await load_slots(conn, [row["slot_id"] for row in gains])
    nameless = {"slot_ref": None, "title": None}
    return Recruiting(demand, [{**row, **named.get(row["slot_id"], nameless)} for row in gains])


def _counts(row: dict[str, str]) -> Row:
    return {name: value if name in {"sector", "area"} else int(value) for name, value in row.items()}


def _gains(content: bytes, best: int | None) -> list[Row]:
    """Read recruit.csv, those slots first that gain most; only the best are taken apart by column."""
    if best == 0:
        return []
    header, *lines = csv.reader(io.StringIO(content.decode(), newline=""), strict=True) if content else ([],)
    columns = [place for place, name in enumerate(header) if name not in BESIDES]
    signs = [-1 if more_is_better(header[place]) else 1 for place in columns]
    lines.sort(key=lambda line: [sign * int(line[place]) for sign, place in zip(signs, columns, strict=True)])
    return [
        {**dict(zip(header, line, strict=True)), "gain": {header[place]: int(line[place]) for place in columns}}
        for line in lines[:best]
    ]


def more_is_better(level: str) -> bool:
    """Say whether a level of the objective is to be large."""
    return level in _MORE or (level.startswith("rank_") and level != "rank_cost")
