"""A broken rule in figures and in plain words, for one pair."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from hub_allocation.eligibility import rules
from hub_allocation.eligibility.pairs import Pairs
from hub_allocation.instance import NONE, Instance
from hub_allocation.reading.cells import Days
from hub_schemas.tables import TRAVEL_MODES

MODE_WORDS = ("on foot", "by cycle", "by public transport", "by car")
Figures = dict[str, "int | str | list[int] | list[str] | bool"]


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """One rule a pair breaks: its code (rules.CODES), the figures, and both as a sentence's end."""

    code: str
    figures: Figures
    text: str


class Describer:
    """Puts the broken rules of many pairs into words; what all of them need is looked up once."""

    def __init__(self, instance: Instance, pairs: Pairs) -> None:
        self._students, self._slots, self._postcodes = instance.students, instance.slots, instance.postcodes
        self._student, self._slot = pairs.student.tolist(), pairs.slot.tolist()
        self._minutes, self._mode = pairs.minutes.tolist(), pairs.mode.tolist()
        self._estimated, self._broken = pairs.estimated.tolist(), pairs.broken.tolist()
        young = np.flatnonzero(pairs.broken >> rules.CODES.index("too_young") & 1)
        ages = rules.ages(instance, pairs.student[young], pairs.slot[young]) if len(young) else young
        self._age = dict(zip(young.tolist(), ages.tolist(), strict=True))
        self._days_missing: dict[tuple[Days, Days], BrokenRule] = {}
        self._words: list[Callable[[int], BrokenRule]] = [getattr(self, f"_{code}") for code in rules.CODES]

    def broken(self, at: int) -> list[BrokenRule]:
        """Every rule that pair ``at`` breaks, in the order of rules.CODES."""
        bits = self._broken[at]
        return [word(at) for place, word in enumerate(self._words) if bits >> place & 1]

    def journey(self, at: int) -> str:
        """The journey in words: "34 min by public transport (estimate)"; "online" without one."""
        if self._mode[at] == NONE:
            return "online"
        label = " (estimate)" if self._estimated[at] else ""
        return f"{self._minutes[at]} min {MODE_WORDS[self._mode[at]]}{label}"

    def _excluded_employer(self, _at: int) -> BrokenRule:
        return BrokenRule("excluded_employer", {}, "the employer is excluded for this student")

    def _too_young(self, at: int) -> BrokenRule:
        age, least = self._age[at], int(self._slots.min_age[self._slot[at]])
        return BrokenRule("too_young", {"age": age, "min_age": least}, f"aged {age} on the first day, minimum {least}")

    def _year_group(self, at: int) -> BrokenRule:
        year = int(self._students.year_group[self._student[at]])
        bits = int(self._slots.year_groups[self._slot[at]])
        taken = [7 + bit for bit in range(7) if bits >> bit & 1]
        words = f"year {year}, open to year {' and '.join(map(str, taken))}"
        return BrokenRule("year_group", {"year_group": year, "year_groups": taken}, words)

    def _dates(self, at: int) -> BrokenRule:
        asked = self._students.available[self._student[at]], self._slots.days[self._slot[at]]
        if asked not in self._days_missing:  # a school's students share their calendar, and slots their weeks
            self._days_missing[asked] = _not_available(*asked)
        return self._days_missing[asked]

    def _access(self, at: int) -> BrokenRule:
        provided = self._slots.access[self._slot[at]]
        missing = sorted({tag for tag in self._students.needs[self._student[at]] if tag not in provided})
        return BrokenRule("access", {"not_provided": missing}, f"does not provide {', '.join(missing)}")

    def _past_sector(self, at: int) -> BrokenRule:
        sector = self._slots.sector[self._slot[at]]
        return BrokenRule("past_sector", {"sector": sector}, f"{sector} has been experienced before")

    def _no_travel_mode(self, _at: int) -> BrokenRule:
        return BrokenRule("no_travel_mode", {}, "the student has no means of travel and the slot is not online")

    def _no_travel_time(self, at: int) -> BrokenRule:
        ends = int(self._students.home[self._student[at]]), int(self._slots.place[self._slot[at]])
        names = ["an unknown postcode" if code == NONE else self._postcodes[code] for code in ends]
        bits = int(self._students.modes[self._student[at]])
        modes = [mode for place, mode in enumerate(TRAVEL_MODES) if bits >> place & 1]
        # The home postcode is the student's own, so it may stand in the student's own explanation.
        figures: Figures = {"origin": names[0], "destination": names[1], "modes": modes}
        return BrokenRule("no_travel_time", figures, f"no travel time is known from {names[0]} to {names[1]}")

    def _too_far(self, at: int) -> BrokenRule:
        limit, mode = int(self._students.limit[self._student[at]]), TRAVEL_MODES[self._mode[at]]
        minutes, estimate = self._minutes[at], self._estimated[at]
        figures: Figures = {"minutes": minutes, "mode": mode, "limit": limit, "estimate": estimate}
        return BrokenRule("too_far", figures, f"{self.journey(at)}, limit {limit}")


def _not_available(free: Days, days: Days) -> BrokenRule:
    missing = [
        date.fromordinal(day).isoformat()
        for start, end in days
        for day in range(start, end + 1)
        if not any(first <= day <= last for first, last in free)
    ]
    shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more days" if len(missing) > 3 else "")
    return BrokenRule("dates", {"days_not_available": missing}, f"not available on {shown}")


def broken_rules(instance: Instance, pairs: Pairs, at: int) -> list[BrokenRule]:
    """Every rule that one pair breaks, in the order of rules.CODES; for many pairs use a Describer."""
    return Describer(instance, pairs.at(np.array([at]))).broken(0)


def dominant_rule(pairs: Pairs, places: "np.ndarray") -> str | None:
    """The rule that most of these pairs break; the earlier of rules.CODES between equals; None without pairs."""
    if not len(places):
        return None
    counts = [int(((pairs.broken[places] >> bit) & 1).sum()) for bit in range(len(rules.CODES))]
    return rules.CODES[int(np.argmax(counts))]
