"""Why each slot with empty seats has them."""

from collections import Counter
from typing import Any

import numpy as np

from hub_allocation.eligibility import Pairs, rules
from hub_allocation.explain.limits import Limits
from hub_allocation.explain.other_rules import not_run_text
from hub_allocation.instance import Instance, Longs

Line = dict[str, Any]

RULE_WORDS = {
    "excluded_employer": "the employer is excluded",
    "too_young": "below the minimum age",
    "year_group": "another year group",
    "dates": "not available on its dates",
    "access": "an access need it can't meet",
    "past_sector": "a sector experienced before",
    "no_travel_mode": "no means of travel",
    "no_travel_time": "no known travel time",
    "too_far": "too far",
}
KEPT_WORDS = {
    "unreserved": "reserved seats",
    "school": "the limit for each school",
    "single_school": "its being for one school",
    "employer_day": "the employer's limit for a day",
    "school_day": "their school's limit for a day",
}


class SlotLines:
    """Tells of each slot with empty seats."""

    def __init__(self, instance: Instance, pairs: Pairs, chosen: Longs, *, limits: Limits) -> None:
        self._instance, self._pairs, self._limits = instance, pairs, limits
        count = np.bincount(pairs.student[chosen], minlength=len(instance.students))
        self._wants_more = (count < instance.policy.places_per_student).tolist()
        self._worst = np.zeros(len(instance.students), dtype=np.int64)
        np.maximum.at(self._worst, pairs.student[chosen], pairs.rank[chosen])
        self._fixed = np.zeros(len(instance.students), dtype=bool)
        self._fixed[pairs.student[pairs.pinned]] = instance.policy.places_per_student == 1
        self._chosen = np.zeros(len(pairs), dtype=bool)
        self._chosen[chosen] = True

    def lines(self) -> list[Line]:
        """One for each slot with empty seats, in order."""
        slots, pairs = self._instance.slots, self._pairs
        order = np.argsort(pairs.slot, kind="stable")
        start = np.searchsorted(pairs.slot[order], np.arange(len(slots) + 1))
        taken = self._limits.taken
        return [
            self._empty(what, order[start[what] : start[what + 1]], int(taken[what]))
            for what in np.flatnonzero(taken < slots.capacity).tolist()
        ]

    def _empty(self, what: int, places: Longs, taken: int) -> Line:
        slots = self._instance.slots
        capacity = int(slots.capacity[what])
        feasible = places[self._pairs.feasible[places]]
        reason, text = self._reason(what, places, feasible, taken=taken)
        return {
            "kind": "slot", "slot_id": slots.ids[what], "capacity": capacity, "taken": taken,
            "empty": capacity - taken, "reason": reason, "ranked": len(places), "feasible": len(feasible),
            "rules": self._broken(places), "text": f"{capacity - taken} of {capacity} seats empty: {text}",
        }  # fmt: skip

    def _broken(self, places: Longs) -> dict[str, int]:
        """How many of these pairs break each rule."""
        broken = self._pairs.broken[places]
        counts = {code: int((broken >> bit & 1).sum()) for bit, code in enumerate(rules.CODES)}
        return {code: count for code, count in counts.items() if count}

    def _reason(self, what: int, places: Longs, feasible: Longs, *, taken: int) -> tuple[str, str]:
        if not len(places):
            return "not_ranked", "no student ranked it."
        if not len(feasible):
            counts = Counter(self._broken(places)).most_common()
            most = ", ".join(f"{RULE_WORDS[code]} ({count})" for code, count in counts)
            return "nobody_feasible", f"none of the {len(places)} who ranked it may take it: {most}."
        least, seats = int(self._instance.slots.min_group[what]), int(self._instance.slots.capacity[what])
        if least and not taken:
            text = not_run_text(least, seats=seats, could=len(feasible))
            reason = "group_not_run" if seats >= least and len(feasible) >= least else "group_too_small"
            return reason, text[0].lower() + text[1:]
        held = Counter(limit for place in feasible.tolist() if (limit := self._held_back(place)))
        if held:
            words = ", ".join(f"{KEPT_WORDS[limit]} ({count})" for limit, count in held.most_common())
            return "kept_by_limit", f"{held.total()} more may take it, but not under {words}."
        return (
            "placed_elsewhere",
            f"all others of the {len(feasible)} who may take it have a slot that counts at least as well.",
        )

    def _held_back(self, place: int) -> str | None:
        """The limit here that keeps out a student who has nothing, or something ranked lower; None without one."""
        who, rank = self._pairs.student[place], self._pairs.rank[place]
        if self._chosen[place] or self._fixed[who]:
            return None
        if not (self._wants_more[who] or self._worst[who] > rank > 0):
            return None
        reached = self._limits.reached(place)
        return None if reached is None else str(reached["limit"])
