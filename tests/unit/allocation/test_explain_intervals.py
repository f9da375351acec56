"""Between what bounds an override's cost lies where rules are no network's: held against trying every allocation."""

import json
import random
from collections import Counter
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hub_allocation.explain import SCHEMA, find_overrides
from hub_allocation.explain.interval_words import interval
from hub_allocation.explain.intervals import Proven
from hub_allocation.policy import Policy
from hub_allocation.verify import verify
from tests.support.oracle.exhaustive import best
from tests.support.oracle.generated import GENERAL, Generated, generated
from tests.support.oracle.problem import Key, read_problem
from tests.support.oracle.rules import Levels, faults
from tests.unit.allocation.agreement import Theirs, ask_library, seeds, verify_answer
from tests.unit.allocation.changed import changed
from tests.unit.allocation.rounds import make_round, read, slot, solved, student, wishes

VALIDATOR = Draft202012Validator(SCHEMA["$defs"]["if_overridden"] | {"$defs": SCHEMA["$defs"]})


def told(theirs: Theirs) -> dict[Key, dict[str, Any]]:
    """What is said of each override outside network components."""
    outcome = theirs.outcome
    instance, pairs = outcome.instance, outcome.pairs
    found = find_overrides(outcome.prepared, outcome.chosen, proven=Proven(outcome.levels, outcome.certificate))
    return {
        (instance.students.ids[pairs.student[at]], instance.slots.ids[pairs.slot[at]]): json.loads(text)
        for at, text in found.text.items()
        if not outcome.prepared.split.network[at]
    }


def forced(
    made: Generated, key: Key, *, standing: frozenset[Key] | None = None, frozen: frozenset[Key] = frozenset()
) -> Levels | None:
    """The levels of the best of all allocations that have the pair; None where none has."""
    students = [row | ({"pinned_slot_id": ""} if row["student_id"] == key[0] else {}) for row in made.rows["students"]]
    rows = made.rows | {"students": students}
    others = {one for one in frozen if one[0] != key[0]}
    answer = best(read_problem(rows, made.policy, standing=standing, frozen={key, *others}))
    return None if answer is None else answer.levels


def check(made: Generated, theirs: Theirs, **change: Any) -> Counter[str]:
    """Hold every statement of a round against trying every allocation; how many there were of each kind."""
    kinds: Counter[str] = Counter()
    for key, said in told(theirs).items():
        kinds[said["kind"]] += 1
        VALIDATOR.validate(said)
        levels = forced(made, key, **change)
        if said["kind"] == "impossible":
            assert levels is None, key
        elif said["kind"] == "interval":
            assert levels is not None, key
            for name, value in said["between"].items():
                assert value["least"] <= dict(levels)[name] - dict(theirs.levels)[name] <= value["most"], (key, said)
                kinds["certain" if value["least"] == value["most"] else "open"] += 1
    return kinds


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
def test_interval_holds_what_trying_every_allocation_finds(objective: str) -> None:
    kinds: Counter[str] = Counter()
    for seed in seeds(40):
        made = generated(seed, objective=objective)
        theirs = ask_library(made)
        if theirs is not None:
            kinds += check(made, theirs)
    assert min(kinds[kind] for kind in ("interval", "impossible", "certain", "open")) > 0
    assert kinds["on_request"] < kinds["interval"]


