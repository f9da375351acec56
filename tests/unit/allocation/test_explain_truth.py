"""Reasons hold in rounds under any rules and in change runs: held against the rules, or against every allocation."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hub_allocation.change import read_before
from hub_allocation.eligibility import find_pairs
from hub_allocation.explain import SCHEMA
from hub_allocation.policy import Policy
from hub_allocation.result import make_result
from hub_allocation.solve import Solved, solve
from hub_allocation.stopwatch import Stopwatch
from tests.support.oracle.exhaustive import allocations, best
from tests.support.oracle.generated import Generated, generated
from tests.support.oracle.problem import Key, Problem, read_problem
from tests.support.oracle.rules import faults
from tests.unit.allocation.agreement import Theirs, ask_library, seeds, verify_answer
from tests.unit.allocation.changed import changed
from tests.unit.allocation.rounds import Round, make_round, read, slot, still, student, wishes

VALIDATOR = Draft202012Validator(SCHEMA)
BLOCKING = ("full", "companion", "clash", "sector", "holds_group")
GROUPS = ["min_group", "single_school", "max_per_school", "reserved", "employer_cap"]
ANY = None


@dataclass(frozen=True)
class Case:
    problem: Problem
    theirs: Theirs
    lines: list[dict[str, Any]]


def case(
    made: Generated, *, standing: frozenset[Key] | None = None, frozen: frozenset[Key] = frozenset()
) -> Case | None:
    theirs = ask_library(made, standing=standing, fixed=frozen)
    if theirs is None:
        return None
    assert verify_answer(theirs) == []
    lines = [json.loads(line) for line in make_result(theirs.outcome, watch=Stopwatch(still)).explanations]
    for line in lines:
        VALIDATOR.validate(line)
    return Case(read_problem(made.rows, made.policy, standing=standing, frozen=frozen), theirs, lines)


def plain(count: int, *, objective: str, rules: list[str] | None) -> Iterator[Case]:
    for seed in seeds(count):
        found = case(generated(seed, objective=objective, rules=rules, most_students=5, most_slots=3))
        if found is not None:
            yield found


def after_a_change(count: int, *, objective: str, frozen: bool) -> Iterator[Case]:
    for seed in seeds(count):
        before = generated(seed, objective=objective, most_students=5, most_slots=3)
        stood = best(read_problem(before.rows, before.policy))
        if stood is None:
            continue
        _, made = changed(before, stood.placements, random.Random(seed))  # noqa: S311 -- invented rounds
        problem = read_problem(made.rows, made.policy)
        standing = frozenset(key for key in stood.placements if key in problem.pairs)
        if frozen and (not standing or faults(problem, standing | problem.forced)):
            continue
        found = case(made, standing=standing, frozen=standing if frozen else frozenset())
        if found is not None:
            yield found


def check_students(one: Case) -> Counter[str]:
    """Hold why each better-ranked slot was missed against the rules; how often each status was given."""
    counts: Counter[str] = Counter()
    for line in one.lines:
        for missed in line.get("better", []):
            who = line["student_id"]
            counts[missed["status"]] += 1
            forced = {key for key in one.problem.forced if key[0] == who}
            all_forced = len(forced) >= one.problem.policy["places_per_student"]
            if missed["status"] == "infeasible":
                assert (who, missed["slot_id"]) not in one.problem.pairs
                continue
            assert (missed["status"] in ("kept", "pinned_elsewhere")) == all_forced, (who, missed)
            if missed["status"] in BLOCKING:
                assert faults(one.problem, taking(one, who, missed)), (who, missed)
            if missed["status"] == "not_run":
                check_not_run(one, missed["slot_id"], missed)
            if missed["status"] == "full":
                check_full(one, who, missed)
    return counts


def taking(one: Case, who: str, missed: dict[str, Any]) -> set[Key]:
    """The placements once a student takes a slot and gives up what is ranked below it and not fixed."""
    rank = missed["rank"] or 0
    given_up = {
        key for key in one.theirs.placements
        if key[0] == who and key not in one.problem.forced and (one.problem.pairs[key].rank or 0) > rank
    }  # fmt: skip
    return set(one.theirs.placements - given_up) | {(who, missed["slot_id"])}


def check_full(one: Case, who: str, missed: dict[str, Any]) -> None:
    students, slot = one.problem.students, one.problem.slots[missed["slot_id"]]
    there = [key for key in one.theirs.placements if key[1] == missed["slot_id"]]
    schools = {students[name].school for name, _ in there}
    # One seat is one school's in any case: then it is full and no more is to be said.
    one_school = slot.single_school and slot.capacity > 1
    another = one_school and bool(schools) and students[who].school not in schools
    assert (missed["limit"] == "single_school") == another, (who, missed)
    if missed["limit"] == "seats":
        stays = one.problem.forced if one.problem.standing is not None else frozenset()
        kept = [key for key in there if key in stays & (one.problem.standing or frozenset())]
        flagged = one.theirs.outcome.prepared.fixed is not None
        assert missed.get("kept", 0) == (len(kept) if flagged else 0), (who, missed)
        assert ("came first" in missed["text"]) == (not missed.get("kept") and slot.capacity > 0)


def check_not_run(one: Case, what: str, missed: dict[str, Any]) -> None:
    """At most so many could come, in any allocation that the rules allow; and it runs in none where it can't."""
    sizes = [sum(key[1] == what for key in way) for way in allocations(one.problem) if not faults(one.problem, way)]
    assert not any(key[1] == what for key in one.theirs.placements)
    assert max(sizes, default=0) <= missed["figures"]["could_come"]
    if "can't run" in missed["text"]:
        assert not any(sizes)


