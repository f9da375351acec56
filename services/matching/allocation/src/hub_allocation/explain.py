"""Why each student got what they got, and why seats stay empty: codes with figures, and the same in plain words.

A line never names another student and never says why anybody has a priority. What overriding a decision would cost
others, in exact figures, is a field still to come (``if_overridden``); its absence says nothing.

Lines are put together as text, because a region has tens of thousands that differ in a few places only.
"""

import json
from collections import Counter
from json.encoder import encode_basestring as in_json
from pathlib import Path
from typing import Any

import numpy as np

from hub_allocation.eligibility import Describer, Pairs, rules
from hub_allocation.explain_limits import Limits
from hub_allocation.instance import NONE, Instance, Longs
from hub_allocation.levels import rank_costs
from hub_schemas.tables import TRAVEL_MODES

Line = dict[str, Any]
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
SCHEMA: dict[str, Any] = json.loads(Path(__file__).with_name("explanation.schema.json").read_text(encoding="utf-8"))
"""The JSON Schema of a line."""

UNPLACED_WORDS = {
    "no_preferences": "Not placed: no slot was ranked.",
    "no_feasible_choice": "Not placed: every choice breaks a rule of the round.",
    "choices_full": "Not placed: the feasible choices are full.",
}
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


def explanation_lines(instance: Instance, pairs: Pairs, chosen: Longs, *, reasons: dict[str, str]) -> list[str]:
    """One line of JSON for each student in order, then one for each slot with empty seats."""
    teller = _Teller(instance, pairs, chosen)
    lines = [teller.student(who, reasons) for who in range(len(instance.students))]
    return lines + [_dumps(line) for line in teller.slots()]


