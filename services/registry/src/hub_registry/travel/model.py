"""Overridden journeys as rows of travel.csv; pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from hub_allocation.instance import NONE
from hub_allocation.travel.estimate import EstimateProvider
from hub_allocation.travel.provider import Question
from hub_schemas.tables import TRAVEL_MODES

Place = tuple[float, float]
Journey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Override:
    """A time that stands in the place of an estimate."""

    origin: str
    destination: str
    mode: str
    minutes: int
    estimate: int


def estimates(journeys: Iterable[Journey], where: Mapping[str, Place]) -> dict[Journey, dict[str, int]]:
    """Estimate journeys by each means of travel, as the solver does; one with an unknown end is absent.

    Args:
        journeys: J pairs of postcodes.
        where: latitude and longitude of postcodes.

    Returns:
        Minutes by means of travel. Cost O(J).
    """
    known = [journey for journey in dict.fromkeys(journeys) if journey[0] in where and journey[1] in where]
    postcodes = sorted({end for journey in known for end in journey})
    at = {postcode: place for place, postcode in enumerate(postcodes)}
    ends = np.array([[at[origin], at[destination]] for origin, destination in known], dtype=np.int32).reshape(-1, 2)
    lat, lon = np.array([where[postcode] for postcode in postcodes], dtype=np.float64).reshape(-1, 2).T
    answers = EstimateProvider().minutes(Question(postcodes, lat, lon, ends[:, 0], ends[:, 1])).tolist()
    return {
        journey: {mode: minutes for mode, minutes in zip(TRAVEL_MODES, row, strict=True) if minutes != NONE}
        for journey, row in zip(known, answers, strict=True)
    }


def travel_rows(
    overrides: Iterable[Override],
    where: Mapping[str, Place],
    *,
    destinations: Collection[str],
    origins: Collection[str] | None = None,
) -> list[tuple[str, str, str, str]]:
    """Write the rows of ``travel`` that let overrides stand.

    A journey that has a row has no estimate any more, by any means of travel; so the estimates of the other means are
    written down beside it.

    Args:
        overrides: of the hub, one for each journey and means of travel.
        where: latitude and longitude of postcodes.
        destinations: postcodes of slots; other journeys are left out.
        origins: homes of students; None: any.

    Returns:
        (origin, destination, mode, minutes), in order.
    """
    asked = [one for one in overrides if one.destination in destinations and (origins is None or one.origin in origins)]
    minutes = estimates([(one.origin, one.destination) for one in asked], where)
    for one in asked:
        minutes.setdefault((one.origin, one.destination), {})[one.mode] = one.minutes
    return sorted(
        (origin, destination, mode, str(of_mode))
        for (origin, destination), modes in minutes.items()
        for mode, of_mode in modes.items()
    )