def check_slots(one: Case) -> Counter[str]:
    """Hold why seats are empty against what those who may have them have."""
    counts: Counter[str] = Counter()
    missed = {
        (line["student_id"], told["slot_id"]): told["status"] for line in one.lines for told in line.get("better", [])
    }
    for line in one.lines:
        if line["kind"] != "slot":
            continue
        counts[line["reason"]] += 1
        what = line["slot_id"]
        taken = {key for key in one.theirs.placements if key[1] == what}
        assert line["taken"] == len(taken)
        out = [key for key in one.problem.pairs if key[1] == what and key not in taken]
        would = [missed[key] for key in out if key in missed and missed[key] not in ("kept", "pinned_elsewhere")]
        if line["reason"] == "placed_elsewhere":
            assert would == [], line
        elif line["reason"].startswith("kept_by"):
            assert set(would) & set(BLOCKING), line
        elif line["reason"] == "no_better":
            assert set(would) == {"no_better"}, line
        elif line["reason"] == "group_too_small":
            assert not any(
                key[1] == what for way in allocations(one.problem) if not faults(one.problem, way) for key in way
            ), line
        elif line["reason"] == "group_not_run":
            assert one.problem.slots[what].min_group > 0
            assert not taken
    return counts


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
@pytest.mark.parametrize("rules", [ANY, GROUPS, [*GROUPS, "pins"]])
def test_reasons_hold_under_any_rules(objective: str, rules: list[str] | None) -> None:
    students: Counter[str] = Counter()
    slots: Counter[str] = Counter()
    for one in plain(25, objective=objective, rules=rules):
        students += check_students(one)
        slots += check_slots(one)
    assert "full" in students
    if rules == GROUPS:
        assert "not_run" in students
        assert "group_too_small" in slots


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
@pytest.mark.parametrize("frozen", [False, True])
def test_reasons_hold_in_change_runs(objective: str, frozen: bool) -> None:
    students: Counter[str] = Counter()
    for one in after_a_change(70 if frozen else 30, objective=objective, frozen=frozen):
        students += check_students(one)
        check_slots(one)
    assert ("kept" in students) == frozen


def lines_of(round_: Round, *, stood: bytes | None = None, **policy: Any) -> list[dict[str, Any]]:
    """What is told of a round, or of a frozen change run from what stood."""
    instance = read(round_, Policy(**policy))
    pairs = find_pairs(instance)
    before = None if stood is None else read_before(instance, pairs, stood, frozen=True)
    holds, fixed = (None, None) if before is None else (before.standing.holds, before.fixed)
    outcome = solve(instance, clock=still, standing=holds, fixed=fixed)
    assert isinstance(outcome, Solved)
    return [json.loads(line) for line in make_result(outcome, watch=Stopwatch(still)).explanations]


def test_seat_that_was_kept_went_to_nobody_who_came_first() -> None:
    """Bob has the higher priority; ann has the seat because it is hers already."""
    round_ = make_round([student("ann"), student("bob", priority=9)], [slot("L1"), slot("L2")],
                        wishes(ann=["L2", "L1"], bob="L1"))  # fmt: skip
    told = lines_of(round_, stood=b"student_id,slot_id\nann,L1\n")
    ann, bob, empty = told
    assert bob["better"][0]["text"] == (
        "Full: 1 of 1 seats are taken, all of them by placements that stood and are kept."
    )
    assert bob["better"][0]["kept"] == 1
    assert ann["better"][0]["status"] == "kept"
    assert empty["text"].endswith("have a slot that counts at least as well or is fixed.")


def test_group_of_one_school_that_no_school_can_fill_is_told_so() -> None:
    """Three may come, but at most two of one school."""
    round_ = make_round(
        [student("ann"), student("bob"), student("cat", school_id="S2")],
        [slot("L1", capacity=4, min_group=3, single_school="true"), slot("L2", capacity=3)],
        wishes(ann=["L1", "L2"], bob=["L1", "L2"], cat=["L1", "L2"]),
    )
    told = lines_of(round_)
    text = "It can't run: it needs at least 3 students, and at most 2 could come together."
    assert {one["text"] for line in told for one in line.get("better", [])} == {text}
    [empty] = [line for line in told if line["kind"] == "slot"]
    assert empty["reason"] == "group_too_small"
