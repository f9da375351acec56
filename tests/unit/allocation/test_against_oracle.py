"""The solver against independent programs: every allocation tried, and a mixed-integer program solved by HiGHS.

HUB_ORACLE_SCALE=20 tries twenty times as many rounds. Many small rounds are solved as one, because reading takes the
library longer than solving; each is then judged on its own, and one that fails is named by its batch and place:
``several_rounds(batch, count=…, objective=…, rules=…)[place]``.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from hub_allocation.change import still_hold
from hub_allocation.eligibility import find_pairs
from tests.support.oracle import exhaustive
from tests.support.oracle.asking import Highs, highs
from tests.support.oracle.generated import EMPLOYER_WEEK, GENERAL, RULES, Generated, as_one, generated, several_rounds
from tests.support.oracle.problem import Key, read_problem
from tests.support.oracle.rules import better_key, faults, level_values, maximised
from tests.support.oracle.stable import student_optimal
from tests.unit.allocation.agreement import (
    ask_library,
    disagreement,
    flags,
    instance_of,
    keys_of,
    of_round,
    seeds,
    verify_answer,
    wrong_together,
)

OBJECTIVES = ("balanced", "rank_maximal")
NETWORK = (*(rule for rule in RULES if rule not in (*GENERAL, "max_per_school")), EMPLOYER_WEEK)
ALONE = (
    *((rule,) for rule in GENERAL),
    ("reserved", "max_per_school"),
    ("min_group", "companions"),
    ("single_school", "companions"),
    ("min_group", EMPLOYER_WEEK),
)


@pytest.fixture(scope="module")
def mip() -> Iterator[Highs]:
    with highs() as process:
        yield process


def against_all_allocations(made: Generated) -> str:
    """What the library gets wrong in one round, "" if nothing."""
    problem = read_problem(made.rows, made.policy)
    best = exhaustive.best(problem)
    return disagreement(problem, ask_library(made), levels=None if best is None else best.levels, exact_lottery=True)


def against_highs(made: Generated, mip: Highs) -> str:
    """The same, asked of HiGHS."""
    problem = read_problem(made.rows, made.policy)
    answer = mip.best(made.rows, made.policy)
    levels = None if answer is None else answer.levels
    return disagreement(problem, ask_library(made), levels=levels, exact_lottery=False)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_rules_of_a_network_give_the_best_of_all_allocations(objective: str) -> None:
    for batch in seeds(3):
        left_out = "max_per_school" if batch % 2 else "reserved"
        rules = [rule for rule in (*NETWORK, "max_per_school") if rule != left_out]
        wrong = wrong_together(several_rounds(batch, count=120, objective=objective, rules=rules))
        assert not wrong, (batch, wrong)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("rules", ALONE, ids=" and ".join)
def test_each_other_rule_gives_the_best_of_all_allocations(objective: str, rules: tuple[str, ...]) -> None:
    for seed in seeds(1):
        rounds = [
            generated(1000 * seed + at, objective=objective, rules=rules).named(f"R{at}-") for at in range(25)
        ]  # fmt: skip
        wrong = wrong_together([made.under(rounds[0].policy) for made in rounds])
        assert not wrong, (seed, wrong)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("batch", range(5))
def test_any_mixture_of_rules_gives_the_best_of_all_allocations(objective: str, batch: int) -> None:
    for seed in seeds(1, first=1000 * batch + 1):
        wrong = wrong_together(several_rounds(seed, count=30, objective=objective))
        assert not wrong, (seed, wrong)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_pins_and_rules_that_cannot_hold_are_refused(objective: str) -> None:
    refused = 0
    for seed in seeds(10):
        made = generated(seed, objective=objective, rules=["pins", *random.Random(seed).sample(RULES, 4)])  # noqa: S311
        refused += exhaustive.best(read_problem(made.rows, made.policy)) is None
        assert not against_all_allocations(made), (seed, sorted(made.rules), against_all_allocations(made))
    assert refused


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_with_a_standing_allocation_the_fewest_placements_move(objective: str) -> None:
    for seed in seeds(1, first=500):
        rounds = several_rounds(seed, count=30, objective=objective)
        pairs = sorted(key for made in rounds for key in read_problem(made.rows, made.policy).pairs)
        standing = frozenset(random.Random(seed).sample(pairs, len(pairs) // 2))  # noqa: S311 -- no secret
        wrong = wrong_together(rounds, standing)
        assert not wrong, (seed, wrong)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_frozen_change_keeps_what_holds_and_does_the_best_with_the_rest(objective: str) -> None:
    for seed in seeds(1, first=700):
        before, after = changed_rounds(several_rounds(seed, count=30, objective=objective))
        theirs = ask_library(as_one(before))
        assert theirs is not None
        instance = instance_of(as_one(after))
        pairs = find_pairs(instance)
        held = still_hold(instance, pairs, flags(instance, pairs, theirs.placements))
        fixed = keys_of(instance, pairs, np.flatnonzero(held))
        for made in after:
            problem = read_problem(made.rows, made.policy)
            kept = of_round(made, fixed) | problem.forced
            assert not faults(problem, kept), (seed, sorted(made.rules), kept)
        wrong = wrong_together(after, theirs.placements, fixed)
        assert not wrong, (seed, wrong)


def changed_rounds(rounds: Sequence[Generated]) -> tuple[list[Generated], list[Generated]]:
    """Rounds that some allocation fits, and each with some seats fewer or more that one fits as well."""
    rng = random.Random(len(rounds))  # noqa: S311 -- no secret
    before, after = [], []
    for made in rounds:
        slots = [
            row | {"capacity": str(max(int(row.get("reserved") or 0), int(row["capacity"]) + rng.choice((-1, 0, 1))))}
            for row in made.rows["slots"]
        ]  # fmt: skip
        other = replace(made, rows={**made.rows, "slots": slots})
        if all(exhaustive.best(read_problem(one.rows, one.policy)) for one in (made, other)):
            before.append(made)
            after.append(other)
    return before, after


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_out_of_time_the_answer_keeps_every_rule_and_its_bounds_hold(objective: str) -> None:
    rounds = [
        made for made in several_rounds(900, count=30, objective=objective)
        if exhaustive.best(read_problem(made.rows, made.policy))
    ]  # fmt: skip
    whole = as_one(rounds)
    problem = read_problem(whole.rows, whole.policy)
    best = level_values(problem, ask_highest(rounds))
    theirs = ask_library(whole, hurried=True)
    assert theirs is not None
    assert theirs.outcome.status == "bounded"
    assert not faults(problem, theirs.placements)
    assert not verify_answer(theirs)
    assert better_key(best) <= better_key(theirs.levels)
    for (name, value), bound in zip(best, theirs.bounds, strict=True):
        assert bound >= value if maximised(name) else bound <= value, (name, value, theirs.levels, theirs.bounds)


def ask_highest(rounds: Sequence[Generated]) -> frozenset[Key]:
    """The best placements of rounds that share nothing."""
    bests = [exhaustive.best(read_problem(made.rows, made.policy)) for made in rounds]
    return frozenset(key for best in bests if best for key in best.placements)


def test_stable_matchings_are_the_students_best_of_all_stable_ones() -> None:
    for seed in seeds(4):
        rules = ("eligibility", "interests", "require")
        rounds = [
            made.under({**made.policy, "variety": "require" if "require" in made.rules else "off"})
            for made in several_rounds(seed, count=60, objective="stable", rules=rules)
        ]  # fmt: skip
        theirs = ask_library(as_one(rounds))
        assert theirs is not None
        assert not verify_answer(theirs)
        for place, made in enumerate(rounds):
            expected = student_optimal(read_problem(made.rows, made.policy))
            assert of_round(made, theirs.placements) == expected, (seed, place)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_larger_rounds_agree_with_a_mixed_integer_program(objective: str, mip: Highs) -> None:
    for seed in seeds(6, first=3000):
        made = generated(seed, objective=objective, most_students=14, most_slots=7)
        assert not against_highs(made, mip), (seed, sorted(made.rules), against_highs(made, mip))
