"""Limits for a day: how many students an employer takes at once, and a school has out at once."""

from collections import Counter, defaultdict
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
        if not self._any:
            return None
        who, what = self._student[place], self._slot[place]
        employer, school = self._employer[what], self._school[who]
        # The student's own placements may make room, so only others count.
        at_employer = Counter(day for s in self._held[who] if self._employer[s] == employer for day in self._days[s])
        out = Counter(day for s in self._held[who] for day in self._days[s])
        for limit, cap, counts, own, whose in (
            ("employer_day", self._employer_cap[employer], self._at_employer, at_employer, employer),
            ("school_day", self._school_cap[school], self._of_school, out, school),
        ):
            for day in self._days[what] if cap != NONE else ():
                others = counts[whose, day] - own[day]
                if others >= cap:
                    return _line(limit, others, of=cap, day=date.fromordinal(day).isoformat())
        return None


def _line(limit: str, placed: int, *, of: int, day: str) -> dict[str, Any]:
    whose = "its employer has" if limit == "employer_day" else "the school has"
    text = f"Full on {day}: {whose} {placed} of at most {of} other students on placement that day."
    return {"limit": limit, "placed": placed, "of": of, "day": day, "text": text}
