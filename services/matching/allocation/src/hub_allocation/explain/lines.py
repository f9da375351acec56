"""Why each student got what they got: codes with figures, and the same in plain words.

Lines are put together as text, because a region has tens of thousands that differ in a few places only.
"""

import json
from collections import defaultdict
from json.encoder import encode_basestring as in_json
from typing import Any

import numpy as np

from hub_allocation.eligibility import Describer, Pairs
from hub_allocation.explain.better import better_ranked
from hub_allocation.explain.groups import Groups, all_fixed
from hub_allocation.explain.limits import Limits
from hub_allocation.explain.other_rules import OtherRules
from hub_allocation.explain.overrides import Overrides
from hub_allocation.instance import NONE, Flags, Instance, Longs
from hub_allocation.levels import rank_costs
from hub_schemas.tables import TRAVEL_MODES

Line = dict[str, Any]
dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

UNPLACED_WORDS = {
    "no_preferences": "Not placed: no slot was ranked.",
    "no_feasible_choice": "Not placed: every choice breaks a rule of the round.",
    "choices_full": "Not placed: each feasible choice was full, did not run or was out of reach under another rule.",
}
_NO_SEAT_LEFT = "Not placed: no choice that could work had a seat left for this round."
_NOT_FOUND = "A seat was free, but no allocation was found that gives it to this student and is better in all."


