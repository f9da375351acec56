"""What overriding costs others, in rounds under any rules: held against trying every allocation that has the pair."""

import json
import random
from collections import Counter
from itertools import zip_longest
from typing import Any

import pytest

from hub_allocation.explain import explanation_lines, find_overrides
from hub_allocation.explain.on_request import exact_override
from hub_allocation.explain.override_words import Move, exact, tally
from hub_allocation.instance import Flags, Instance
from hub_allocation.outcome import unplaced_reasons
from hub_allocation.solve import Solved, solve
from tests.support.oracle.exhaustive import best
from tests.support.oracle.generated import Generated, generated
from tests.support.oracle.problem import Key, Problem, read_problem
from tests.support.oracle.rules import Levels, faults
from tests.unit.allocation.agreement import Theirs, ask_library, seeds
from tests.unit.allocation.changed import changed
from tests.unit.allocation.rounds import make_round, read, slot, solved, still, student, wishes

Asked = dict[Key, dict[str, Any]]


def again(instance: Instance, *, standing: Flags | None = None, fixed: Flags | None = None) -> Solved:
    outcome = solve(instance, clock=still, standing=standing, fixed=fixed)
    assert isinstance(outcome, Solved)
    return outcome


def statements(theirs: Theirs) -> Asked:
    """What explanations say of each feasible better-ranked pair, asking for it where they leave it to a request."""
    outcome = theirs.outcome
    instance, pairs, chosen = outcome.instance, outcome.pairs, outcome.chosen
    overrides = find_overrides(outcome.prepared, chosen)
    reasons = dict(unplaced_reasons(instance, pairs, chosen))
    found: Asked = {}
    for line in map(json.loads, explanation_lines(instance, pairs, chosen, reasons=reasons, overrides=overrides)):
        for missed in line.get("better", []):
            if missed["status"] == "infeasible":
                continue
            key = line["student_id"], missed["slot_id"]
            said = missed["if_overridden"]
            if said["kind"] == "on_request":
                who, what = instance.students.ids.index(key[0]), instance.slots.ids.index(key[1])
                said = exact_override(outcome, who, what, solve=again)
            found[key] = said
    return found


def supported(
    made: Generated,
    theirs: Theirs,
    key: Key,
    *,
    standing: frozenset[Key] | None = None,
    frozen: frozenset[Key] = frozenset(),
) -> dict[str, Any] | None:
    """The statement that trying every allocation supports; None where none has the pair."""
    rows = made.rows | {
        "students": [
            row | ({"pinned_slot_id": ""} if row["student_id"] == key[0] else {}) for row in made.rows["students"]
        ]
    }
    others = {one for one in frozen if one[0] != key[0]}
    answer = best(read_problem(rows, made.policy, standing=standing, frozen={key, *others}))
    if answer is None:
        return None
    problem = read_problem(made.rows, made.policy)
    moves = _moves(problem, theirs.placements, answer.placements, but=key[0])
    change, several = _change(theirs.levels, answer.levels), made.policy["places_per_student"] > 1
    found: dict[str, Any] = json.loads(exact(tally(moves), change, several=several))
    return found


def _change(old: Levels, new: Levels) -> dict[str, int]:
    return {name: value - before for (name, before), (_, value) in zip(old, new, strict=True)}


def _moves(problem: Problem, old: frozenset[Key], new: frozenset[Key], *, but: str) -> list[Move]:
    moves: list[Move] = []
    for who in problem.students.keys() - {but}:
        lost = sorted(problem.pairs[key].rank or 0 for key in old - new if key[0] == who)
        found = sorted(problem.pairs[key].rank or 0 for key in new - old if key[0] == who)
        moves += list(zip_longest(lost, found))
    return moves


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
def test_every_statement_agrees_with_trying_every_allocation(objective: str) -> None:
    kinds: Counter[str] = Counter()
    for seed in seeds(14):
        made = generated(seed, objective=objective, most_students=4, most_slots=3)
        theirs = ask_library(made)
        if theirs is None:
            continue
        for key, said in statements(theirs).items():
            kinds[said["kind"]] += 1
            right = supported(made, theirs, key)
            assert (said["kind"] == "impossible") == (right is None), key
            assert right is None or said == right, key
    assert {"exact", "impossible"} == set(kinds)


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
def test_every_statement_of_a_change_run_agrees_with_trying_every_allocation(objective: str) -> None:
    asked: Counter[str] = Counter()
    for seed in seeds(21):
        rules = ["reserved", "max_per_school", "pins"] if seed % 3 else None
        before = generated(seed, objective=objective, rules=rules, most_students=5 if seed % 3 else 4)
        stood = best(read_problem(before.rows, before.policy))
        if stood is None:
            continue
        _, made = changed(before, stood.placements, random.Random(seed))  # noqa: S311 -- invented rounds
        holds = read_problem(made.rows, made.policy)
        standing = frozenset(key for key in stood.placements if key in holds.pairs)
        frozen = standing if seed % 2 and not faults(holds, standing) else frozenset()
        theirs = ask_library(made, standing=standing, fixed=frozen)
        if theirs is None:
            continue
        searched = "searched" if theirs.outcome.prepared.split.parts else "network"
        for key, said in statements(theirs).items():
            asked.update([f"{searched} frozen" if frozen else searched, said["kind"]])
            right = supported(made, theirs, key, standing=standing, frozen=frozen)
            assert (said["kind"] == "impossible") == (right is None), key
            assert right is None or said == right, key
    assert {"network", "searched", "searched frozen", "exact", "impossible"} <= set(asked)


def test_override_that_closes_a_group_says_what_it_costs() -> None:
    """Ann would rather have L2; without her the group at L1 does not run."""
    round_ = make_round(
        [student("ann"), student("bob"), student("cat")],
        [slot("L1", capacity=2, min_group=2), slot("L2", capacity=1)],
        wishes(ann=["L2", "L1"], bob=["L1"], cat=["L2"]),
    )
    outcome, result = solved(read(round_))
    [line] = [one for one in map(json.loads, result.explanations) if one.get("student_id") == "ann"]
    [missed] = line["better"]
    assert missed["if_overridden"]["between"] == {"students": {"least": -2, "most": 0}}
    said = exact_override(outcome, 0, 1, solve=again)
    assert said["others"] == [{"from": 1, "to": None, "count": 2}]
    assert said["levels"] == {"students": -2, "placements": -2}
    assert said["text"] == "Two others would lose placements of 1st choice; 2 fewer in all would be placed."
