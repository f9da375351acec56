"""What a source of travel times must answer; travel.csv, the estimate and, later, routing engines all fit it."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hub_allocation.instance import NONE, Floats, Ints
from hub_schemas.tables import TRAVEL_MODES

MODES = len(TRAVEL_MODES)


@dataclass(frozen=True, slots=True)
class Question:
    """J journeys by index into ``postcodes``, with the coordinates known of each postcode (NaN where unknown)."""

    postcodes: list[str]
    latitude: Floats
    longitude: Floats
    origin: Ints
    destination: Ints

    def __len__(self) -> int:
        return len(self.origin)


class TravelProvider(Protocol):
    """A source of door-to-door times."""

    @property
    def name(self) -> str:
        """How messages call it."""

    @property
    def estimate(self) -> bool:
        """Whether its answers must be labelled an estimate wherever they are shown."""

    def minutes(self, question: Question) -> NDArray[np.int32]:
        """Whole minutes of each journey by each mode (J x 4, in order of TRAVEL_MODES); NONE: no answer."""


def no_answers(count: int) -> NDArray[np.int32]:
    """The answer of somebody who knows nothing: NONE for each journey and mode."""
    return np.full((count, MODES), NONE, dtype=np.int32)
