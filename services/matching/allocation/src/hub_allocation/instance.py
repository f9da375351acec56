"""A round's input as arrays: what the files said, checked, in canonical order, and nothing computed from it yet."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub_allocation.policy import Policy
from hub_allocation.reading.cells import Days
from hub_allocation.reading.columns import Coded

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

NONE = -1
"""Stands for "no limit", "no such row" and "unknown" in arrays of whole numbers, as each array says."""


@dataclass(frozen=True, slots=True)
class Students:
    """One entry a student, ordered by id."""

    ids: list[str]
    rows: Longs
    """Spreadsheet row in students.csv."""
    school: Coded[str]
    year_group: Longs
    birth_month: Longs
    """Years * 12 + (month - 1)."""
    home: Ints
    """Index into Instance.postcodes; NONE when neither student nor school has one."""
    modes: Longs
    """Bit k: may use TRAVEL_MODES[k]."""
    limit: Longs
    """Most minutes one way."""
    available: Coded[Days]
    """Empty: any date."""
    needs: Coded[tuple[str, ...]]
    priority: Longs
    past_sectors: Coded[tuple[str, ...]]
    interests: Coded[tuple[str, ...]]
    excluded: Coded[tuple[str, ...]]
    companion: Ints
    """Index of the student who gets the same slot or none as well; NONE: nobody. Holds both ways."""
    pinned: Ints
    """Index of the pinned slot, or NONE."""

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Slots:
    """One entry a slot, ordered by id."""

    ids: list[str]
    rows: Longs
    employer: Coded[str]
    title: list[str]
    sector: Coded[str]
    virtual: Flags
    place: Ints
    """Index into Instance.postcodes; NONE when virtual without one."""
    days: Coded[Days]
    capacity: Longs
    min_group: Longs
    """Runs with at least so many or not at all; 0: no minimum. May exceed the capacity: then it never runs."""
    stated_per_school: Longs
    """Most students of one school as the file states it; NONE: no limit. ``max_per_school`` is what can bind."""
    stated_single: Flags
    """Whether the file says that all its students come from one school. ``single_school`` is what can bind."""
    min_age: Longs
    """0: any."""
    year_groups: Longs
    """Bit k: year 7 + k."""
    access: Coded[tuple[str, ...]]
    reserved: Longs

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def max_per_school(self) -> Longs:
        """Most students of one school; NONE: no limit, or one that the capacity makes needless."""
        return np.where(self.stated_per_school >= self.capacity, NONE, self.stated_per_school)

    @property
    def single_school(self) -> Flags:
        """Whether all students come from one school; false where a single seat makes it so anyway."""
        return np.asarray(self.stated_single & (self.capacity > 1))


@dataclass(frozen=True, slots=True)
class Journeys:
    """travel.csv: origin[r] to destination[r] (indexes into Instance.postcodes) takes minutes[r] by mode[r]."""

    origin: Ints
    destination: Ints
    mode: Longs
    minutes: Longs


@dataclass(frozen=True, slots=True)
class Instance:
    """Everything a solve starts from."""

    policy: Policy
    students: Students
    slots: Slots
    postcodes: list[str]
    """Every postcode named anywhere, in order of its text."""
    latitude: Floats
    """For each postcode, NaN where postcodes.csv has none."""
    longitude: Floats
    journeys: Journeys
    employer_caps: Longs
    """Most students on any one day over all slots of an employer, for each of ``slots.employer.values``; NONE: any."""
    school_caps: Longs
    """Most students of a school on placement on any one day, for each of ``students.school.values``; NONE: any."""
    wish_student: Ints
    """preferences.csv, ordered by student, rank, slot."""
    wish_slot: Ints
    wish_rank: Ints
    input_sha256: str
    rows: dict[str, int]
    """Rows of each table."""
    notices: tuple[str, ...]
