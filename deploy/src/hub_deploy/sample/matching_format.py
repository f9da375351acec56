"""Writes a sample as a round's folder in the format the solver takes: opaque ids, birth months, no names."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from hub_deploy.sample.model import Sample, Student
from hub_deploy.sample.uploads import Row, slot_row, write_table
from hub_schemas.tables import TABLES

POLICY = """\
objective = "balanced"
rank_cost = "quadratic"
default_max_travel_minutes = 60
reserved_priority = 300
travel = "auto"
lottery_seed = "5a3f0c9e7d21b84466e1f07a92cd3b58"
time_limit_seconds = 300
"""

_ENTITLEMENT_DAYS, _DAYS_OF_AN_EXPERIENCE = 10, 4
_POINTS_PER_MISSING_DAY = 20
_SUPPORT_POINTS = {"E": 200, "K": 100, "N": 0}
_MEALS_POINTS = 100


def participant(student: Student) -> str:
    """Give the opaque id under which a student appears in the round's folder."""
    return "p" + sha256(f"{student.urn}\n{student.mis_id}".encode()).hexdigest()[:15]


def priority(student: Student) -> int:
    """Give what the registry's default formula comes to, if every past sector was four days: 120 to 500.

    Source:
        Four days: the mean of those who went, England 2024/25 (``facts.csv``).
    """
    missing = _ENTITLEMENT_DAYS - _DAYS_OF_AN_EXPERIENCE * len(student.past_sectors)
    meals = _MEALS_POINTS if student.free_school_meals else 0
    return _POINTS_PER_MISSING_DAY * missing + _SUPPORT_POINTS[student.send_status] + meals


def write(sample: Sample, folder: Path) -> None:
    """Write a round's eight files; ``postcodes.csv`` has only those that occur, ``travel.csv`` only its header."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = {(student.urn, student.mis_id): participant(student) for student in sample.students}
    used = _used_postcodes(sample)
    rows: dict[str, Iterable[Row]] = {
        "students": (_student_row(student) for student in sample.students),
        "slots": map(slot_row, sample.slots),
        "employers": ((employer.employer_ref, "") for employer in sample.employers),
        "schools": ((school.urn, school.postcode, "") for school in sample.schools),
        "preferences": ((ids[line.urn, line.mis_id], str(line.rank), line.slot_ref) for line in sample.preferences),
        "travel": (),
        "postcodes": ((postcode, *sample.coordinates[postcode]) for postcode in sorted(used)),
    }
    for table in TABLES:
        write_table(folder / f"{table.name}.csv", table.header, rows[table.name])
    (folder / "policy.toml").write_bytes(POLICY.encode())


def _student_row(student: Student) -> Row:
    return (
        participant(student),
        student.urn,
        str(student.year_group),
        student.date_of_birth.strftime("%Y-%m"),
        student.home_postcode,
        ";".join(student.travel_modes),
        "" if student.max_travel_minutes is None else str(student.max_travel_minutes),
        ";".join(map(str, student.available)),
        ";".join(student.access_needs),
        str(priority(student)),
        ";".join(student.past_sectors),
        ";".join(student.interests),
        ";".join(student.excluded_employers),
        "",
        "",
    )


def _used_postcodes(sample: Sample) -> set[str]:
    homes = {student.home_postcode for student in sample.students}
    slots = {slot.postcode for slot in sample.slots if slot.postcode}
    return homes | slots | {school.postcode for school in sample.schools}
