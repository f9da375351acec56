"""Writes a sample as the files that the product's upload API takes: header and rows of each, and the folder."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from hub_deploy.sample.model import Employer, Preference, Sample, Slot, Student
from hub_deploy.sample.region import DATA

Row = tuple[str, ...]

STUDENT_COLUMNS: Row = (
    "upn",
    "mis_id",
    "first_name",
    "last_name",
    "date_of_birth",
    "year_group",
    "gender",
    "home_postcode",
    "email",
    "free_school_meals",
    "send_status",
    "access_needs",
    "travel_modes",
    "max_travel_minutes",
    "available",
    "interests",
    "past_sectors",
    "excluded_employers",
    "companion_mis_id",
    "consent",
)
EMPLOYER_COLUMNS: Row = (
    "employer_ref",
    "name",
    "sector",
    "postcode",
    "contact_name",
    "contact_email",
    "insurance_valid_until",
    "risk_band",
    "max_at_once",
)
SLOT_COLUMNS: Row = (
    "slot_ref",
    "employer_ref",
    "title",
    "sector",
    "kind",
    "mode",
    "postcode",
    "dates",
    "capacity",
    "min_group",
    "max_per_school",
    "single_school",
    "min_age",
    "year_groups",
    "access_provided",
    "reserved",
)
PREFERENCE_COLUMNS: Row = ("mis_id", "rank", "slot_ref")


def student_row(student: Student) -> Row:
    """Give one line of a school's wide file; companions are left out, as the solver refuses them for now."""
    return (
        student.upn,
        student.mis_id,
        student.first_name,
        student.last_name,
        student.date_of_birth.isoformat(),
        str(student.year_group),
        student.gender,
        student.home_postcode,
        student.email,
        _yes(student.free_school_meals),
        student.send_status,
        ";".join(student.access_needs),
        ";".join(student.travel_modes),
        _blank(student.max_travel_minutes),
        ";".join(map(str, student.available)),
        ";".join(student.interests),
        ";".join(student.past_sectors),
        ";".join(student.excluded_employers),
        "",
        "yes" if student.consent else "",
    )


def employer_row(employer: Employer) -> Row:
    """Give one line of the employer file; day caps are left blank, as the solver refuses them for now."""
    return (
        employer.employer_ref,
        employer.name,
        employer.sector,
        employer.postcode,
        employer.contact_name,
        employer.contact_email,
        employer.insurance_valid_until.isoformat(),
        employer.risk_band,
        "",
    )


def slot_row(slot: Slot) -> Row:
    """Give one line of the slot file; min_group and single_school are left blank, as refused for now."""
    return (
        slot.slot_ref,
        slot.employer_ref,
        slot.title,
        slot.sector,
        slot.kind,
        slot.mode,
        slot.postcode,
        ";".join(map(str, slot.dates)),
        str(slot.capacity),
        "",
        _blank(slot.max_per_school),
        "",
        _blank(slot.min_age),
        ";".join(map(str, slot.year_groups)),
        ";".join(slot.access_provided),
        _blank(slot.reserved or None),
    )


def preference_row(preference: Preference) -> Row:
    """Give one line of a school's preference file."""
    return (preference.mis_id, str(preference.rank), preference.slot_ref)


def files(sample: Sample, *, data: Path = DATA) -> dict[str, bytes]:
    """Give every upload file of a sample by its name.

    Returns:
        ``schools_register.csv`` (schools that take part), ``postcodes.csv`` (the whole region), ``employers.csv``,
        ``slots.csv``, then ``students/URN.csv`` and ``preferences/URN.csv`` of each school in order of URN.
    """
    students: dict[str, list[Row]] = {school.urn: [] for school in sample.schools}
    for student in sample.students:
        students[student.urn].append(student_row(student))
    ranked: dict[str, list[Row]] = {school.urn: [] for school in sample.schools}
    for line in sample.preferences:
        ranked[line.urn].append(preference_row(line))
    with (data / "schools_register.csv").open(encoding="utf-8", newline="") as file:
        header, *register = csv.reader(file)
    places = ((postcode, *at) for postcode, at in sample.coordinates.items())
    return {
        "schools_register.csv": table(header, (row for row in register if row[0] in students)),
        "postcodes.csv": table(("postcode", "lat", "lon"), places),
        "employers.csv": table(EMPLOYER_COLUMNS, map(employer_row, sample.employers)),
        "slots.csv": table(SLOT_COLUMNS, map(slot_row, sample.slots)),
        **{f"students/{urn}.csv": table(STUDENT_COLUMNS, rows) for urn, rows in students.items()},
        **{f"preferences/{urn}.csv": table(PREFERENCE_COLUMNS, rows) for urn, rows in ranked.items()},
    }


def write(sample: Sample, folder: Path, *, data: Path = DATA) -> None:
    """Write every upload file of a sample; CSV files left in ``students`` and ``preferences`` are deleted first."""
    for name in ("students", "preferences"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for left_over in (folder / name).glob("*.csv"):
            left_over.unlink()
    for name, content in files(sample, data=data).items():
        (folder / name).write_bytes(content)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Give a CSV file's bytes: UTF-8, lines end in a line feed."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue().encode()


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write one CSV file."""
    path.write_bytes(table(header, rows))


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"


def _blank(number: int | None) -> str:
    return "" if number is None else str(number)
