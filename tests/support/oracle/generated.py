"""Random rounds by seed that use any of the rules, alone and in every mixture."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.support.oracle.problem import Row

RULES = (
    "min_group", "single_school", "employer_cap", "school_cap", "companions", "several", "require",
    "reserved", "max_per_school", "pins", "interests", "eligibility",
)  # fmt: skip
GENERAL = ("min_group", "single_school", "employer_cap", "school_cap", "companions", "several")
"""Those that leave the network."""

SECTORS = ("arts", "care", "code")
DATES = ("2027-06-07/2027-06-08", "2027-06-08/2027-06-09", "2027-06-10", "2027-06-07;2027-06-10", "2027-06-11")
EMPLOYER_WEEK = "employer_week"
"""One rule more, for those who ask for it: limits of employers for a day, whose dates agree."""
AGREEING = ("2027-06-07/2027-06-08", "2027-06-07", "2027-06-07/2027-06-08", "2027-06-10")
"""Dates on which a limit of an employer is one of a network: on the first day all of the first three are busy."""
RANK_COSTS: tuple[Any, ...] = ("quadratic", "linear", [0, 0, 5], [3, 1], [0, 2, 7, 100000])
DEFAULTS: dict[str, Any] = {
    "objective": "balanced", "rank_cost": "quadratic", "places_per_student": 1, "use_interests": False,
    "default_max_travel_minutes": 60, "reserved_priority": 1000, "variety": "off", "travel": "auto",
    "lottery_seed": "0", "time_limit_seconds": 300,
}  # fmt: skip


OF_POLICY = ("several", "require", "interests")
"""Those that the policy asks for: the same for all rounds that are solved as one."""

NAMES = (
    "student_id", "slot_id", "school_id", "employer_id", "postcode", "origin_postcode", "destination_postcode",
    "companion_id", "pinned_slot_id", "excluded_employers", "sector", "past_sectors", "interests",
)  # fmt: skip
"""Columns that hold names, or several of them: rounds that share none have nothing to do with each other."""


@dataclass(frozen=True)
class Generated:
    rows: dict[str, list[Row]]
    policy: dict[str, Any]
    rules: frozenset[str]

    def named(self, prefix: str) -> "Generated":
        """The same round with other names, which are other draws."""
        rows = {table: [_named(row, prefix) for row in found] for table, found in self.rows.items()}
        return replace(self, rows=rows)

    def under(self, policy: dict[str, Any]) -> "Generated":
        """The same round under another policy."""
        return replace(self, policy=policy)


def as_one(rounds: Sequence[Generated]) -> Generated:
    """Rounds that share a policy and no name, as one round."""
    tables = rounds[0].rows
    rows = {table: [row for one in rounds for row in one.rows[table]] for table in tables}
    return Generated(rows, rounds[0].policy, frozenset().union(*(one.rules for one in rounds)))


def several_rounds(seed: int, *, count: int, objective: str, rules: Sequence[str] = RULES) -> list[Generated]:
    """Make rounds with different rules of these under one policy and without a name in common."""
    rng = random.Random(f"{seed} {objective}")  # noqa: S311 -- no secret
    policy_rules = [rule for rule in rules if rule in OF_POLICY and rng.random() < 0.4]
    others = [rule for rule in rules if rule not in OF_POLICY]
    found: list[Generated] = []
    for at in range(count):
        mine = [rule for rule in others if rng.random() < 0.25]
        made = generated(seed * 1000 + at, objective=objective, rules=[*policy_rules, *mine]).named(f"R{at}-")
        found.append(made.under(found[0].policy) if found else made)
    return found


def _named(row: Row, prefix: str) -> Row:
    def named(cell: str) -> str:
        return ";".join(prefix + part for part in cell.split(";")) if cell else ""

    return {column: named(cell) if column in NAMES else cell for column, cell in row.items()}


def generated(
    seed: int,
    *,
    objective: str = "balanced",
    rules: Sequence[str] | None = None,
    most_students: int = 5,
    most_slots: int = 4,
) -> Generated:
    """Make a round; the same seed makes the same one.

    Args:
        seed: of everything.
        objective: of its policy.
        rules: which of RULES it may use; None draws some of them.
        most_students: at least two take part.
        most_slots: at least one is offered.
    """
    rng = random.Random(f"{seed} {objective} {most_students} {most_slots}")  # noqa: S311 -- no secret
    if rules is None:
        rules = [rule for rule in RULES if rng.random() < 0.3]
    return _Maker(rng, frozenset(rules), objective).make(rng.randint(2, most_students), rng.randint(1, most_slots))


class _Maker:
    def __init__(self, rng: random.Random, rules: frozenset[str], objective: str) -> None:
        self.rng, self.rules, self.objective = rng, rules, objective

    def make(self, students: int, slots: int) -> Generated:
        offered = [self.slot(f"L{at}", students) for at in range(slots)]
        names = [row["slot_id"] for row in offered]
        people = [self.student(f"P{at}") for at in range(students)]
        rows = {
            "students": people, "slots": offered, "preferences": self.preferences(people, names),
            "travel": self.travel(),
            "schools": [self.school("S1", "HS"), self.school("S2", ""), self.school("S3", "")],
            "employers": [self.employer("E1"), self.employer("E2")],
        }  # fmt: skip
        if "companions" in self.rules:
            self.pair_up(people)
        if "pins" in self.rules:
            self.pin(rows)
        return Generated(rows, self.policy(), self.rules)

    def policy(self) -> dict[str, Any]:
        choose = self.rng.choice
        return DEFAULTS | {
            "objective": self.objective,
            "rank_cost": choose(RANK_COSTS),
            "places_per_student": choose((2, 3)) if "several" in self.rules else 1,
            "use_interests": "interests" in self.rules,
            "reserved_priority": choose((1, 500, 1000)),
            "variety": "require" if "require" in self.rules else choose(("off", "prefer")),
            "lottery_seed": choose(("0", "seed", "ü")),
        }

    def slot(self, name: str, students: int) -> Row:
        choose, rng = self.rng.choice, self.rng
        capacity = rng.randint(0, max(2, min(4, students)))
        row = {
            "slot_id": name, "employer_id": choose(("E1", "E2")), "postcode": choose(("W1", "W2")),
            "mode": choose(("in_person", "in_person", "hybrid", "virtual")),
            "dates": choose(AGREEING if EMPLOYER_WEEK in self.rules else DATES),
            "capacity": str(capacity), "sector": choose(("", *SECTORS)),
        }  # fmt: skip
        if "min_group" in self.rules:
            row["min_group"] = choose(("", "1", "2", "2", "3", "5"))
        if "single_school" in self.rules:
            row["single_school"] = choose(("", "false", "true", "true"))
        if "reserved" in self.rules:
            row["reserved"] = str(rng.randint(0, capacity))
        if "max_per_school" in self.rules:
            row["max_per_school"] = choose(("", "0", "1", "1", "2"))
        if "eligibility" in self.rules:
            row |= {
                "min_age": choose(("", "", "15")), "year_groups": choose(("", "", "10", "10;11")),
                "access_provided": choose(("", "ramp", "signing", "ramp;signing")),
            }  # fmt: skip
        return row

    def student(self, name: str) -> Row:
        choose = self.rng.choice
        row = {
            "student_id": name, "school_id": choose(("S1", "S1", "S2", "S3")), "year_group": "10",
            "birth_month": "2012-01", "postcode": choose(("H1", "H2", "H1")), "travel_modes": "walk;cycle;car",
            "priority": choose(("", "0", "0", "3", "500", "1000")),
            "past_sectors": choose(("", "", "arts", "care;code")),
        }  # fmt: skip
        if "interests" in self.rules:
            row["interests"] = choose(("", "arts", "code;arts", "care;care;code"))
        if "eligibility" in self.rules:
            row |= {
                "year_group": choose(("10", "10", "11")), "birth_month": choose(("2012-05", "2012-06", "2011-12")),
                "postcode": choose(("H1", "H2", "")), "travel_modes": choose(("walk;cycle", "walk;car", "")),
                "max_travel_minutes": choose(("", "", "25")),
                "available": choose(("", "", "2027-06-01/2027-06-09", "2027-06-07/2027-06-08;2027-06-10")),
                "access_needs": choose(("", "", "ramp")), "excluded_employers": choose(("", "", "E2")),
            }  # fmt: skip
        return row

    def preferences(self, people: list[Row], names: list[str]) -> list[Row]:
        found = []
        for person in people:
            ranked = self.rng.sample(names, self.rng.randint(0 if self.rng.random() < 0.2 else 1, len(names)))
            rank = 1
            for place, what in enumerate(ranked):
                rank += place > 0 and self.rng.random() < 0.75
                found.append({"student_id": person["student_id"], "rank": str(rank), "slot_id": what})
        return found

    def travel(self) -> list[Row]:
        return [
            {"origin_postcode": origin, "destination_postcode": destination, "mode": mode,
             "minutes": str(self.rng.randint(0, 45))}
            for origin in ("H1", "H2", "HS")
            for destination in ("W1", "W2")
            for mode in ("walk", "cycle", "car")
            if self.rng.random() < 0.9
        ]  # fmt: skip

    def school(self, name: str, postcode: str) -> Row:
        cap = self.rng.choice(("", "0", "1", "2", "2")) if "school_cap" in self.rules else ""
        return {"school_id": name, "postcode": postcode, "max_out_at_once": cap}

    def employer(self, name: str) -> Row:
        cap = self.rng.choice(("", "0", "1", "2", "3")) if self.rules & {"employer_cap", EMPLOYER_WEEK} else ""
        return {"employer_id": name, "max_at_once": cap}

    def pair_up(self, people: list[Row]) -> None:
        """Companions; never with several places, which is an input error."""
        if "several" in self.rules:
            return
        order = self.rng.sample(people, len(people))
        for left, right in list(zip(order[::2], order[1::2], strict=False))[: self.rng.randint(1, 2)]:
            left["companion_id"] = right["student_id"]
            if self.rng.random() < 0.5:
                right["companion_id"] = left["student_id"]

    def pin(self, rows: dict[str, list[Row]]) -> None:
        for row in self.rng.sample(rows["students"], self.rng.randint(1, 2)):
            row["pinned_slot_id"] = self.rng.choice(rows["slots"])["slot_id"]