class StudentLines:
    """Tells of one student after the other; what all of them need is looked up once."""

    def __init__(
        self,
        instance: Instance,
        pairs: Pairs,
        chosen: Longs,
        *,
        limits: Limits,
        groups: Groups,
        fixed: Flags | None,
        overrides: Overrides | None,
    ) -> None:
        self._ids = instance.students.ids
        self._limits, self._overrides = limits, overrides
        self._other = OtherRules(
            instance,
            pairs,
            chosen,
            limits=limits,
            groups=groups,
            held=pairs.pinned if fixed is None else pairs.pinned | fixed,
        )
        self._all_fixed = all_fixed(instance, pairs, fixed=fixed).tolist()
        self._student = pairs.student.tolist()
        self._grouped = (instance.slots.min_group > 0).tolist()
        self._by_rank = instance.policy.objective != "balanced"
        self._cost = rank_costs(instance, pairs).tolist()
        better = np.flatnonzero(better_ranked(instance, pairs, chosen))
        self._better = better.tolist()
        self._start = np.searchsorted(pairs.student[better], np.arange(len(instance.students) + 1)).tolist()
        self._rank, self._slot = pairs.rank.tolist(), pairs.slot.tolist()
        self._held: defaultdict[int, list[int]] = defaultdict(list)
        for place, who in zip(chosen.tolist(), pairs.student[chosen].tolist(), strict=True):
            self._held[who].append(place)
        self._feasible, self._pinned = pairs.feasible.tolist(), pairs.pinned.tolist()
        self._minutes, self._mode = pairs.minutes.tolist(), pairs.mode.tolist()
        self._estimated = pairs.estimated.tolist()
        self._describer = Describer(instance, pairs)
        self._names = [in_json(name) for name in instance.slots.ids]
        self._full = {
            what: _rest({"status": "full", **figures})
            for what, figures in limits.full.items()
            if not self._grouped[what]
        }

    def line(self, who: int, reason: str | None) -> str:
        """Why this student is where they are, and what stood in the way of each better-ranked slot.

        Args:
            who: the student.
            reason: the code of unplaced.csv; None for a placed student.
        """
        held = sorted(self._held[who], key=lambda place: (self._rank[place], place))
        head = f'{{"kind":"student","student_id":{in_json(self._ids[who])},"status":'
        places = self._better[self._start[who] : self._start[who + 1]]
        better = ",".join([self._missed(place, held[-1] if held else NONE) for place in places])
        if not held:
            text = self._unplaced(places, reason or "")
            return f'{head}"unplaced","reason":{in_json(reason or "")},"text":{in_json(text)},"better":[{better}]}}'
        also = f',"also":[{",".join(f"{{{self._slot_taken(place)}}}" for place in held[1:])}]' if held[1:] else ""
        return (
            f'{head}"placed",{self._slot_taken(held[0])}{also},'
            f'"text":{in_json(self._text(held, len(places)))},"better":[{better}]}}'
        )

    def _unplaced(self, places: list[int], reason: str) -> str:
        """``places``: the pairs of all that the student ranked."""
        could = [self._slot[place] for place in places if self._feasible[place]]
        if could and all(self._limits.without_seats(what) for what in could):
            return _NO_SEAT_LEFT
        return UNPLACED_WORDS[reason.partition(":")[0]]

    def _slot_taken(self, at: int) -> str:
        mode = self._mode[at]
        return (
            f'"reason":"{"pinned" if self._pinned[at] else "chosen"}","slot_id":{self._names[self._slot[at]]},'
            f'"rank":{self._rank[at] or "null"},"minutes":{self._minutes[at]},'
            f'"mode":"{"" if mode == NONE else TRAVEL_MODES[mode]}",'
            f'"estimate":{"true" if self._estimated[at] else "false"}'
        )

    def _text(self, held: list[int], better: int) -> str:
        what = "; ".join(self._placed(at) for at in held)
        if not better:
            last = held[-1]
            above = not self._pinned[last] and self._rank[last] > 1 and len(held) == 1
            return f"{what}; no slot was ranked above it." if above else f"{what}."
        were = "1 better-ranked slot was" if better == 1 else f"{better} better-ranked slots were"
        return f"{what}: {were} not possible."

    def _placed(self, at: int) -> str:
        journey = self._describer.journey(at)
        if self._pinned[at]:
            return f"Placed here by the hub, {journey}"
        return f"First choice, {journey}" if self._rank[at] == 1 else f"Choice {self._rank[at]}, {journey}"

    def _missed(self, place: int, taken: int) -> str:
        """Why a student does not have the slot of pair ``place``; ``taken`` is their worst placement."""
        what = self._slot[place]
        shared = self._feasible[place] and not self._all_fixed[self._student[place]]
        why = self._full.get(what) if shared else None
        why = why or _rest(self._why_missed(place, taken))
        cost = self._overrides.of(place) if self._overrides is not None else None
        if cost is not None:
            why = f'{why[:-1]},"if_overridden":{cost}}}'
        return f'{{"slot_id":{self._names[what]},"rank":{self._rank[place] or "null"},{why}'

    def _why_missed(self, place: int, taken: int) -> Line:
        if not self._feasible[place]:
            broken = self._describer.broken(place)
            told = [{"code": rule.code, "figures": rule.figures, "text": rule.text} for rule in broken]
            text = "Not possible: " + "; ".join(rule.text for rule in broken) + "."
            return {"status": "infeasible", "rules": told, "text": text}
        if self._all_fixed[self._student[place]]:
            return self._held_fast(taken)
        group = self._other.not_run(place)
        if group is not None:
            return group
        reached = self._limits.reached(place)
        if reached is not None:
            return {"status": "full", **reached}
        return self._other.companion(place) or self._other.own(place) or self._no_better(place, taken)

    def _held_fast(self, taken: int) -> Line:
        if self._pinned[taken]:
            return {"status": "pinned_elsewhere", "text": "The hub has fixed another slot for this student."}
        return {"status": "kept", "text": "The student's placement stood before and still holds, so it is kept."}

    def why_missed(self, place: int) -> Line:
        """Why the student of pair ``place`` does not have its slot, which they would rather have."""
        held = sorted(self._held[self._student[place]], key=lambda one: (self._rank[one], one))
        return self._why_missed(place, held[-1] if held else NONE)

    def _no_better(self, place: int, taken: int) -> Line:
        # A seat is free, so the policy must count this slot no better, though its rank is.
        figures = {"minutes": self._minutes[place]}
        if taken == NONE or self._by_rank:
            return {"status": "no_better", "figures": figures, "text": _NOT_FOUND}
        figures = {
            "rank_cost": self._cost[place], "rank_cost_taken": self._cost[taken],
            "minutes": self._minutes[place], "minutes_taken": self._minutes[taken],
        }  # fmt: skip
        ours, theirs = (self._cost[place], self._minutes[place]), (self._cost[taken], self._minutes[taken])
        text = (
            f"Had a free seat, but the policy counts it no better than the slot taken: cost {figures['rank_cost']} "
            f"against {figures['rank_cost_taken']}, {figures['minutes']} min against {figures['minutes_taken']}."
        )
        return {"status": "no_better", "figures": figures, "text": text if ours >= theirs else _NOT_FOUND}


def _rest(line: Line) -> str:
    """An object's text after its first fields, which are put in front of it."""
    return dumps(line)[1:]
