"""Invented employers over the region's real mix of industries and sizes, and the slots they offer."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from hub_deploy.sample import people, trades
from hub_deploy.sample.calendar import WEEKS, weekday
from hub_deploy.sample.draws import Draws, FloatArray
from hub_deploy.sample.model import DateSpan, Employer, School, Slot
from hub_deploy.sample.reach import kilometres
from hub_deploy.sample.region import Region

SEATS_PER_STUDENT = 1.0
"""Assumption: as many seats as students, unevenly spread, so that some stay out for real reasons."""


@dataclass(frozen=True, slots=True)
class _Band:
    """How employers of a size take part: chance that one hosts, how many slots, how many seats in each."""

    hosting: float
    slots: tuple[int, int]
    capacity: tuple[int, int]


_BANDS = {
    "Micro 0 to 9": _Band(hosting=0.05, slots=(1, 1), capacity=(1, 2)),
    "Small 10 to 49": _Band(hosting=0.30, slots=(1, 2), capacity=(1, 4)),
    "Medium 50 to 249": _Band(hosting=0.50, slots=(1, 3), capacity=(2, 6)),
    "Large 250+": _Band(hosting=0.79, slots=(2, 6), capacity=(3, 12)),
}
"""0.79: large establishments with anyone on a placement, UKCES 2014; the others are assumptions (all: 0.38)."""

_MODES = (("in_person", 90.0), ("hybrid", 5.0), ("virtual", 5.0))
_DESK_SECTORS = (
    "Digital and media",
    "Finance",
    "Science and professional services",
    "Business support",
    "Public services",
)
_ADULT_WORK = ("Construction", "Manufacturing", "Energy", "Health and social care")
_WEEKS = ((0, 1.5), (1, 2.0), (2, 3.0), (3, 4.0), (4, 4.0), (5, 2.5))
_PATTERNS = (("week", 52.0), ("three_days", 18.0), ("two_days", 8.0), ("split", 8.0), ("fortnight", 6.0), ("day", 8.0))
_ACCESS = ("step_free", "wheelchair", "quiet_space", "bsl")
_RISKS = (("low", 70.0), ("less_familiar", 22.0), ("higher", 8.0))


def sector_weights(region: Region) -> FloatArray:
    """Weigh each sector by the jobs of its industry group, split by the group's large employers (plus one each)."""
    groups: dict[str, float] = {}
    for sector in region.sectors:
        groups[sector.industry_group] = groups.get(sector.industry_group, 0.0) + sector.large_employers + 1.0
    return np.array(
        [
            sector.group_thousand_jobs * (sector.large_employers + 1.0) / groups[sector.industry_group]
            for sector in region.sectors
        ]
    )


def offer(region: Region, schools: tuple[School, ...], *, seed: int) -> tuple[tuple[Employer, ...], tuple[Slot, ...]]:
    """Invent employers one after another until their slots hold the seats that the schools' students call for."""
    draws = Draws(seed, "employers")
    wanted = int(SEATS_PER_STUDENT * sum(school.cohort for school in schools))
    kinds = [(key, count * _BANDS[key[1]].hosting) for key, count in sorted(region.enterprises.items())]
    weights = _site_weights(region, schools)
    inside = np.array(region.authority)
    sites = {la: np.cumsum(np.where(inside == la, weights, 0.0)) for la in sorted(region.leavers)}
    sectors = [
        (sector.sector, float(weight)) for sector, weight in zip(region.sectors, sector_weights(region), strict=True)
    ]
    employers: list[Employer] = []
    slots: list[Slot] = []
    names: set[str] = set()
    seats = 0
    while seats < wanted:
        authority, size = draws.pick(kinds)
        site = draws.within(sites[authority])
        sector = draws.pick(sectors)
        name = _new_name(draws, sector, names)
        employer = _employer(
            draws, number=len(employers) + 1, name=name, sector=sector, size=size, region=region, site=site
        )
        employers.append(employer)
        for _ in range(draws.whole(*_BANDS[size].slots)):
            slots.append(_slot(draws, number=len(slots) + 1, employer=employer))
            seats += slots[-1].capacity
    return tuple(employers), tuple(slots)


