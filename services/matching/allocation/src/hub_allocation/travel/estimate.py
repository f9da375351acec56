"""An estimate of door-to-door time from coordinates alone; every use of it is labelled an estimate.

minutes = fixed + great-circle distance x circuity / speed, rounded up.

Circuity (network distance over straight line): 1.40 for roads in England, Ballou, Rahardja & Sakai (2002), "Selected
country circuity factors for road travel distance estimation", Transportation Research Part A 36(9), 843-848, table 1.
The same factor is used on foot and by cycle, where short cuts make it smaller: those times err on the long side.

On foot 4.8 km/h, by cycle 16 km/h and 5 minutes added to every cycle journey for parking: the assumptions of the
Department for Transport's "Journey time statistics: notes and definitions: 2019". 4.8 km/h (80 m a minute) is also that
of Transport for London (2015), "Assessing transport connectivity in London", chapter 2, which counts as the wait for a
service half its headway and, for buses, 2 minutes more for unreliability: 7 minutes at a bus every ten.

By car 29 km/h lies between the averages the same statistics model for urban streets (11.6 mph) and A roads (27 mph).
Our own assumptions, without a published source: 16 km/h in the vehicle for bus and rail together, 5 minutes on foot at
either end of public transport, 5 minutes to park a car and walk from it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub_allocation.instance import NONE, Floats
from hub_allocation.travel.provider import Question, no_answers

EARTH_KM = 6371.0088
"""Mean radius of the Earth, IUGG (Moritz 2000, Journal of Geodesy 74, 128-133)."""

CIRCUITY = 1.40
KM_PER_HOUR = (4.8, 16.0, 16.0, 29.0)
FIXED_MINUTES = (0.0, 5.0, 17.0, 5.0)
LONGEST_MINUTES = 1440
"""Journeys of more than a day have no answer: the coordinates are wrong, or an ocean lies between."""


@dataclass(frozen=True, slots=True)
class EstimateProvider:
    """Answers from the coordinates of both postcodes; none where one of them has no coordinates."""

    name: str = "estimate"
    estimate: bool = True

    def minutes(self, question: Question) -> NDArray[np.int32]:
        """Estimate each journey by each mode, rounded up."""
        answers = no_answers(len(question))
        km = great_circle_km(question)
        known = np.flatnonzero(~np.isnan(km))
        for mode, (speed, fixed) in enumerate(zip(KM_PER_HOUR, FIXED_MINUTES, strict=True)):
            # A hair is taken off before rounding up, so that the last bit of a sine can't add a minute on one machine.
            minutes = np.ceil(np.round(fixed + km[known] * CIRCUITY / speed * 60.0, 6))
            answers[known, mode] = np.where(minutes <= LONGEST_MINUTES, minutes, NONE)
        return answers


def great_circle_km(question: Question) -> Floats:
    """Distance of each journey on a sphere (haversine formula), NaN where a coordinate is unknown."""
    lat = np.radians(question.latitude)
    lon = np.radians(question.longitude)
    lat_a, lat_b = lat[question.origin], lat[question.destination]
    half = np.sin((lat_b - lat_a) / 2) ** 2
    half += np.cos(lat_a) * np.cos(lat_b) * np.sin((lon[question.destination] - lon[question.origin]) / 2) ** 2
    km: Floats = 2 * EARTH_KM * np.arcsin(np.minimum(1.0, np.sqrt(half)))
    return km
