"""An independent answer for small rounds: read the specification literally, try every allocation, keep the best.

Shares no code with the library: dates, ages, draws and rules are written again here, the slow and obvious way.
"""

import calendar
import hashlib
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Row = dict[str, str]
MODES = ("walk", "cycle", "public_transport", "car")
MAXIMISED = 3


@dataclass(frozen=True)
class Pair:
    rank: int | None
    minutes: int
    mode: str
    cost: int


@dataclass(frozen=True)
class Best:
    levels: tuple[int, ...]
    placements: dict[str, str]
    pairs: dict[tuple[str, str], Pair]
    ties: int


def parts(text: str) -> list[str]:
    return text.split(";") if text else []


def days(text: str) -> set[date]:
    found = set()
    for part in parts(text):
        first, _, last = part.partition("/")
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        while day <= end:
            found.add(day)
            day += timedelta(days=1)
    return found


def age(birth_month: str, on: date) -> int:
    year, month = map(int, birth_month.split("-"))
    born = date(year, month, calendar.monthrange(year, month)[1])
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def draw(seed: str, student: str, slot: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}\n{student}\n{slot}".encode()).digest()[:4], "big")


def feasible_pairs(round_: dict[str, list[Row]], policy: dict[str, Any]) -> dict[tuple[str, str], Pair]:
    schools = {row["school_id"]: row for row in round_.get("schools", [])}
    ranked = {(row["student_id"], row["slot_id"]): int(row["rank"]) for row in round_["preferences"]}
    found = {}
    for student, slot in itertools.product(round_["students"], round_["slots"]):
        who, what = student["student_id"], slot["slot_id"]
        pinned = student.get("pinned_slot_id") == what
        interests = parts(student.get("interests", ""))
        rank = ranked.get((who, what))
        if rank is None and policy["use_interests"] and slot.get("sector") and slot["sector"] in interests:
            last = max([r for (name, _), r in ranked.items() if name == who], default=0)
            rank = last + interests.index(slot["sector"]) + 1
        if rank is None and not pinned:
            continue
        journey = travel(round_, schools, student, slot)
        if journey is None or not allowed(student, slot, policy):
            continue
        minutes, mode = journey
        limit = student.get("max_travel_minutes") or policy["default_max_travel_minutes"]
        if minutes > int(limit) and slot["mode"] != "virtual":
            continue
        again = slot.get("sector", "") in parts(student.get("past_sectors", ""))
        cost = 0 if pinned or rank is None else rank_cost(policy["rank_cost"], rank)
        if policy["variety"] == "prefer" and again and not pinned:
            cost += 1
        found[who, what] = Pair(rank, minutes, mode, cost)
    return found


def rank_cost(how: Any, rank: int) -> int:
    if how == "quadratic":
        return (rank - 1) ** 2
    if how == "linear":
        return rank - 1
    return int(how[min(rank, len(how)) - 1])


def allowed(student: Row, slot: Row, policy: dict[str, Any]) -> bool:
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


def travel(round_: dict[str, list[Row]], schools: dict[str, Row], student: Row, slot: Row) -> tuple[int, str] | None:
    if slot["mode"] == "virtual":
        return 0, ""
    home = student.get("postcode") or schools.get(student["school_id"], {}).get("postcode", "")
    known = {
        row["mode"]: int(row["minutes"])
        for row in round_["travel"]
        if (row["origin_postcode"], row["destination_postcode"]) == (home, slot["postcode"])
    }
    usable = [
        (known[mode], place)
        for place, mode in enumerate(MODES)
        if mode in known and mode in parts(student["travel_modes"])
    ]
    if not usable:
        return None
    minutes, place = min(usable)
    return minutes, MODES[place]


def allocations(round_: dict[str, list[Row]], pairs: dict[tuple[str, str], Pair]) -> Iterator[dict[str, str]]:
    ways = []
    for student in round_["students"]:
        name, pin = student["student_id"], student.get("pinned_slot_id", "")
        ways.append([(name, pin)] if pin else [(name, ""), *[pair for pair in pairs if pair[0] == name]])
    for choice in itertools.product(*ways):
        yield {who: what for who, what in choice if what}


def holds(round_: dict[str, list[Row]], placed: dict[str, str], policy: dict[str, Any]) -> bool:
    students = {row["student_id"]: row for row in round_["students"]}
    for slot in round_["slots"]:
        group = [students[who] for who, what in placed.items() if what == slot["slot_id"]]
        low = [row for row in group if int(row.get("priority") or 0) < policy["reserved_priority"]]
        seats = int(slot["capacity"])
        share = max(Counter(row["school_id"] for row in group).values(), default=0)
        most = slot.get("max_per_school", "")
        if len(group) > seats or len(low) > seats - int(slot.get("reserved") or 0) or (most and share > int(most)):
            return False
    return True


def best(round_: dict[str, list[Row]], policy: dict[str, Any]) -> Best | None:
    """The best allocation of a round; None when the pins allow none."""
    pairs = feasible_pairs(round_, policy)
    students = {row["student_id"]: row for row in round_["students"]}
    found: Best | None = None
    for placed in allocations(round_, pairs):
        if any(pair not in pairs for pair in placed.items()) or not holds(round_, placed, policy):
            continue
        chosen = [pairs[pair] for pair in placed.items()]
        levels = (
            len(placed),
            len(placed),
            sum(int(students[who].get("priority") or 0) for who in placed),
            sum(pair.cost for pair in chosen),
            sum(pair.minutes for pair in chosen),
            sum(draw(policy["lottery_seed"], who, what) for who, what in placed.items()),
        )
        if found is None or key(levels) < key(found.levels):
            found = Best(levels, placed, pairs, 1)
        elif levels == found.levels:
            found = Best(levels, found.placements, pairs, found.ties + 1)
    return found


def key(levels: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(-level if place < MAXIMISED else level for place, level in enumerate(levels))
