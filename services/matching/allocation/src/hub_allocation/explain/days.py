"""Limits for a day: how many students an employer takes at once, and a school has out at once."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from hub_allocation.calendar import slot_days
from hub_allocation.eligibility import Pairs
from hub_allocation.instance import NONE, Instance, Longs


class DayLimits:
    """How many students each limited employer and school has on each day."""

    def __init__(self, instance: Instance, pairs: Pairs, chosen: Longs) -> None:
        slots, students = instance.slots, instance.students
        self._employer, self._school = slots.employer.codes.tolist(), students.school.codes.tolist()
        self._employer_cap, self._school_cap = instance.employer_caps.tolist(), instance.school_caps.tolist()
        self._student, self._slot = pairs.student.tolist(), pairs.slot.tolist()
        self._any = bool((instance.employer_caps != NONE).any() or (instance.school_caps != NONE).any())
        self._at_employer: Counter[tuple[int, int]] = Counter()
        self._of_school: Counter[tuple[int, int]] = Counter()
        self._held: defaultdict[int, list[int]] = defaultdict(list)
        if not self._any:
            return
        days = slot_days(slots)
        self._days = [days.of(slot).tolist() for slot in range(len(slots))]
        for place in chosen.tolist():
            self._held[self._student[place]].append(self._slot[place])
            self._count(place)

    def _count(self, place: int) -> None:
        employer, school = self._employer[self._slot[place]], self._school[self._student[place]]
        for day in self._days[self._slot[place]]:
            if self._employer_cap[employer] != NONE:
                self._at_employer[employer, day] += 1
            if self._school_cap[school] != NONE:
                self._of_school[school, day] += 1

    def reached(self, place: int) -> dict[str, Any] | None:
        """The first day on which others alone reach a limit that the student of a pair would pass; None without one."""
        for limit, day, others, cap in self._counted([place]):
            if others >= cap:
                return _line(limit, others, of=cap, day=date.fromordinal(day).isoformat())
        return None

    def no_room_for_both(self, place: int, other: int) -> bool:
        """Whether two students would pass a limit together at the slot that both pairs have."""
        same = self._school[self._student[place]] == self._school[self._student[other]]
        return any(
            others + (2 if same or limit == "employer_day" else 1) > cap
            for limit, _, others, cap in self._counted([place, other])
        )

    def _counted(self, places: list[int]) -> Iterator[tuple[str, int, int, int]]:
        """For each limit and day of the first pair's slot: how many students beside those of the pairs, of how many."""
        if not self._any:
            return
        what, who = self._slot[places[0]], self._student[places[0]]
        employer, school = self._employer[what], self._school[who]
        # Their own placements may make room, so only others count.
        held = [(mine, slot) for at in places for mine in [self._student[at]] for slot in self._held[mine]]
        at_employer = Counter(day for _, slot in held if self._employer[slot] == employer for day in self._days[slot])
        out = Counter(day for mine, slot in held if self._school[mine] == school for day in self._days[slot])
        for limit, cap, counts, own, whose in (
            ("employer_day", self._employer_cap[employer], self._at_employer, at_employer, employer),
            ("school_day", self._school_cap[school], self._of_school, out, school),
        ):
            for day in self._days[what] if cap != NONE else ():
                yield limit, day, counts[whose, day] - own[day], cap


def _line(limit: str, placed: int, *, of: int, day: str) -> dict[str, Any]:
    whose = "its employer has" if limit == "employer_day" else "the school has"
    text = f"Full on {day}: {whose} {placed} of at most {of} other students on placement that day."
    return {"limit": limit, "placed": placed, "of": of, "day": day, "text": text}
