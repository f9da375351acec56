"""A million rows are read in bounded time and memory; a million errors are a thousand lines and a count."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from hub_allocation.errors import MOST_TOLD, BadInput, InputError, told
from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from tests.support.command_line import hub_matching
from tests.unit.allocation.rounds import csv_files, make_round, slot, student, wishes
from tests.unit.allocation.test_edges import result

ROWS = 1_000_000
STUDENTS = 100_000
MOST_SECONDS = 60.0
"""Of processor time: several times what it takes, far from what a loop over loops would take."""
MOST_GROWN_KB = 2_000_000

READ = """
import json, resource, sys, time
from pathlib import Path
from hub_allocation.errors import BadInput
from hub_allocation.folder import read_files
from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

files, before, lines, wishes = read_files(Path(sys.argv[1])), peak(), [], 0
begun = time.process_time()
try:
    wishes = len(read_instance(files, Policy()).wish_rank)
except BadInput as bad:
    lines = [str(error) for error in bad.errors]
print(json.dumps({"wishes": wishes, "lines": lines, "seconds": time.process_time() - begun, "grown": peak() - before}))
"""
"""In a process of its own, whose peak is nobody else's."""


def table(path: Path, header: str, rows: Iterable[str], *, end: str = "\n") -> None:
    path.write_text(end.join([header, *rows, ""]), newline="")