def _site_weights(region: Region, schools: tuple[School, ...]) -> FloatArray:
    """Weigh postcodes as places of work: well-connected ones, and within reach of a school that takes part."""
    nearest = np.full(len(region.postcodes), np.inf)
    for school in schools:
        nearest = np.minimum(nearest, kilometres(school.place, region.east_km, region.north_km))
    connected = np.maximum(region.connectivity - 35.0, 1.0) / 20.0
    ratio = nearest / 5.0
    return connected * connected * connected / (1.0 + ratio * ratio)


def _new_name(draws: Draws, sector: str, taken: set[str]) -> str:
    """Make up a name that says it is one, and add it to those taken."""
    while True:
        words = draws.one(trades.FIRST_WORDS), draws.one(trades.SECOND_WORDS), draws.one(trades.TRADES[sector])
        name = " ".join(words) + " (invented)"
        if name not in taken:
            taken.add(name)
            return name


def _employer(draws: Draws, *, number: int, name: str, sector: str, size: str, region: Region, site: int) -> Employer:
    contact = f"{draws.one(people.GIRLS + people.BOYS)} {draws.one(people.SURNAMES)}"
    return Employer(
        employer_ref=f"E{number:05d}",
        name=name,
        sector=sector,
        size=size,
        postcode=region.postcodes[site],
        place=region.place(site),
        contact_name=contact,
        contact_email=f"{contact.lower().replace(' ', '.')}@employer-{number:05d}.example",
        insurance_valid_until=date(2027, 8, 31) + timedelta(days=30 * draws.whole(0, 11)),
        risk_band=draws.pick(_RISKS),
    )


def _slot(draws: Draws, *, number: int, employer: Employer) -> Slot:
    mode = draws.pick(_MODES) if employer.sector in _DESK_SECTORS else draws.pick(_MODES[:1] * 9 + _MODES[1:])
    capacity = draws.whole(*_BANDS[employer.size].capacity) + (draws.whole(4, 12) if mode == "virtual" else 0)
    dates = _dates(draws)
    rule = draws.pick((("reserved", 10.0), ("per_school", 15.0), ("none", 75.0))) if capacity >= 2 else "none"
    visit = dates[0].first == dates[-1].last
    return Slot(
        slot_ref=f"S{number:05d}",
        employer_ref=employer.employer_ref,
        title=f"{employer.sector}: {'a day of visits' if visit else 'work experience'}",
        sector=employer.sector,
        kind="visit" if visit else "placement",
        mode=mode,
        postcode="" if mode == "virtual" else employer.postcode,
        place=employer.place,
        dates=dates,
        capacity=capacity,
        max_per_school=max(1, capacity // 2) if rule == "per_school" else None,
        min_age=_min_age(draws, employer.sector),
        year_groups=(10,) if draws.chance(0.35) else (10, 11),
        access_provided=_access(draws, mode),
        reserved=max(1, capacity // 4) if rule == "reserved" else 0,
    )


def _dates(draws: Draws) -> tuple[DateSpan, ...]:
    week = draws.pick(_WEEKS)
    following = min(week + 1, WEEKS - 1)
    day = draws.whole(0, 4)
    match draws.pick(_PATTERNS):
        case "week":
            return (DateSpan(weekday(week, 0), weekday(week, 4)),)
        case "three_days":
            return (DateSpan(weekday(week, 1), weekday(week, 3)),)
        case "two_days":
            return (DateSpan(weekday(week, 2), weekday(week, 3)),)
        case "split":
            before = following - 1
            return tuple(DateSpan(weekday(w, 0), weekday(w, 1)) for w in (before, following))
        case "fortnight":
            return tuple(DateSpan(weekday(w, 0), weekday(w, 4)) for w in (following - 1, following))
        case _:
            return (DateSpan(weekday(week, day), weekday(week, day)),)


def _min_age(draws: Draws, sector: str) -> int | None:
    """Work with machines or patients asks for 15 or 16 more often."""
    if sector in _ADULT_WORK:
        return draws.pick(((None, 55.0), (14, 15.0), (15, 25.0), (16, 5.0)))
    return draws.pick(((None, 80.0), (14, 12.0), (15, 7.0), (16, 1.0)))


def _access(draws: Draws, mode: str) -> tuple[str, ...]:
    if mode == "virtual":
        return _ACCESS if draws.chance(0.3) else _ACCESS[:3]
    step_free = draws.chance(0.62)
    wheelchair = step_free and draws.chance(0.75)
    given = (step_free, wheelchair, draws.chance(0.4), draws.chance(0.08))
    return tuple(tag for tag, yes in zip(_ACCESS, given, strict=True) if yes)
