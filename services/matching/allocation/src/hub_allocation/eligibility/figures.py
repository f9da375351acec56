"""A broken rule in figures and in plain words, for one pair."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from hub_allocation.eligibility import rules
from hub_allocation.eligibility.pairs import Pairs
from hub_allocation.instance import NONE, Instance
from hub_schemas.tables import TRAVEL_MODES

MODE_WORDS = ("on foot", "by cycle", "by public transport", "by car")
Figures = dict[str, "int | str | list[int] | list[str] | bool"]


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """One rule a pair breaks: its code (rules.CODES), the figures, and both as a sentence's end."""

    code: str
    figures: Figures
    text: str


def broken_rules(instance: Instance, pairs: Pairs, at: int) -> list[BrokenRule]:
    """Every rule that pair ``at`` breaks, in the order of rules.CODES."""
    bits = int(pairs.broken[at])
    return [_WORDS[code](instance, pairs, at) for place, code in enumerate(rules.CODES) if bits >> place & 1]


def journey_text(pairs: Pairs, at: int) -> str:
    """The journey in words: "34 min by public transport (estimate)"; "online" without one."""
    if pairs.mode[at] == NONE:
        return "online"
    label = " (estimate)" if pairs.estimated[at] else ""
    return f"{pairs.minutes[at]} min {MODE_WORDS[pairs.mode[at]]}{label}"


def _excluded_employer(instance: Instance, pairs: Pairs, at: int) -> BrokenRule:
    return BrokenRule("excluded_employer", {}, "the employer is excluded for this student")


def _too_young(instance: Instance, pairs: Pairs, at: int) -> BrokenRule:
    age = int(rules.ages(instance, pairs.student[at : at + 1], pairs.slot[at : at + 1])[0])
    least = int(instance.slots.min_age[pairs.slot[at]])
    return BrokenRule("too_young", {"age": age, "min_age": least}, f"aged {age} on the first day, minimum {least}")


def _year_group(instance: Instance, pairs: Pairs, at: int) -> BrokenRule:
    year = int(instance.students.year_group[pairs.student[at]])
    bits = int(instance.slots.year_groups[pairs.slot[at]])
    taken = [7 + bit for bit in range(7) if bits >> bit & 1]
    words = f"year {year}, open to year {' and '.join(map(str, taken))}"
    return BrokenRule("year_group", {"year_group": year, "year_groups": taken}, words)


def _dates(instance: Instance, pairs: Pairs, at: int) -> BrokenRule:
    free = instance.students.available[pairs.student[at]]
    missing = [
        date.fromordinal(day).isoformat()
        for start, end in instance.slots.days[pairs.slot[at]]
        for day in range(start, end + 1)
        if not any(first <= day <= last for first, last in free)
    ]
    shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more days" if len(missing) > 3 else "")
    return BrokenRule("dates", {"days_not_available": missing}, f"not available on {shown}")


def _access(instance: Instance, pairs: Pairs, at: int) -> BrokenRule:
    provided = instance.slots.access[pairs.slot[at]]
    missing = sorted({tag for tag in instance.students.needs[pairs.student[at]] if tag not in provided})
    return BrokenRule("access", {"not_provided": missing}, f"does not provide {', '.join(missing)}")


def _past_sector(instance: Instance, pairs: Pairs, at: int) -> BrokenRule:
    sector = instance.slots.sector[pairs.slot[at]]
    return BrokenRule("past_sector", {"sector": sector}, f"{sector} has been experienced before")


def _no_travel_mode(instance: Instance, pairs: Pairs, at: int) -> BrokenRule:
    return BrokenRule("no_travel_mode", {}, "the student has no means of travel and the slot is not online")


def _no_travel_time(instance: Instance, pairs: Pairs, at: int) -> BrokenRule:
    home, place = instance.students.home[pairs.student[at]], instance.slots.place[pairs.slot[at]]
    names = ["an unknown postcode" if code == NONE else instance.postcodes[code] for code in (home, place)]
    bits = int(instance.students.modes[pairs.student[at]])
    modes = [mode for place_, mode in enumerate(TRAVEL_MODES) if bits >> place_ & 1]
    # The home postcode is the student's own, so it may stand in the student's own explanation.
    figures: Figures = {"origin": names[0], "destination": names[1], "modes": modes}
    return BrokenRule("no_travel_time", figures, f"no travel time is known from {names[0]} to {names[1]}")


def _too_far(instance: Instance, pairs: Pairs, at: int) -> BrokenRule:
    limit = int(instance.students.limit[pairs.student[at]])
    figures: Figures = {
        "minutes": int(pairs.minutes[at]),
        "mode": TRAVEL_MODES[pairs.mode[at]],
        "limit": limit,
        "estimate": bool(pairs.estimated[at]),
    }
    return BrokenRule("too_far", figures, f"{journey_text(pairs, at)}, limit {limit}")


_WORDS = {
    "excluded_employer": _excluded_employer,
    "too_young": _too_young,
    "year_group": _year_group,
    "dates": _dates,
    "access": _access,
    "past_sector": _past_sector,
    "no_travel_mode": _no_travel_mode,
    "no_travel_time": _no_travel_time,
    "too_far": _too_far,
}


def dominant_rule(pairs: Pairs, places: "np.ndarray") -> str | None:
    """The rule that most of these pairs break; the earlier of rules.CODES between equals; None without pairs."""
    if not len(places):
        return None
    counts = [int(((pairs.broken[places] >> bit) & 1).sum()) for bit in range(len(rules.CODES))]
    return rules.CODES[int(np.argmax(counts))]
