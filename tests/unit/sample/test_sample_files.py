"""The files that are written: the same bytes every time, headers as the product takes them, examples that resolve."""

import csv
import tomllib
from hashlib import sha256
from pathlib import Path

from hub_deploy.sample import Sample, matching_format, uploads
from hub_deploy.sample.region import DATA

EXAMPLE = DATA.parent / "example"
EXAMPLE_ROUND = DATA.parent / "example-round"
PILOT_UPLOADS_SHA256 = "dad6c83416a81794a357740ef27cdab369a03d9aec121d2cc679c89c7cfe5337"
PILOT_ROUND_SHA256 = "0680619d06d5c0147945a3894a9ae526210d29d92fd01f4172203e9d9832e982"
"""Pinned, so that a machine, a numpy or a change that gives other bytes is noticed; change them on purpose only."""


def digest(folder: Path) -> str:
    total = sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            total.update(f"{path.relative_to(folder).as_posix()} {sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def header(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").splitlines()[0].split(","))


def test_upload_files_have_the_pinned_bytes(pilot: Sample, tmp_path: Path) -> None:
    uploads.write(pilot, tmp_path)
    assert digest(tmp_path) == PILOT_UPLOADS_SHA256


def test_round_folder_has_the_pinned_bytes(pilot: Sample, tmp_path: Path) -> None:
    matching_format.write(pilot, tmp_path)
    assert digest(tmp_path) == PILOT_ROUND_SHA256


def test_writing_again_leaves_no_school_of_an_earlier_sample(pilot: Sample, tmp_path: Path) -> None:
    (tmp_path / "students").mkdir()
    (tmp_path / "students" / "1.csv").write_text("left over")
    uploads.write(pilot, tmp_path)
    assert len(list((tmp_path / "students").iterdir())) == len(pilot.schools)


def test_uploads_leave_blank_what_the_solver_refuses_for_now(pilot: Sample, tmp_path: Path) -> None:
    uploads.write(pilot, tmp_path)
    assert {row["min_group"] + row["single_school"] for row in rows(tmp_path / "slots.csv")} == {""}
    assert {row["max_at_once"] for row in rows(tmp_path / "employers.csv")} == {""}
    for path in (tmp_path / "students").iterdir():
        assert {row["companion_mis_id"] for row in rows(path)} == {""}


def test_round_folder_holds_no_name_birth_date_or_mis_id(pilot: Sample, tmp_path: Path) -> None:
    matching_format.write(pilot, tmp_path)
    text = "".join(path.read_text(encoding="utf-8") for path in tmp_path.iterdir())
    student = pilot.students[0]
    assert student.upn not in text
    assert student.date_of_birth.isoformat() not in text
    assert student.email not in text
    assert {row["student_id"] for row in rows(tmp_path / "students.csv")}.isdisjoint(s.mis_id for s in pilot.students)


def test_round_folder_resolves_and_lists_only_postcodes_in_use(pilot: Sample, tmp_path: Path) -> None:
    matching_format.write(pilot, tmp_path)
    check_round(tmp_path)
    used = {row["postcode"] for name in ("students", "slots", "schools") for row in rows(tmp_path / f"{name}.csv")}
    assert {row["postcode"] for row in rows(tmp_path / "postcodes.csv")} == used - {""}


def test_example_files_have_the_upload_headers() -> None:
    assert header(EXAMPLE / "students.csv") == uploads.STUDENT_COLUMNS
    assert header(EXAMPLE / "employers.csv") == uploads.EMPLOYER_COLUMNS
    assert header(EXAMPLE / "slots.csv") == uploads.SLOT_COLUMNS
    assert header(EXAMPLE / "preferences.csv") == uploads.PREFERENCE_COLUMNS
    assert header(EXAMPLE / "schools_register.csv") == header(DATA / "schools_register.csv")


def test_example_files_resolve() -> None:
    employers = {row["employer_ref"] for row in rows(EXAMPLE / "employers.csv")}
    slots = {row["slot_ref"] for row in rows(EXAMPLE / "slots.csv")}
    students = {row["mis_id"] for row in rows(EXAMPLE / "students.csv")}
    postcodes = {row["postcode"] for row in rows(EXAMPLE / "postcodes.csv")}
    assert (len(employers), len(slots), len(students)) == (3, 5, 6)
    assert {row["employer_ref"] for row in rows(EXAMPLE / "slots.csv")} == employers
    assert {row["slot_ref"] for row in rows(EXAMPLE / "preferences.csv")} == slots
    assert {row["mis_id"] for row in rows(EXAMPLE / "preferences.csv")} == students
    assert {row["home_postcode"] for row in rows(EXAMPLE / "students.csv")} <= postcodes


def test_example_round_resolves() -> None:
    check_round(EXAMPLE_ROUND)
    assert len(rows(EXAMPLE_ROUND / "students.csv")) == 6


def check_round(folder: Path) -> None:
    employers = {row["employer_id"] for row in rows(folder / "employers.csv")}
    schools = {row["school_id"] for row in rows(folder / "schools.csv")}
    slots = rows(folder / "slots.csv")
    students = rows(folder / "students.csv")
    preferences = rows(folder / "preferences.csv")
    postcodes = {row["postcode"] for row in rows(folder / "postcodes.csv")}
    assert {row["employer_id"] for row in slots} <= employers
    assert {row["school_id"] for row in students} <= schools
    assert {row["student_id"] for row in preferences} <= {row["student_id"] for row in students}
    assert {row["slot_id"] for row in preferences} <= {row["slot_id"] for row in slots}
    assert {row["postcode"] for row in (*students, *slots) if row["postcode"]} <= postcodes
    assert all(0 <= int(row["priority"]) <= 1000 for row in students)
    policy = tomllib.loads((folder / "policy.toml").read_text(encoding="utf-8"))
    assert policy["objective"] == "balanced"
    assert policy["travel"] == "auto"
    assert policy["default_max_travel_minutes"] == 60
