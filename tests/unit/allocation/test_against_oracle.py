"""The solver against independent programs: every allocation tried, and a mixed-integer program solved by HiGHS.

HUB_ORACLE_SCALE=20 tries twenty times as many rounds. A round is named by its seed: ``generated(seed, objective=…)``.
"""

import random
from collections.abc import Iterator

import pytest

from tests.support.oracle import exhaustive
from tests.support.oracle.asking import Highs, highs
from tests.support.oracle.generated import GENERAL, RULES, Generated, generated
from tests.support.oracle.problem import Key, read_problem
from tests.unit.allocation.agreement import ask_library, disagreement, seeds

OBJECTIVES = ("balanced", "rank_maximal")
NETWORK = tuple(rule for rule in RULES if rule not in GENERAL)
BATCH = 20


@pytest.fixture(scope="module")
def mip() -> Iterator[Highs]:
    with highs() as process:
        yield process


def against_all_allocations(made: Generated, *, standing: frozenset[Key] | None = None) -> str:
    problem = read_problem(made.rows, made.policy, standing=standing)
    best = exhaustive.best(problem)
    theirs = ask_library(made, standing=standing)
    return disagreement(problem, theirs, levels=None if best is None else best.levels, exact_lottery=True)


def against_highs(made: Generated, mip: Highs) -> str:
    problem = read_problem(made.rows, made.policy)
    answer = mip.best(made.rows, made.policy)
    return disagreement(
        problem, ask_library(made), levels=None if answer is None else answer.levels, exact_lottery=False
    )


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_rules_of_a_network_give_the_best_of_all_allocations(objective: str) -> None:
    for seed in seeds(150):
        rules = random.Random(seed).sample(NETWORK, seed % len(NETWORK))  # noqa: S311 -- no secret
        rules = [rule for rule in rules if rule != "max_per_school" or "reserved" not in rules]
        made = generated(seed, objective=objective, rules=rules)
        assert not against_all_allocations(made), (seed, against_all_allocations(made))


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("rule", [*GENERAL, "reserved together with max_per_school"])
def test_each_other_rule_alone_gives_the_best_of_all_allocations(objective: str, rule: str) -> None:
    for seed in seeds(BATCH, first=1000):
        made = generated(seed, objective=objective, rules=rule.split(" together with "))
        assert not against_all_allocations(made), (seed, against_all_allocations(made))


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("batch", range(5))
def test_any_mixture_of_rules_gives_the_best_of_all_allocations(objective: str, batch: int) -> None:
    for seed in seeds(BATCH, first=10_000 + 100_000 * batch):
        made = generated(seed, objective=objective)
        assert not against_all_allocations(made), (seed, sorted(made.rules), against_all_allocations(made))


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_with_a_standing_allocation_the_fewest_placements_move(objective: str) -> None:
    for seed in seeds(2 * BATCH, first=2000):
        made = generated(seed, objective=objective)
        pairs = sorted(read_problem(made.rows, made.policy).pairs)
        standing = frozenset(random.Random(seed).sample(pairs, len(pairs) // 2))  # noqa: S311 -- no secret
        assert not against_all_allocations(made, standing=standing), (seed, sorted(made.rules))


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_larger_rounds_agree_with_a_mixed_integer_program(objective: str, mip: Highs) -> None:
    for seed in seeds(BATCH, first=3000):
        made = generated(seed, objective=objective, most_students=14, most_slots=7)
        assert not against_highs(made, mip), (seed, sorted(made.rules), against_highs(made, mip))
