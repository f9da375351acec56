"""The order in which a slot takes students under ``stable``: priority, then minutes, then draw."""

from collections import defaultdict
from typing import Any

from hub_allocation.eligibility import Pairs
from hub_allocation.instance import Instance, Longs
from hub_allocation.lottery import draw

RULES = ("priority", "minutes", "draw")


class SlotOrder:
    """Counts, for a student without a seat at a full slot, how many of those who have one came first by which rule."""

    def __init__(self, instance: Instance, pairs: Pairs, chosen: Longs) -> None:
        self._instance = instance
        self._student, self._slot, self._minutes = pairs.student.tolist(), pairs.slot.tolist(), pairs.minutes.tolist()
        self._priority = instance.students.priority.tolist()
        self._seated: defaultdict[int, list[int]] = defaultdict(list)
        self._draws: dict[int, int] = {}
        for place in chosen.tolist():
            self._seated[self._slot[place]].append(place)

    def behind(self, place: int) -> dict[str, Any]:
        """Why every seat of the slot of a pair went to somebody else."""
        seated = self._seated[self._slot[place]]
        mine = self._key(place)
        counts = dict.fromkeys(RULES, 0)
        for other in seated:
            theirs = self._key(other)
            if theirs[0] != mine[0]:
                counts["priority"] += theirs[0] < mine[0]
            elif theirs[1] != mine[1]:
                counts["minutes"] += theirs[1] < mine[1]
            else:
                counts["draw"] += self._draw(other) < self._draw(place)
        words = {"priority": "by priority", "minutes": "by fewer minutes", "draw": "by draw"}
        how = ", ".join(f"{count} {words[rule]}" for rule, count in counts.items() if count)
        text = f"Full: {len(seated)} of {len(seated)} seats went to students whom the slot takes first: {how}."
        return {"limit": "seats", "placed": len(seated), "of": len(seated), "came_first": counts, "text": text}

    def _key(self, place: int) -> tuple[int, int]:
        return -self._priority[self._student[place]], self._minutes[place]

    def _draw(self, place: int) -> int:
        if place not in self._draws:
            ids = self._instance.students.ids[self._student[place]], self._instance.slots.ids[self._slot[place]]
            self._draws[place] = draw(self._instance.policy.lottery_seed, *ids)
        return self._draws[place]