def written(folder: Path, *, month: str = "2012-01", wish: str = "P{student},{rank},L{slot}", end: str = "\n") -> Path:
    """A round of a million preferences, or of a million students where their months are given row by row."""
    students = ROWS if "{" in month else STUDENTS
    header = "student_id,school_id,year_group,birth_month,postcode,travel_modes"
    people = (f"P{at},S1,10,{month.format(at=at)},HOME,walk" for at in range(students))
    table(folder / "students.csv", header, people, end=end)
    offered = (f"L{at},E1,in_person,WORK,2027-06-07,3" for at in range(10))
    table(folder / "slots.csv", "slot_id,employer_id,mode,postcode,dates,capacity", offered, end=end)
    wanted = (wish.format(student=at // 10, rank=at % 10 + 1, slot=at % 10) for at in range(ROWS))
    table(folder / "preferences.csv", "student_id,rank,slot_id", wanted, end=end)
    return folder


def reading(folder: Path) -> dict[str, Any]:
    """Read a folder in another process, in bounded time and memory."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(folder)], capture_output=True, text=True, check=True, timeout=240
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["seconds"] < MOST_SECONDS
    assert found["grown"] < MOST_GROWN_KB
    return found


@pytest.mark.parametrize(
    "how",
    [{}, {"wish": '"P{student}",{rank},"L{slot}"', "end": "\r\n"}],
    ids=["as programs write", "as spreadsheets write"],
)
def test_a_million_rows_are_read_in_bounded_time_and_memory(how: dict[str, str], tmp_path: Path) -> None:
    assert reading(written(tmp_path, **how))["wishes"] == ROWS


@pytest.mark.parametrize(
    ("how", "first", "more"),
    [
        ({"month": "{at}"}, "students.csv:2: birth_month: '0' is not a month;", "students.csv: birth_month: 999,000"),
        ({"wish": "P{student},1,L0"}, "preferences.csv:3: slot_id: P0 has ranked L0 already in row 2;",
         "preferences.csv: slot_id: 899,000"),
        ({"wish": "Q{student},{rank},L{slot}"}, "preferences.csv:2: student_id: Q0 is not in students.csv;",
         "preferences.csv: student_id: 999,000"),
        ({"wish": "P{student},{rank}"}, "preferences.csv:2: has 2 cells, the header names 3;",
         "preferences.csv: 999,000"),
    ],
    ids=["cells", "repeats", "references", "broken rows"],
)  # fmt: skip
def test_a_million_errors_are_the_first_thousand_and_a_count(
    how: dict[str, str], first: str, more: str, tmp_path: Path
) -> None:
    lines = reading(written(tmp_path, **how))["lines"]
    assert len(lines) == MOST_TOLD + 1
    assert lines[0].startswith(first)
    assert lines[-1] == f"{more} more errors; mend those above and try again"


def test_the_first_rows_are_told_whatever_the_order_they_are_looked_at_in() -> None:
    people = [student(f"P{5000 - at:04d}", birth_month="soon") for at in range(5000)]  # by id the last comes first
    files = csv_files(make_round(people, [slot("L1")], []))
    with pytest.raises(BadInput) as caught:
        read_instance(files, Policy())
    assert [error.row for error in caught.value.errors] == [*range(2, MOST_TOLD + 2), 0]


def test_errors_of_one_column_hide_none_of_another() -> None:
    people = [student(f"P{at}", birth_month="soon") for at in range(MOST_TOLD + 7)]
    people[-1]["priority"] = "high"
    with pytest.raises(BadInput) as caught:
        read_instance(csv_files(make_round(people, [slot("L1", capacity="x")], [])), Policy())
    lines = [str(error) for error in caught.value.errors]
    assert len(lines) == MOST_TOLD + 3
    assert lines[-3].startswith(f"students.csv:{MOST_TOLD + 8}: priority: 'high'")
    assert lines[-2].startswith("students.csv: birth_month: 7 more errors;")
    assert lines[-1].startswith("slots.csv:2: capacity:")


def test_a_thousand_errors_are_all_told() -> None:
    errors = [InputError("students.csv", row, "year_group", "is blank", "fill it in") for row in range(2, 1002)]
    assert told(errors) == errors
    assert len(told([*errors, *errors])) == MOST_TOLD + 1


def test_many_pins_that_cannot_be_are_counted(tmp_path: Path) -> None:
    people = [student(f"P{at}", pinned_slot_id="L1", year_group=9) for at in range(MOST_TOLD + 20)]
    for name, data in csv_files(make_round(people, [slot("L1", year_groups="10")], [])).items():
        (tmp_path / f"{name}.csv").write_bytes(data)
    done = hub_matching("solve", tmp_path, "--out", tmp_path / "out")
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if not line.startswith("notice")]
    assert len(lines) == MOST_TOLD + 1
    assert lines[-1].startswith("students.csv: pinned_slot_id: 21 more errors;")
    assert max(map(len, lines)) < 600  # the crowd that is pinned to one seat is not named to its last
    assert not (tmp_path / "out").exists()


def test_a_cell_as_long_as_a_book_is_one_readable_line() -> None:
    line = str(InputError("students.csv", 2, "available", f"{'x' * 10**6!r} is not a date", "write dates so"))
    assert len(line) < 500
    assert line.endswith("…; write dates so")


def test_a_round_of_the_largest_figures_is_exact_and_verified() -> None:
    """Every figure at its limit, for as many students as a flow's weights must tell apart."""
    people = [student(f"P{at}", priority=1000, max_travel_minutes=100_000) for at in range(400)]
    slots = [slot(f"L{at}", capacity=40) for at in range(10)]
    ranked = wishes(**{f"P{at}": [f"L{(at + step) % 10}" for step in range(10)] for at in range(400)})
    travel = [{"origin_postcode": "HOME", "destination_postcode": "WORK", "mode": "walk", "minutes": "100000"}]
    made = result(make_round(people, slots, ranked, travel=travel), rank_cost=(1_000_000,))
    assert [level["value"] for level in made.run["levels"]][:-1] == [400, 400, 400_000, 400_000_000, 40_000_000]


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
def test_hundreds_of_ranks_are_exact_and_verified(objective: str) -> None:
    slots = [slot(f"L{at:03d}") for at in range(300)]
    names = [row["slot_id"] for row in slots]
    people = [student(f"P{at:02d}", priority=1000) for at in range(40)]
    ranked = wishes(**{row["student_id"]: names for row in people})  # all the same, so ranks 1 to 40 are taken
    made = result(make_round(people, slots, ranked), objective=objective)
    assert sorted(placement.rank or 0 for placement in made.placements) == list(range(1, 41))


def test_a_list_of_a_million_rank_costs_is_read() -> None:
    round_ = make_round([student("ann")], [slot("L1", capacity=0), slot("L2")], wishes(ann=["L1", "L2"]))
    made = result(round_, rank_cost=(7, 9, *range(1_000_000)))
    assert {level["name"]: level["value"] for level in made.run["levels"]}["rank_cost"] == 9
