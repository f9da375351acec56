"""Why each slot with empty seats has them."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from hub_allocation.eligibility import Pairs, rules
from hub_allocation.explain.better import better_ranked
from hub_allocation.explain.groups import Groups
from hub_allocation.explain.limits import Limits
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
    "companion": "the rule that companions go together",
    "clash": "the rule that days of placements differ",
    "sector": "the rule that sectors differ",
    "holds_group": "the minimum group of the slot they have",
}


class SlotLines:
    """Tells of each slot with empty seats."""

    def __init__(
        self,
        instance: Instance,
        pairs: Pairs,
        chosen: Longs,
        *,
        limits: Limits,
        groups: Groups,
        why: Callable[[int], Line],
    ) -> None:
        """``why``: why a student does not have the slot of a pair, as ``StudentLines.why_missed`` says it."""
        self._instance, self._pairs, self._limits = instance, pairs, limits
        self._groups, self._why = groups, why
        self._better = better_ranked(instance, pairs, chosen)

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
        if self._instance.slots.min_group[what] and not taken:
            text = self._groups.not_run_text(what)
            return "group_not_run" if self._groups.can_run(what) else "group_too_small", text[0].lower() + text[1:]
        return self._kept_out(feasible)

    def _kept_out(self, feasible: Longs) -> tuple[str, str]:
        """What stands in the way of those who would rather be here."""
        whys = [self._why(place) for place in feasible[self._better[feasible]].tolist()]
        codes = Counter(why.get("limit", why["status"]) for why in whys)
        held = Counter({code: count for code, count in codes.items() if code in KEPT_WORDS})
        if held:
            words = ", ".join(f"{KEPT_WORDS[code]} ({count})" for code, count in held.most_common())
            by_limit = any("limit" in why for why in whys)
            return (
                "kept_by_limit" if by_limit else "kept_by_rule",
                f"{held.total()} more may take it, but not under {words}.",
            )
        if codes["no_better"]:
            return "no_better", "no allocation was found that has more students here and is better in all."
        fixed = " or is fixed" if codes else ""
        return (
            "placed_elsewhere",
            f"all others of the {len(feasible)} who may take it have a slot that counts at least as well{fixed}.",
        )
