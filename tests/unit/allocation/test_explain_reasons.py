"""Why a better-ranked slot was not given: each reason is held against the rules as an independent program has them."""

import json
from collections import Counter
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hub_allocation.explain import SCHEMA, explanation_lines
from hub_allocation.explain.aggregates import aggregates
from hub_allocation.outcome import unplaced_reasons
from hub_allocation.policy import Policy
from tests.support.oracle.generated import Generated, generated
from tests.support.oracle.problem import Key, Problem, read_problem
from tests.support.oracle.rules import faults
from tests.unit.allocation.agreement import Theirs, ask_library, seeds
from tests.unit.allocation.rounds import journey, make_round, read, slot, solved, student, wishes

VALIDATOR = Draft202012Validator(SCHEMA)
BLOCKING = ("full", "not_run", "companion", "clash", "sector", "holds_group")


def lines_of(theirs: Theirs) -> list[str]:
    instance, pairs, chosen = theirs.outcome.instance, theirs.outcome.pairs, theirs.outcome.chosen
    return explanation_lines(instance, pairs, chosen, reasons=dict(unplaced_reasons(instance, pairs, chosen)))


def after_taking(problem: Problem, placed: frozenset[Key], student: str, missed: dict[str, Any]) -> set[Key]:
    """The placements once a student takes a slot and gives up what they rank below it."""

    def rank(key: Key) -> float:
        return problem.pairs[key].rank or 0

    own = {key for key in placed if key[0] == student}
    pin = problem.students[student].pin
    given_up = {key for key in own if key[1] != pin and rank(key) > (missed["rank"] or 0)}
    return set(placed - given_up) | {(student, missed["slot_id"])}


def check_reasons(made: Generated, theirs: Theirs) -> Counter[str]:
    """Hold every reason of a round against its rules; how often each status was given."""
    problem = read_problem(made.rows, made.policy)
    counts: Counter[str] = Counter()
    for text in lines_of(theirs):
        line = json.loads(text)
        VALIDATOR.validate(line)
        for missed in line.get("better", []):
            counts[missed["status"]] += 1
            key = line["student_id"], missed["slot_id"]
            assert (missed["status"] != "infeasible") == (key in problem.pairs)
            if missed["status"] in BLOCKING:
                broken = faults(problem, after_taking(problem, theirs.placements, line["student_id"], missed))
                assert broken, (line["student_id"], missed)
            elif missed["status"] == "no_better" and problem.policy["places_per_student"] == 1:
                # Placed, and what is counted beside the slot taken is told; nobody stays unplaced beside a free seat.
                assert line["status"] == "placed", (line["student_id"], missed)
    return counts


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
def test_every_reason_is_a_rule_that_the_slot_would_break(objective: str) -> None:
    counts: Counter[str] = Counter()
    for seed in seeds(24):
        made = generated(seed, objective=objective, most_students=6)
        theirs = ask_library(made)
        if theirs is not None:
            counts += check_reasons(made, theirs)
    assert {"infeasible", "full", "not_run"} <= set(counts)


def test_companions_without_room_for_both_are_told_so() -> None:
    counts: Counter[str] = Counter()
    for seed in seeds(20):
        made = generated(seed, rules=["companions", "max_per_school", "school_cap"], most_students=5)
        theirs = ask_library(made)
        if theirs is not None:
            counts += check_reasons(made, theirs)
    assert "companion" in counts


def test_several_places_clash_or_repeat_a_sector() -> None:
    counts: Counter[str] = Counter()
    for seed in seeds(25):
        made = generated(seed, rules=["several", "require"], most_students=4)
        theirs = ask_library(made)
        if theirs is not None:
            counts += check_reasons(made, theirs)
    assert {"clash", "sector"} <= set(counts)


def test_limits_for_a_day_and_single_schools_are_named() -> None:
    limits: Counter[str] = Counter()
    for seed in seeds(25):
        made = generated(seed, rules=["employer_cap", "school_cap", "single_school"], most_students=6)
        theirs = ask_library(made)
        if theirs is not None:
            check_reasons(made, theirs)
            for line in map(json.loads, lines_of(theirs)):
                limits.update(missed["limit"] for missed in line.get("better", []) if "limit" in missed)
    assert {"seats", "employer_day", "school_day", "single_school"} <= set(limits)


def test_under_stable_those_who_came_first_are_counted_by_rule() -> None:
    rules: Counter[str] = Counter()
    for seed in seeds(24):
        made = generated(seed, objective="stable", rules=["eligibility"], most_students=6)
        made = made.under(made.policy | {"variety": "off"})
        theirs = ask_library(made)
        assert theirs is not None
        problem = read_problem(made.rows, made.policy)
        for line in map(json.loads, lines_of(theirs)):
            VALIDATOR.validate(line)
            for missed in line.get("better", []):
                if "came_first" not in missed:
                    assert missed["status"] == "infeasible" or missed["of"] == 0
                    continue
                assert missed["came_first"] == came_first(problem, theirs, (line["student_id"], missed["slot_id"]))
                rules.update({rule: count for rule, count in missed["came_first"].items() if count})
    assert rules


def test_one_student_first_by_each_rule_of_a_slot() -> None:
    people = [student("ann", priority=5), student("bob", postcode="NEAR"), student("cat"), student("dan")]
    slots = [slot("L1", capacity=3)]
    travel = [journey(10), journey(5, origin="NEAR")]
    round_ = make_round(people, slots, wishes(ann="L1", bob="L1", cat="L1", dan="L1"), travel=travel)
    _, result = solved(read(round_, Policy(objective="stable")))
    [missed] = [one for line in map(json.loads, result.explanations) for one in line.get("better", [])]
    assert missed["came_first"] == {"priority": 1, "minutes": 1, "draw": 1}
    assert missed["text"].endswith("the slot takes first: 1 by priority, 1 by fewer minutes, 1 by draw.")
    assert missed["if_overridden"]["kind"] == "on_request"


def came_first(problem: Problem, theirs: Theirs, key: Key) -> dict[str, int]:
    """How many of those placed in a slot come before a student, by the first thing in which they differ."""
    mine, counts = problem.pairs[key], {"priority": 0, "minutes": 0, "draw": 0}
    for other in (problem.pairs[one] for one in theirs.placements if one[1] == key[1]):
        if other.priority != mine.priority:
            counts["priority"] += other.priority > mine.priority
        elif other.minutes != mine.minutes:
            counts["minutes"] += other.minutes < mine.minutes
        else:
            counts["draw"] += other.draw < mine.draw
    return counts


def test_unplaced_are_counted_by_what_stood_in_their_way() -> None:
    for seed in seeds(24):
        theirs = ask_library(generated(seed, most_students=6))
        if theirs is None:
            continue
        unplaced = unplaced_reasons(theirs.outcome.instance, theirs.outcome.pairs, theirs.outcome.chosen)
        rows = aggregates(lines_of(theirs))
        counted: Counter[str] = Counter()
        for reason, limit, students in rows:
            counted[reason] += int(students)
            assert (limit != "") == (reason == "choices_full")
        assert counted == Counter(reason for _, reason in unplaced)
