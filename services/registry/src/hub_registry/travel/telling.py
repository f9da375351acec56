"""What people are told of a journey's time that an adviser set: it is called so, and never measured; pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from hub_registry.travel.model import Journey, Override

_MODES: Mapping[str, str] = {
    "walk": "on foot",
    "cycle": "by cycle",
    "public_transport": "by public transport",
    "car": "by car",
}


def way(mode: str) -> str:
    """Say how somebody travels: "by public transport"."""
    return _MODES.get(mode, mode)


class Doubted:
    """The journeys whose estimate an adviser overrode, as they stand now."""

    def __init__(self, overrides: Iterable[Override]) -> None:
        self._by_journey: defaultdict[Journey, dict[str, Override]] = defaultdict(dict)
        for one in overrides:
            self._by_journey[one.origin, one.destination][one.mode] = one

    def of_time(self, origin: str, destination: str, *, mode: str, minutes: int) -> str:
        """Say where a result's time comes from, as far as it was doubted; '' where nobody did.

        A time that is not the one that stands now was set, or taken back, after the result: nothing is said of it.
        """
        modes = self._by_journey.get((origin, destination), {})
        if (one := modes.get(mode)) is not None:
            said = f"set by an adviser, the estimate was {one.estimate} min"
            return said if one.minutes == minutes else ""
        # The other ways to make such a journey stand in the input beside it, as estimated.
        return "estimate" if modes and mode else ""

    def of_journey(self, origin: str, destination: str) -> str:
        """Say which times of a journey were set by an adviser; '' for none."""
        modes = self._by_journey.get((origin, destination), {})
        told = [
            f"{one.minutes} min {way(mode)} (the estimate was {one.estimate})" for mode, one in sorted(modes.items())
        ]
        return f"An adviser set the travel time: {', '.join(told)}." if told else ""


def tells_time(missed: Mapping[str, Any]) -> bool:
    """Whether what an explanation says of a slot rests on how long the way there takes."""
    return any("minutes" in said.get("figures", {}) for said in (missed, *missed.get("rules", ())))
