"""Every objective under every rule alone and with each other rule, against all allocations tried.

What is drawn for these rounds is worth something only if each rule decides in some of them: that is tested too.
"""

import itertools
import zlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.support.oracle import exhaustive
from tests.support.oracle.generated import EMPLOYER_WEEK, OF_POLICY, RULES, Generated, generated
from tests.support.oracle.problem import read_problem
from tests.support.oracle.rules import Levels
from tests.unit.allocation.agreement import seeds, wrong_together

OBJECTIVES = ("balanced", "rank_maximal")
EVERY = (*RULES, EMPLOYER_WEEK)
APART = {"several", "companions"}
"""The one pair that is refused as input."""
SETS = [
    *((rule,) for rule in EVERY),
    *(pair for pair in itertools.combinations(EVERY, 2) if set(pair) != APART),
]  # fmt: skip
UNDER = sorted({tuple(rule for rule in rules if rule in OF_POLICY) for rules in SETS})
"""What these ask of a policy: rounds that are solved as one share theirs."""

CELLS = {
    "min_group": [("slots", "min_group")],
    "single_school": [("slots", "single_school")],
    "employer_cap": [("employers", "max_at_once")],
    EMPLOYER_WEEK: [("employers", "max_at_once")],
    "school_cap": [("schools", "max_out_at_once")],
    "companions": [("students", "companion_id")],
    "reserved": [("slots", "reserved")],
    "max_per_school": [("slots", "max_per_school")],
    "pins": [("students", "pinned_slot_id")],
    "interests": [("students", "interests")],
    "require": [("students", "past_sectors"), ("slots", "sector")],
    "eligibility": [
        ("slots", "min_age"), ("slots", "year_groups"), ("students", "access_needs"), ("students", "available"),
        ("students", "max_travel_minutes"), ("students", "excluded_employers"),
    ],
}  # fmt: skip
"""The cells by which a round states each rule; several places are stated by the policy."""


def rounds(objective: str, under: tuple[str, ...]) -> Iterator[Generated]:
    """Small rounds that some allocation fits, of every set of rules that asks this of the policy."""
    sets = [rules for rules in SETS if tuple(rule for rule in rules if rule in OF_POLICY) == under]
    policy = generated(len(sets), objective=objective, rules=under).policy
    for rules in sets:
        first = zlib.crc32("+".join(rules).encode())
        drawn = (generated(seed, objective=objective, rules=rules).under(policy) for seed in itertools.count(first))
        fitting = itertools.islice(filter(came_to, drawn), len(seeds(max(3, 40 // len(sets)))))
        yield from (made.named(f"{'+'.join(rules)}-{at}-") for at, made in enumerate(fitting))


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("under", UNDER, ids=lambda under: " and ".join(under) or "plain policy")
def test_each_rule_alone_and_each_pair_gives_the_best_of_all_allocations(
    under: tuple[str, ...], objective: str
) -> None:
    wrong = wrong_together(list(rounds(objective, under)))
    assert not wrong, wrong


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize(
    ("rule", "table", "column"), [(rule, *cell) for rule, cells in CELLS.items() for cell in cells]
)
def test_each_rule_decides_in_some_of_the_rounds(rule: str, table: str, column: str, objective: str) -> None:
    for seed in range(60):
        made = generated(seed, objective=objective, rules=[rule])
        rows = [row | {column: ""} if column in row else row for row in made.rows[table]]
        if came_to(made) != came_to(replace(made, rows={**made.rows, table: rows})):
            return
    pytest.fail(f"{column} of {table} changes nothing in any round")


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_several_places_decide_in_some_of_the_rounds(objective: str) -> None:
    made = [generated(seed, objective=objective, rules=["several"]) for seed in range(20)]
    assert any(came_to(one) != came_to(one.under({**one.policy, "places_per_student": 1})) for one in made)


def came_to(made: Generated) -> Levels | None:
    best = exhaustive.best(read_problem(made.rows, made.policy))
    return None if best is None else best.levels
