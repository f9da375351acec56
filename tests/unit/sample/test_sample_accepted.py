"""The files of the sample go through the product's own readers: the registry's sheets and the solver's instance."""

from pathlib import Path

import pytest

from hub_allocation.policy import read_policy
from hub_allocation.reading.tables import read_instance
from hub_deploy.sample import Sample, matching_format, uploads
from hub_deploy.sample.region import DATA
from hub_registry.employers.columns import EMPLOYERS
from hub_registry.imports import Sheet
from hub_registry.imports.reading import parse
from hub_registry.imports.sheet import Table
from hub_registry.postcodes.columns import POSTCODES
from hub_registry.preferences.columns import SHEET as PREFERENCES
from hub_registry.schools.columns import SCHOOLS
from hub_registry.slots.columns import SLOTS
from hub_registry.students.columns import STUDENTS

EXAMPLE = DATA.parent / "example"
EXAMPLE_ROUND = DATA.parent / "example-round"


def read(path: Path, sheet: Sheet) -> Table:
    with path.open("rb") as file:
        return parse(file, sheet)


@pytest.mark.parametrize(
    ("name", "sheet", "rows"),
    [
        ("schools_register.csv", SCHOOLS, 1),
        ("postcodes.csv", POSTCODES, 10),
        ("students.csv", STUDENTS, 6),
        ("employers.csv", EMPLOYERS, 3),
        ("slots.csv", SLOTS, 5),
        ("preferences.csv", PREFERENCES, 17),
    ],
)
def test_registry_reads_the_example(name: str, sheet: Sheet, rows: int) -> None:
    table = read(EXAMPLE / name, sheet)
    assert len(table.records) == rows


def test_registry_reads_every_upload_file_of_the_pilot(pilot: Sample, tmp_path: Path) -> None:
    uploads.write(pilot, tmp_path)
    assert len(read(tmp_path / "schools_register.csv", SCHOOLS).records) == 12
    assert len(read(tmp_path / "postcodes.csv", POSTCODES).records) == len(pilot.coordinates)
    assert len(read(tmp_path / "employers.csv", EMPLOYERS).records) == len(pilot.employers)
    assert len(read(tmp_path / "slots.csv", SLOTS).records) == len(pilot.slots)
    students = [read(path, STUDENTS) for path in (tmp_path / "students").iterdir()]
    ranked = [read(path, PREFERENCES) for path in (tmp_path / "preferences").iterdir()]
    assert sum(len(table.records) for table in students) == len(pilot.students)
    assert sum(len(table.records) for table in ranked) == len(pilot.preferences)


def test_solver_reads_the_pilot_and_the_example_round(pilot: Sample, tmp_path: Path) -> None:
    matching_format.write(pilot, tmp_path)
    for folder, students in ((tmp_path, 2_100), (EXAMPLE_ROUND, 6)):
        policy = read_policy((folder / "policy.toml").read_bytes())
        instance = read_instance({path.stem: path.read_bytes() for path in folder.glob("*.csv")}, policy)
        assert len(instance.students) == students