@pytest.mark.parametrize("rule", GENERAL)
@pytest.mark.parametrize("beside", ["pins", "reserved", "max_per_school", "require", "interests"])
def test_interval_holds_under_each_rule_beside_each_other(rule: str, beside: str) -> None:
    for seed in seeds(2, first=500):
        made = generated(seed, objective=("balanced", "rank_maximal")[seed % 2], rules=[rule, beside], most_slots=3)
        theirs = ask_library(made)
        if theirs is not None:
            check(made, theirs)


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
def test_interval_of_a_change_run_holds_what_trying_every_allocation_finds(objective: str) -> None:
    kinds: Counter[str] = Counter()
    for seed in seeds(24, first=700):
        before = generated(seed, objective=objective)
        stood = ask_library(before)
        if stood is None:
            continue
        _, made = changed(before, stood.placements, random.Random(seed))  # noqa: S311 -- invented rounds
        holds = read_problem(made.rows, made.policy)
        standing = frozenset(key for key in stood.placements if key in holds.pairs)
        frozen = standing if seed % 2 and not faults(holds, standing) else frozenset()
        theirs = ask_library(made, standing=standing, fixed=frozen)
        if theirs is not None:
            kinds += check(made, theirs, standing=standing, frozen=frozen)
    assert kinds["interval"]


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
def test_interval_of_an_answer_cut_short_holds_what_trying_every_allocation_finds(objective: str) -> None:
    for seed in seeds(10, first=900):
        made = generated(seed, objective=objective, rules=["min_group", "companions", "pins"], most_slots=3)
        theirs = ask_library(made, hurried=True)
        if theirs is not None:
            check(made, theirs)


def grouped(*, ann: list[str], **bob: Any) -> dict[str, Any]:
    """What bob is told of L1, whose one seat ann has, in a round with a minimum group."""
    round_ = make_round(
        [student("ann", priority=9, **bob), student("bob"), student("cat", priority=9)],
        [slot("L1"), slot("L2", sector="arts"), slot("L3"), slot("L4", capacity=0), slot("G", capacity=3, min_group=3)],
        wishes(ann=ann, bob=["L1", "L3", "G"], cat=["L3", "G"]),
    )
    outcome, result = solved(read(round_, Policy(variety="prefer")))
    assert not outcome.prepared.split.network.any()
    line = next(json.loads(line) for line in result.explanations if '"student_id":"bob"' in line)
    found: dict[str, Any] = next(one for one in line["better"] if one["slot_id"] == "L1")["if_overridden"]
    return found


def test_one_who_comes_for_one_who_goes_leaves_as_many_placed() -> None:
    assert grouped(ann=["L1"])["between"] == {"students": {"least": 0, "most": 0}}


@pytest.mark.parametrize(("past", "ann"), [("arts", ["L1"]), ("", ["L4", "L1"])])
def test_bounds_tell_nothing_that_is_only_the_others(past: str, ann: list[str]) -> None:
    assert grouped(ann=ann, past_sectors=past) == grouped(ann=["L1"])


def test_verifier_accepts_intervals_and_refuses_one_upside_down() -> None:
    answers = (ask_library(generated(seed)) for seed in range(100))
    theirs = next(one for one in answers if one and "interval" in {said["kind"] for said in told(one).values()})
    assert verify_answer(theirs) == []
    outcome, result = solved(theirs.outcome.instance)
    files = result.files()
    lines = files["explanations.jsonl"].decode()
    at = lines.index('"between":{')
    wrong = lines[:at] + '"between":{"students":{"least":1,"most":0' + lines[lines.index("}", at) :]
    reasons = verify(outcome.instance, {**files, "explanations.jsonl": wrong.encode()}).reasons
    assert any("contradicts itself" in reason for reason in reasons), reasons


@pytest.mark.parametrize(
    ("between", "placed", "text"),
    [
        ({"students": (0, 0)}, False, "1 fewer of the others would be placed."),
        ({"students": (0, 0)}, True, "As many others would be placed as now."),
        ({"students": (-1, 0)}, True, "At most 1 fewer of the others would be placed, or none."),
        ({"students": (-1, 0)}, False, "Between 1 and 2 fewer of the others would be placed."),
        ({"students": (-1, 1)}, True, "Between 1 fewer and 1 more of the others would be placed."),
        ({"rank_1": (0, 0), "rank_2": (-2, 0)}, True, "As many in all would have their 1st choice as now; at most 2 f"),
    ],
)
def test_bounds_in_words(between: dict[str, tuple[int, int]], placed: bool, text: str) -> None:
    said = json.loads(interval(between, placed=placed))
    VALIDATOR.validate(said)
    assert said["text"].startswith(text)