class _Teller:
    def __init__(self, instance: Instance, pairs: Pairs, chosen: Longs) -> None:
        self.instance, self.pairs = instance, pairs
        self.limits = Limits(instance, pairs, chosen)
        self.cost = rank_costs(instance, pairs)
        self.start = np.searchsorted(pairs.student, np.arange(len(instance.students) + 1)).tolist()
        self.of_student = np.full(len(instance.students), NONE, dtype=np.int64)
        self.of_student[pairs.student[chosen]] = chosen
        self.taken = self.of_student.tolist()
        self.rank, self.slot = pairs.rank.tolist(), pairs.slot.tolist()
        self.feasible, self.pinned = pairs.feasible.tolist(), pairs.pinned.tolist()
        self.minutes, self.mode, self.estimated = pairs.minutes.tolist(), pairs.mode.tolist(), pairs.estimated.tolist()
        self.describer = Describer(instance, pairs)
        self.slot_names = [in_json(name) for name in instance.slots.ids]
        self.full = {what: _rest({"status": "full", **figures}) for what, figures in self.limits.full.items()}

    def student(self, who: int, reasons: dict[str, str]) -> str:
        """Why this student is where they are, and what stood in the way of each better-ranked slot."""
        name = self.instance.students.ids[who]
        head = f'{{"kind":"student","student_id":{in_json(name)},"status":'
        at = self.taken[who]
        places = range(self.start[who], self.start[who + 1])
        if at == NONE:
            reason = reasons[name]
            text = UNPLACED_WORDS[reason.partition(":")[0]]
            better = [self._missed(place, at) for place in places]
            return f'{head}"unplaced","reason":{in_json(reason)},"text":{in_json(text)},"better":[{",".join(better)}]}}'
        own, mode = self.rank[at], self.mode[at]
        better = [self._missed(place, at) for place in places if place != at and (own == 0 or self.rank[place] < own)]
        return (
            f'{head}"placed","reason":"{"pinned" if self.pinned[at] else "chosen"}",'
            f'"slot_id":{self.slot_names[self.slot[at]]},"rank":{own or "null"},"minutes":{self.minutes[at]},'
            f'"mode":"{"" if mode == NONE else TRAVEL_MODES[mode]}",'
            f'"estimate":{"true" if self.estimated[at] else "false"},'
            f'"text":{in_json(self._placed_text(at, len(better)))},"better":[{",".join(better)}]}}'
        )

    def _placed_text(self, at: int, better: int) -> str:
        journey = self.describer.journey(at)
        if self.pinned[at]:
            return f"Placed here by the hub, {journey}."
        if self.rank[at] == 1:
            return f"First choice, {journey}."
        if not better:
            return f"Choice {self.rank[at]}, {journey}; no slot was ranked above it."
        were = "1 better-ranked slot was" if better == 1 else f"{better} better-ranked slots were"
        return f"Choice {self.rank[at]}, {journey}: {were} not possible."

    def _missed(self, place: int, taken: int) -> str:
        """Why a student does not have the slot of pair ``place``."""
        what = self.slot[place]
        why = self.full.get(what) if self.feasible[place] else None
        why = why or _rest(self._why_missed(place, taken))
        return f'{{"slot_id":{self.slot_names[what]},"rank":{self.rank[place] or "null"},{why}'

    def _why_missed(self, place: int, taken: int) -> Line:
        if not self.feasible[place]:
            broken = self.describer.broken(place)
            told = [{"code": rule.code, "figures": rule.figures, "text": rule.text} for rule in broken]
            text = "Not possible: " + "; ".join(rule.text for rule in broken) + "."
            return {"status": "infeasible", "rules": told, "text": text}
        reached = self.limits.reached(place)
        if reached is not None:
            return {"status": "full", **reached}
        if taken != NONE and self.pinned[taken]:
            return {"status": "pinned_elsewhere", "text": "The hub has fixed another slot for this student."}
        return {"status": "no_better", **self._no_better(place, taken)}

    def _no_better(self, place: int, taken: int) -> Line:
        # A seat is free, so the policy must count this slot no better, though its rank is.
        figures = {
            "rank_cost": int(self.cost[place]), "rank_cost_taken": int(self.cost[taken]),
            "minutes": self.minutes[place], "minutes_taken": self.minutes[taken],
        }  # fmt: skip
        text = (
            f"Had a free seat, but the policy counts it no better than the slot taken: cost {figures['rank_cost']} "
            f"against {figures['rank_cost_taken']}, {figures['minutes']} min against {figures['minutes_taken']}."
        )
        return {"figures": figures, "text": text}

    def slots(self) -> list[Line]:
        """Why each slot with empty seats has them."""
        pairs, slots = self.pairs, self.instance.slots
        order = np.argsort(pairs.slot, kind="stable")
        start = np.searchsorted(pairs.slot[order], np.arange(len(slots) + 1))
        taken = self.limits.taken
        return [
            self._empty(what, order[start[what] : start[what + 1]], int(taken[what]))
            for what in np.flatnonzero(taken < slots.capacity).tolist()
        ]

    def _empty(self, what: int, places: Longs, taken: int) -> Line:
        capacity = int(self.instance.slots.capacity[what])
        feasible = places[self.pairs.feasible[places]]
        counts: Counter[str] = Counter()
        for bit, code in enumerate(rules.CODES):
            broken = int((self.pairs.broken[places] >> bit & 1).sum())
            if broken:
                counts[code] = broken
        held = sum(self._held_back(int(place)) for place in feasible)
        empty = capacity - taken
        seats = f"{empty} of {capacity} seats empty"
        if not len(places):
            reason, text = "not_ranked", f"{seats}: no student ranked it."
        elif not len(feasible):
            most = ", ".join(f"{RULE_WORDS[code]} ({count})" for code, count in counts.most_common())
            reason, text = "nobody_feasible", f"{seats}: none of the {len(places)} who ranked it may take it: {most}."
        elif held:
            kept = "reserved seats" if self.instance.slots.reserved[what] else "the limit for each school"
            reason, text = "kept_by_limit", f"{seats}: {held} more may take it, but not under {kept}."
        else:
            reason = "placed_elsewhere"
            text = (
                f"{seats}: all others of the {len(feasible)} who may take it have a slot that counts at least as well."
            )
        return {
            "kind": "slot", "slot_id": self.instance.slots.ids[what], "capacity": capacity, "taken": taken,
            "empty": empty, "reason": reason, "ranked": len(places), "feasible": len(feasible),
            "rules": dict(counts), "text": text,
        }  # fmt: skip

    def _held_back(self, place: int) -> bool:
        """Whether the student of a feasible pair has nothing, or something ranked lower, because of a limit here."""
        at = self.taken[self.pairs.student[place]]
        worse = at == NONE or (self.rank[at] > self.rank[place] > 0 and not self.pinned[at])
        return worse and self.limits.reached(place) is not None


def _rest(line: Line) -> str:
    """An object's text after its first fields, which are put in front of it."""
    return _dumps(line)[1:]
