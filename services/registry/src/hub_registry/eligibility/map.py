"""A map of the slots found for a student, as SVG: where they lie around home, drawn from coordinates alone; pure."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 640
HEIGHT: Final = 420
_EDGE: Final = 30
_KM_PER_DEGREE: Final = 111.2
_BARS_KM: Final = (0.5, 1, 2, 5, 10, 20, 50, 100)

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Dot:
    """The slots at one place: where on the map, how many, whether any can work."""

    x: float
    y: float
    radius: float
    slots: int
    possible: bool
    postcode: str


@dataclass(frozen=True, slots=True)
class Map:
    """A map: its dots, the home, and a bar to read distances by."""

    dots: list[Dot]
    home: tuple[float, float] | None
    bar_km: float
    bar_px: float


def draw(found: Sequence[tuple[str, bool]], where: Mapping[str, Place], home: Place | None) -> Map | None:
    """Lay out a map.

    Args:
        found: F slots as (postcode, whether it can work); online ones have no postcode and no dot.
        where: latitude and longitude of postcodes; a slot whose place is unknown has no dot.
        home: where the student sets out.

    Returns:
        The map, north up, the same scale both ways; those that can work are drawn last, on top. None without a place.
        Cost O(F).
    """
    at = Counter(postcode for postcode, _ in found if postcode in where)
    if not at:
        return None
    able = {postcode for postcode, possible in found if possible}
    places = [where[postcode] for postcode in at] + ([home] if home else [])
    middle = math.cos(math.radians(sum(lat for lat, _ in places) / len(places)))
    east = [lon * middle * _KM_PER_DEGREE for _, lon in places]
    north = [lat * _KM_PER_DEGREE for lat, _ in places]
    width_km, height_km = max(east) - min(east), max(north) - min(north)
    scale = min((WIDTH - 2 * _EDGE) / max(width_km, 1.0), (HEIGHT - 2 * _EDGE) / max(height_km, 1.0))
    left, top = (min(east) + max(east)) / 2 - WIDTH / scale / 2, (min(north) + max(north)) / 2 + HEIGHT / scale / 2

    def spot(place: Place) -> tuple[float, float]:
        x = (place[1] * middle * _KM_PER_DEGREE - left) * scale
        return round(x, 1), round((top - place[0] * _KM_PER_DEGREE) * scale, 1)

    dots = [
        Dot(*spot(where[postcode]), round(3 + 2 * math.sqrt(slots), 1), slots, postcode in able, postcode)
        for postcode, slots in at.items()
    ]
    bar_km = max((km for km in _BARS_KM if km * scale <= WIDTH / 3), default=_BARS_KM[0])
    ordered = sorted(dots, key=lambda dot: (dot.possible, dot.postcode))
    return Map(ordered, spot(home) if home else None, bar_km, round(bar_km * scale, 1))
