"""What the sample region consists of: schools, students, employers, slots and preferences, before any file format."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Scale(StrEnum):
    """How much of the region: twelve schools, or all of them."""

    PILOT = "pilot"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Point:
    """A place on a local plane: kilometres east and north of the middle of the region."""

    east_km: float
    north_km: float


@dataclass(frozen=True, slots=True)
class School:
    """A real school of the national register; ``cohort`` is the invented number of its students who take part."""

    urn: str
    name: str
    authority: str
    gender: str
    postcode: str
    place: Point
    cohort: int


@dataclass(frozen=True, slots=True)
class DateSpan:
    """First and last day, both included."""

    first: date
    last: date

    def __str__(self) -> str:
        if self.first == self.last:
            return self.first.isoformat()
        return f"{self.first.isoformat()}/{self.last.isoformat()}"


@dataclass(frozen=True, slots=True)
class Student:
    """An invented student; the fields are the columns of the wide school file, plus the place of the home."""

    upn: str
    mis_id: str
    urn: str
    first_name: str
    last_name: str
    date_of_birth: date
    year_group: int
    gender: str
    home_postcode: str
    home: Point
    email: str
    free_school_meals: bool
    send_status: str
    access_needs: tuple[str, ...]
    travel_modes: tuple[str, ...]
    max_travel_minutes: int | None
    available: tuple[DateSpan, ...]
    interests: tuple[str, ...]
    past_sectors: tuple[str, ...]
    excluded_employers: tuple[str, ...]
    consent: bool
    """False: not known yet, which is written as a blank; nobody in the sample has refused."""


@dataclass(frozen=True, slots=True)
class Employer:
    """An invented employer; ``size`` is the band of the business counts and is not written to any file."""

    employer_ref: str
    name: str
    sector: str
    size: str
    postcode: str
    place: Point
    contact_name: str
    contact_email: str
    insurance_valid_until: date
    risk_band: str


@dataclass(frozen=True, slots=True)
class Slot:
    """An invented slot; ``postcode`` is empty when it is virtual."""

    slot_ref: str
    employer_ref: str
    title: str
    sector: str
    kind: str
    mode: str
    postcode: str
    place: Point
    dates: tuple[DateSpan, ...]
    capacity: int
    max_per_school: int | None
    min_age: int | None
    year_groups: tuple[int, ...]
    access_provided: tuple[str, ...]
    reserved: int


@dataclass(frozen=True, slots=True)
class Preference:
    """One line of a student's ranked list; rank 1 is best, equal ranks are ties."""

    urn: str
    mis_id: str
    rank: int
    slot_ref: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A whole sample region, in the order in which it is written."""

    scale: Scale
    schools: tuple[School, ...]
    students: tuple[Student, ...]
    employers: tuple[Employer, ...]
    slots: tuple[Slot, ...]
    preferences: tuple[Preference, ...]
    coordinates: dict[str, tuple[str, str]] = field(repr=False)
    """Latitude and longitude (text, as in the source) of every postcode of the region."""
