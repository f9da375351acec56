"""Builders of small rounds: rows with sensible cells, of which a test names only those that matter."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from hub_allocation.instance import Instance
from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from hub_allocation.result import Result, make_result
from hub_allocation.solve import Solved, solve
from hub_allocation.stopwatch import Stopwatch
from hub_schemas.tables import BY_NAME

Row = dict[str, str]
Round = dict[str, list[Row]]

STUDENT = {"school_id": "S1", "year_group": "10", "birth_month": "2012-01", "postcode": "HOME", "travel_modes": "walk"}
SLOT = {"employer_id": "E1", "mode": "in_person", "postcode": "WORK", "dates": "2027-06-07/2027-06-11", "capacity": "1"}


def student(name: str, **cells: Any) -> Row:
    """A student of school S1, year 10, who walks from HOME."""
    return {"student_id": name, **STUDENT, **_text(cells)}


def slot(name: str, **cells: Any) -> Row:
    """A slot with one seat at WORK in a week of June."""
    return {"slot_id": name, **SLOT, **_text(cells)}


def wishes(**ranked: Sequence[str] | str) -> list[Row]:
    """Preferences in order: ``wishes(ann=["L1", "L2"])``."""
    return [
        {"student_id": who, "rank": str(rank), "slot_id": what}
        for who, slots in ranked.items()
        for rank, what in enumerate([slots] if isinstance(slots, str) else slots, start=1)
    ]


def journey(minutes: int, *, origin: str = "HOME", destination: str = "WORK", mode: str = "walk") -> Row:
    """A row of travel.csv."""
    return {"origin_postcode": origin, "destination_postcode": destination, "mode": mode, "minutes": str(minutes)}


def make_round(
    students: Sequence[Row],
    slots: Sequence[Row],
    preferences: Sequence[Row],
    *,
    travel: Sequence[Row] | None = None,
    **more: Sequence[Row],
) -> Round:
    """Put tables together; without ``travel``, WORK is 10 minutes on foot from HOME."""
    rows = {"students": students, "slots": slots, "preferences": preferences, **more}
    rows["travel"] = [journey(10)] if travel is None else travel
    return {name: list(table) for name, table in rows.items()}


def csv_files(round_: Mapping[str, Sequence[Row]], *, line_end: str = "\n") -> dict[str, bytes]:
    """The CSV file of each table, with every column."""
    return {name: csv_file(name, rows, line_end=line_end) for name, rows in round_.items()}


def csv_file(name: str, rows: Sequence[Row], *, line_end: str = "\n") -> bytes:
    """One CSV file with every column of its table and any other the rows have."""
    columns = [*BY_NAME[name].header, *sorted({key for row in rows for key in row} - set(BY_NAME[name].header))]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", lineterminator=line_end)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def read(round_: Mapping[str, Sequence[Row]], policy: Policy | None = None) -> Instance:
    """The round as an instance."""
    return read_instance(csv_files(round_), policy or Policy())


def still() -> float:
    """A clock that stands still."""
    return 0.0


def solved(instance: Instance) -> tuple[Solved, Result]:
    """The proven optimum of an instance and what is handed over."""
    outcome = solve(instance, clock=still)
    assert isinstance(outcome, Solved)
    return outcome, make_result(outcome, watch=Stopwatch(still))


def _text(cells: Mapping[str, Any]) -> Row:
    return {key: str(value) for key, value in cells.items()}
