"""Invented students around real schools. Shares with a source are cited; the rest are assumptions, listed as such
in ``deploy/sample/README.md``."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from hub_deploy.sample import people
from hub_deploy.sample.calendar import WEEKS, birth_date, weekday
from hub_deploy.sample.draws import Draws, FloatArray
from hub_deploy.sample.model import DateSpan, Employer, School, Student
from hub_deploy.sample.reach import kilometres
from hub_deploy.sample.region import Region
from hub_deploy.sample.upn import invented_upn

GIRLS_SHARE = 0.493  # DfE key stage 4 leavers 2022/23: 292 663 of 593 735
SEN_SUPPORT_SHARE = 0.123  # the same: 73 077
EHC_PLAN_SHARE = 0.023  # the same: 13 891
_YEAR_11_SHARE = 0.03
_FSM_BY_DECILE = (0.42, 0.31, 0.25, 0.20, 0.16, 0.12, 0.10, 0.08, 0.06, 0.04)
"""Share eligible by the home area's IMD decile: chosen so that the region comes to about 1.2 times England's 22 %, as
Wirral did in 2021 (25.1 % against 20.8 %)."""
_NEEDS_SHARE = {"E": 0.35, "K": 0.07, "N": 0.006}
_NEEDS = (("quiet_space", 5.0), ("step_free", 3.0), ("wheelchair", 2.0), ("bsl", 1.0))
_MODES: tuple[tuple[tuple[str, ...], float], ...] = (
    (("walk", "public_transport"), 62.0),
    (("walk", "cycle", "public_transport"), 14.0),
    (("walk", "public_transport", "car"), 19.0),
    (("walk", "cycle"), 3.0),
    (("walk",), 2.0),
)
_LIMITS: tuple[tuple[int | None, float], ...] = ((None, 45.0), (30, 8.0), (40, 12.0), (45, 20.0), (75, 10.0), (90, 5.0))
_WIDE_CATCHMENT = ("Catholic", "Grammar", "UTC", "Studio", "Blue Coat", "Church of England", "CofE", "FCJ")
_SHARED_POINT = 3
"""Postcodes at one point from which on they are taken for PO boxes and large offices, not homes. Assumption."""
_NEAR_KM, _WIDE_KM, _FURTHEST_KM = 1.7, 3.2, 16.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What students may be interested in: sectors, and how much each is wanted."""

    sectors: tuple[str, ...]
    weights: FloatArray


def release_weeks(school: School, *, seed: int) -> tuple[DateSpan, ...]:
    """Give the three weeks running in which a school lets its Year 10 go; later ones are likelier."""
    first = Draws(seed, "release", school.urn).pick([(0, 1.5), (1, 2.0), (2, 3.0), (3, 3.0)])
    return (DateSpan(weekday(first, 0), weekday(first + 2, 4)),)


def cohort(
    region: Region, school: School, *, number: int, wishes: Wishes, employers: tuple[Employer, ...], seed: int
) -> list[Student]:
    """Invent one school's students, in order of MIS id; ``number`` is the school's position, for its UPNs."""
    draws = Draws(seed, "students", school.urn)
    homes = draws.weighted(_home_weights(region, school), school.cohort)
    weeks = release_weeks(school, seed=seed)
    nearby = _nearby(school, employers)
    mis_id = 100_000 + draws.whole(0, 800) * 1_000
    students = []
    for serial, home in enumerate(homes, start=1):
        mis_id += draws.whole(1, 3)
        students.append(
            _student(
                region,
                school,
                draws=draws,
                home=home,
                mis_id=str(mis_id),
                upn=invented_upn(number, serial),
                weeks=weeks,
                wishes=wishes,
                nearby=nearby,
            )
        )
    return students


def _student(
    region: Region,
    school: School,
    *,
    draws: Draws,
    home: int,
    mis_id: str,
    upn: str,
    weeks: tuple[DateSpan, ...],
    wishes: Wishes,
    nearby: list[str],
) -> Student:
    gender = {"Girls": "F", "Boys": "M"}.get(school.gender) or ("F" if draws.chance(GIRLS_SHARE) else "M")
    year_group = 11 if draws.chance(_YEAR_11_SHARE) else 10
    poor = draws.chance(_FSM_BY_DECILE[int(region.imd_decile[home]) - 1])
    send_status = draws.pick(
        [("E", EHC_PLAN_SHARE), ("K", SEN_SUPPORT_SHARE), ("N", 1 - EHC_PLAN_SHARE - SEN_SUPPORT_SHARE)]
    )
    access_needs = (draws.pick(_NEEDS),) if draws.chance(_NEEDS_SHARE[send_status]) else ()
    return Student(
        upn=upn,
        mis_id=mis_id,
        urn=school.urn,
        first_name=draws.one(people.GIRLS if gender == "F" else people.BOYS),
        last_name=draws.one(people.SURNAMES),
        date_of_birth=birth_date(year_group, draws.unit()),
        year_group=year_group,
        gender=gender,
        home_postcode=region.postcodes[home],
        home=region.place(home),
        email=f"{mis_id}@school-{school.urn}.example" if draws.chance(0.9) else "",
        free_school_meals=poor,
        send_status=send_status,
        access_needs=access_needs,
        travel_modes=_modes(draws, access_needs),
        max_travel_minutes=draws.pick(_LIMITS),
        available=_available(draws, year_group, weeks),
        interests=tuple(wishes.sectors[index] for index in draws.several(wishes.weights, draws.whole(1, 3))),
        past_sectors=tuple(wishes.sectors[i] for i in draws.several(wishes.weights, 1)) if draws.chance(0.22) else (),
        excluded_employers=(draws.one(nearby),) if draws.chance(0.01) else (),
        consent=draws.chance(0.98),
    )


def _home_weights(region: Region, school: School) -> FloatArray:
    """Weigh every postcode of the region as a home: near the school, and where poor children are many."""
    scale = _WIDE_KM if any(word in school.name for word in _WIDE_CATCHMENT) else _NEAR_KM
    distance = kilometres(school.place, region.east_km, region.north_km)
    ratio = distance / scale
    nearness = 1.0 / (1.0 + ratio * ratio * ratio)
    children = 1.0 + np.minimum(region.poor_children, 10.0) / 5.0
    lived_in = (distance <= _FURTHEST_KM) & (region.postcodes_at_point < _SHARED_POINT)
    return np.where(lived_in, nearness * children, 0.0)


def _modes(draws: Draws, access_needs: tuple[str, ...]) -> tuple[str, ...]:
    modes = draws.pick(_MODES)
    if {"wheelchair", "step_free"} & set(access_needs):
        return ("public_transport", "car") if draws.chance(0.5) else ("public_transport",)
    return modes


def _available(draws: Draws, year_group: int, weeks: tuple[DateSpan, ...]) -> tuple[DateSpan, ...]:
    """Year 11 is free after its examinations; a few of Year 10 miss the middle week of their three."""
    if year_group == 11:
        return (DateSpan(weekday(3, 0), weekday(WEEKS - 1, 4)),)
    if not draws.chance(0.04):
        return weeks
    first, last, four_days = weeks[0].first, weeks[0].last, timedelta(days=4)
    return (DateSpan(first, first + four_days), DateSpan(last - four_days, last))


def _nearby(school: School, employers: tuple[Employer, ...]) -> list[str]:
    """The forty nearest employers, any of which may be where a parent works."""
    east = np.array([employer.place.east_km for employer in employers])
    north = np.array([employer.place.north_km for employer in employers])
    order = np.argsort(kilometres(school.place, east, north), kind="stable")[:40]
    return [employers[int(index)].employer_ref for index in order]
