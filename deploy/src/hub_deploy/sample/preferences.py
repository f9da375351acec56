"""Ranked preferences: a discrete choice over slots by interest, distance and popularity, mostly of what is possible."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub_deploy.sample.calendar import PROGRAMME, WHOLE_PROGRAMME, days
from hub_deploy.sample.draws import Draws, FloatArray, IntArray
from hub_deploy.sample.model import Preference, Slot, Student
from hub_deploy.sample.reach import kilometres, rough_minutes

DEFAULT_LIMIT_MINUTES = 60
_LENGTHS = ((6, 30.0), (7, 28.0), (8, 22.0), (9, 10.0), (10, 10.0))
_INTEREST_FACTORS = (9.0, 6.0, 4.0)
_IMPOSSIBLE_FACTOR = 0.02
_NOTHING_SHARE, _HOPELESS_SHARE, _TIED_SHARE = 0.004, 0.005, 0.05
_ACCESS_BITS = {"step_free": 1, "wheelchair": 2, "quiet_space": 4, "bsl": 8}

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Choices:
    """The slots as columns, so that one student can be held against all of them at once."""

    refs: tuple[str, ...]
    rows_of_sector: dict[str, IntArray]
    rows_of_employer: dict[str, list[int]]
    east_km: FloatArray
    north_km: FloatArray
    days: IntArray
    first_month: IntArray
    min_age: IntArray
    year_groups: IntArray
    access: IntArray
    virtual: BoolArray
    popularity: FloatArray

    @classmethod
    def of(cls, slots: tuple[Slot, ...], *, seed: int) -> "Choices":
        """Lay out the slots and draw how popular each is: a few wanted by many."""
        spread = Draws(seed, "popularity").units(len(slots))
        sectors = sorted({slot.sector for slot in slots})
        employers: dict[str, list[int]] = {}
        for row, slot in enumerate(slots):
            employers.setdefault(slot.employer_ref, []).append(row)
        return cls(
            refs=tuple(slot.slot_ref for slot in slots),
            rows_of_sector={s: _whole([row for row, slot in enumerate(slots) if slot.sector == s]) for s in sectors},
            rows_of_employer=employers,
            east_km=np.array([slot.place.east_km for slot in slots]),
            north_km=np.array([slot.place.north_km for slot in slots]),
            days=_whole([days(slot.dates) for slot in slots]),
            first_month=_whole([slot.dates[0].first.month for slot in slots]),
            min_age=_whole([slot.min_age or 0 for slot in slots]),
            year_groups=_whole([sum(1 << year for year in slot.year_groups) for slot in slots]),
            access=_whole([_access_bits(slot.access_provided) for slot in slots]),
            virtual=np.array([slot.mode == "virtual" for slot in slots]),
            popularity=np.array([float(slot.capacity) for slot in slots]) / (0.12 + spread),
        )


def rank(students: list[Student], choices: Choices, *, seed: int) -> list[Preference]:
    """Rank slots for one school's students: six to ten each, a few with none, a few with none that can work."""
    if not students:
        return []
    draws = Draws(seed, "preferences", students[0].urn)
    return [preference for student in students for preference in _ranked(student, choices, draws)]


def feasible(student: Student, choices: Choices, distance_km: FloatArray) -> BoolArray:
    """Tell for each slot whether it would do, with rough minutes in place of the solver's."""
    free = days(student.available) if student.available else WHOLE_PROGRAMME
    minutes = rough_minutes(distance_km, student.travel_modes)
    needs = _access_bits(student.access_needs)
    birth = student.date_of_birth
    ages = PROGRAMME.first.year - birth.year - (choices.first_month <= birth.month)
    possible = choices.virtual | (minutes <= (student.max_travel_minutes or DEFAULT_LIMIT_MINUTES))
    possible &= (choices.days & ~free) == 0
    possible &= (choices.access & needs) == needs
    possible &= ages >= choices.min_age
    possible &= (choices.year_groups >> student.year_group) & 1 == 1
    for employer in student.excluded_employers:
        possible[choices.rows_of_employer[employer]] = False
    return possible


def _ranked(student: Student, choices: Choices, draws: Draws) -> list[Preference]:
    length = draws.pick(_LENGTHS)
    kind = draws.unit()
    if kind < _NOTHING_SHARE:
        return []
    distance = kilometres(student.home, choices.east_km, choices.north_km)
    possible = feasible(student, choices, distance)
    if kind < _NOTHING_SHARE + _HOPELESS_SHARE:
        factor = np.where(possible, 0.0, 1.0)
    else:
        factor = np.where(possible, 1.0, _IMPOSSIBLE_FACTOR)
    order = draws.several(factor * _appeal(student, choices, distance), length)
    tied_at = draws.whole(1, 4) if draws.chance(_TIED_SHARE) else len(order)
    return [
        Preference(student.urn, student.mis_id, place - (1 if place > tied_at else 0), choices.refs[index])
        for place, index in enumerate(order, start=1)
    ]


def _appeal(student: Student, choices: Choices, distance_km: FloatArray) -> FloatArray:
    ratio = np.where(choices.virtual, 1.5, distance_km / 4.0)
    appeal = choices.popularity / (1.0 + ratio * ratio)
    for sector, factor in zip(student.interests, _INTEREST_FACTORS, strict=False):
        if sector in choices.rows_of_sector:
            appeal[choices.rows_of_sector[sector]] *= factor
    return appeal


def _access_bits(tags: tuple[str, ...]) -> int:
    return sum(_ACCESS_BITS[tag] for tag in tags)


def _whole(values: list[int]) -> IntArray:
    return np.array(values, dtype=np.int64)
