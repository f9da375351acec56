"""Puts the sample together: schools, then employers and slots, then students, then their preferences."""

from pathlib import Path

import numpy as np

from hub_deploy.sample import market, preferences, region, schools, students
from hub_deploy.sample.model import Preference, Sample, Scale, Student
from hub_deploy.sample.region import Region

SEED = 20270607
_WANTED = {
    "Health and social care": 1.5,
    "Digital and media": 5.0,
    "Arts and sport": 4.0,
    "Education": 1.4,
    "Construction": 1.5,
    "Public services": 0.8,
    "Business support": 0.35,
    "Property": 0.5,
}
"""How much more (or less) students want a sector than it has jobs: an assumption, the same for all genders."""


def generate(scale: Scale = Scale.PILOT, *, seed: int = SEED, data: Path = region.DATA) -> Sample:
    """Invent the whole population of a scale; the same seed gives the same sample on every machine."""
    places = region.load(data)
    taking_part = schools.participating(places, scale, seed=seed)
    employers, slots = market.offer(places, taking_part, seed=seed)
    choices = preferences.Choices.of(slots, seed=seed)
    wishes = _wishes(places)
    everyone: list[Student] = []
    ranked: list[Preference] = []
    for number, school in enumerate(taking_part):
        cohort = students.cohort(places, school, number=number, wishes=wishes, employers=employers, seed=seed)
        everyone += cohort
        ranked += preferences.rank(cohort, choices, seed=seed)
    return Sample(
        scale=scale,
        schools=taking_part,
        students=tuple(everyone),
        employers=employers,
        slots=slots,
        preferences=tuple(ranked),
        coordinates=places.coordinates,
    )


def _wishes(places: Region) -> students.Wishes:
    weights = market.sector_weights(places)
    factors = np.array([_WANTED.get(sector.sector, 1.0) for sector in places.sectors])
    return students.Wishes(sectors=tuple(sector.sector for sector in places.sectors), weights=weights * factors)
