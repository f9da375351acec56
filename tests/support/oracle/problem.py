"""A round's rows read literally: which pairs are feasible, and what limits hold."""

import calendar
import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Row = dict[str, str]
Rows = Mapping[str, Sequence[Row]]
Key = tuple[str, str]
"""(student_id, slot_id)."""

MODES = ("walk", "cycle", "public_transport", "car")


@dataclass(frozen=True)
class Pair:
    student: str
    slot: str
    rank: int | None
    minutes: int
    mode: str
    cost: int
    priority: int
    draw: int


@dataclass(frozen=True)
class Student:
    school: str
    priority: int
    pin: str
    companion: str


@dataclass(frozen=True)
class Slot:
    employer: str
    sector: str
    days: frozenset[date]
    capacity: int
    reserved: int
    min_group: int
    max_per_school: int | None
    single_school: bool


@dataclass(frozen=True)
class Problem:
    """Everything an allocation is judged by; pairs are the feasible ones only."""

    policy: Mapping[str, Any]
    pairs: dict[Key, Pair]
    students: dict[str, Student]
    slots: dict[str, Slot]
    employer_caps: dict[str, int]
    school_caps: dict[str, int]
    forced: frozenset[Key]
    """Pins, and what is frozen: taken whether feasible or not."""
    standing: frozenset[Key] | None


def read_problem(
    rows: Rows,
    policy: Mapping[str, Any],
    *,
    standing: Iterable[Key] | None = None,
    frozen: Iterable[Key] = (),
) -> Problem:
    """Read a round under a policy given with every key; ``standing`` adds the level ``moves``."""
    students = {row["student_id"]: _student(row) for row in rows["students"]}
    for name, other in [(name, one.companion) for name, one in students.items() if one.companion]:
        students[other] = _with_companion(students[other], name)
    pins = {(name, one.pin) for name, one in students.items() if one.pin}
    return Problem(
        policy=policy,
        pairs=feasible_pairs(rows, policy),
        students=students,
        slots={row["slot_id"]: _slot(row) for row in rows["slots"]},
        employer_caps=_caps(rows.get("employers", ()), "employer_id", "max_at_once"),
        school_caps=_caps(rows.get("schools", ()), "school_id", "max_out_at_once"),
        forced=frozenset(pins | set(frozen)),
        standing=None if standing is None else frozenset(standing),
    )


def feasible_pairs(rows: Rows, policy: Mapping[str, Any]) -> dict[Key, Pair]:
    """Every pair that may become a placement."""
    schools = {row["school_id"]: row for row in rows.get("schools", ())}
    ranked = {(row["student_id"], row["slot_id"]): int(row["rank"]) for row in rows["preferences"]}
    found = {}
    for student, slot in itertools.product(rows["students"], rows["slots"]):
        who, what = student["student_id"], slot["slot_id"]
        pinned = student.get("pinned_slot_id") == what
        rank = ranked.get((who, what))
        interests = parts(student.get("interests", ""))
        if rank is None and policy["use_interests"] and slot.get("sector") and slot["sector"] in interests:
            last = max([r for (name, _), r in ranked.items() if name == who], default=0)
            rank = last + interests.index(slot["sector"]) + 1
        if rank is None and not pinned:
            continue
        journey = _journey(rows, schools, student, slot)
        if journey is None or not _allowed(student, slot, policy):
            continue
        minutes, mode = journey
        limit = student.get("max_travel_minutes") or policy["default_max_travel_minutes"]
        if minutes > int(limit) and slot["mode"] != "virtual":
            continue
        again = slot.get("sector", "") in parts(student.get("past_sectors", ""))
        cost = 0 if pinned or rank is None else _rank_cost(policy["rank_cost"], rank)
        if policy["variety"] == "prefer" and again and not pinned:
            cost += 1
        drawn = draw(policy["lottery_seed"], who, what)
        found[who, what] = Pair(who, what, rank, minutes, mode, cost, int(student.get("priority") or 0), drawn)
    return found


def parts(text: str) -> list[str]:
    return text.split(";") if text else []


def days(text: str) -> frozenset[date]:
    found = set()
    for part in parts(text):
        first, _, last = part.partition("/")
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        while day <= end:
            found.add(day)
            day += timedelta(days=1)
    return frozenset(found)


def age(birth_month: str, on: date) -> int:
    year, month = map(int, birth_month.split("-"))
    born = date(year, month, calendar.monthrange(year, month)[1])
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def draw(seed: str, student: str, slot: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}\n{student}\n{slot}".encode()).digest()[:4], "big")


def _student(row: Row) -> Student:
    return Student(
        row["school_id"], int(row.get("priority") or 0), row.get("pinned_slot_id", ""), row.get("companion_id", "")
    )


def _with_companion(student: Student, name: str) -> Student:
    assert student.companion in ("", name), "chains are input errors"
    return Student(student.school, student.priority, student.pin, name)


def _slot(row: Row) -> Slot:
    most = row.get("max_per_school", "")
    return Slot(
        employer=row["employer_id"],
        sector=row.get("sector", ""),
        days=days(row["dates"]),
        capacity=int(row["capacity"]),
        reserved=int(row.get("reserved") or 0),
        min_group=int(row.get("min_group") or 0),
        max_per_school=int(most) if most else None,
        single_school=row.get("single_school", "") == "true",
    )


def _caps(rows: Sequence[Row], name: str, cap: str) -> dict[str, int]:
    return {row[name]: int(row[cap]) for row in rows if row.get(cap)}


def _rank_cost(how: Any, rank: int) -> int:
    if how == "quadratic":
        return (rank - 1) ** 2
    if how == "linear":
        return rank - 1
    return int(how[min(rank, len(how)) - 1])


def _allowed(student: Row, slot: Row, policy: Mapping[str, Any]) -> bool:
    taken = days(slot["dates"])
    available = student.get("available", "")
    groups = parts(slot.get("year_groups", ""))
    return (
        slot["employer_id"] not in parts(student.get("excluded_employers", ""))
        and (not groups or student["year_group"] in groups)
        and age(student["birth_month"], min(taken)) >= int(slot.get("min_age") or 0)
        and (not available or taken <= days(available))
        and set(parts(student.get("access_needs", ""))) <= set(parts(slot.get("access_provided", "")))
        and not (policy["variety"] == "require" and slot.get("sector", "") in parts(student.get("past_sectors", "")))
    )


def _journey(rows: Rows, schools: dict[str, Row], student: Row, slot: Row) -> tuple[int, str] | None:
    if slot["mode"] == "virtual":
        return 0, ""
    home = student.get("postcode") or schools.get(student["school_id"], {}).get("postcode", "")
    known = {
        row["mode"]: int(row["minutes"])
        for row in rows["travel"]
        if (row["origin_postcode"], row["destination_postcode"]) == (home, slot["postcode"])
    }
    mine = parts(student["travel_modes"])
    usable = [(known[mode], place) for place, mode in enumerate(MODES) if mode in known and mode in mine]
    if not usable:
        return None
    minutes, place = min(usable)
    return minutes, MODES[place]
