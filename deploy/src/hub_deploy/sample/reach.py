"""A rough idea of door-to-door minutes, the way an adviser would guess them: for shaping choices, never for results.

The solver has a travel estimate of its own, with sources; this one only makes invented students rank mostly
slots they can reach.
"""

import numpy as np

from hub_deploy.sample.draws import FloatArray
from hub_deploy.sample.model import Point

_MINUTES: dict[str, tuple[float, float]] = {
    "walk": (0.0, 17.0),
    "cycle": (2.0, 5.0),
    "public_transport": (16.0, 5.0),
    "car": (5.0, 3.0),
}
"""Minutes before setting off or waiting, and minutes for each kilometre as the crow flies. Assumptions."""


def kilometres(place: Point, east_km: FloatArray, north_km: FloatArray) -> FloatArray:
    """Straight-line distances from one place to many."""
    east, north = east_km - place.east_km, north_km - place.north_km
    return np.sqrt(east * east + north * north)


def rough_minutes(distance_km: FloatArray, modes: tuple[str, ...]) -> FloatArray:
    """Minutes by the fastest of a student's modes."""
    minutes = np.full_like(distance_km, np.inf)
    for mode in modes:
        start, per_km = _MINUTES[mode]
        minutes = np.minimum(minutes, start + per_km * distance_km)
    return minutes
