"""What overriding a decision costs others: each statement is held against solving the round again with it."""

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from hub_allocation.errors import BadInput
from hub_allocation.explain import SCHEMA, explanation_lines, find_overrides
from hub_allocation.explain.override_words import exact, tally
from hub_allocation.explain.overrides import Overrides
from hub_allocation.instance import Instance
from hub_allocation.levels import rank_costs
from hub_allocation.outcome import unplaced_reasons
from hub_allocation.policy import Policy
from hub_allocation.recruit import seat_values
from hub_allocation.solve import Solved, solve
from tests.unit.allocation.crowded import crowded
from tests.unit.allocation.rounds import Round, make_round, read, slot, still, student, wishes
from tests.unit.allocation.strategies import policies, rounds

quick = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
VALIDATOR = Draft202012Validator(SCHEMA)


def solved(instance: Instance) -> Solved:
    outcome = solve(instance, clock=still)
    assert isinstance(outcome, Solved)
    return outcome


def without_overrides(line: str) -> str:
    """The line as it is written without overrides."""
    told_ = json.loads(line)
    for missed in told_.get("better", ()):
        missed.pop("if_overridden", None)
    return json.dumps(told_, ensure_ascii=False, separators=(",", ":"))


def told(outcome: Solved, overrides: Overrides) -> dict[tuple[str, str], dict[str, Any]]:
    """What each better-ranked slot of each student says, by (student_id, slot_id)."""
    reasons = dict(unplaced_reasons(outcome.instance, outcome.pairs, outcome.chosen))
    given_ = (outcome.instance, outcome.pairs, outcome.chosen)
    lines = explanation_lines(*given_, reasons=reasons, overrides=overrides)
    assert [without_overrides(line) for line in lines] == explanation_lines(*given_, reasons=reasons)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for line in map(json.loads, lines):
        VALIDATOR.validate(line)
        if line["kind"] == "student":
            found |= {(line["student_id"], missed["slot_id"]): missed for missed in line["better"]}
    return found


def forced(outcome: Solved, who: int, what: int) -> Solved | None:
    """The round solved again with one student in one slot, whatever it costs; None where no pin can do that."""
    pinned = outcome.instance.students.pinned.copy()
    pinned[who] = what
    students = replace(outcome.instance.students, pinned=pinned)
    try:
        return solved(replace(outcome.instance, students=students))
    except BadInput:
        return None


def resolved(outcome: Solved, again: Solved, who: int, what: int) -> dict[str, Any]:
    """The statement that solving again supports: who else moves, and what each level changes by."""
    before, after = _ranks(outcome), _ranks(again)
    moves = [
        (before.get(one, (None, None))[1], after.get(one, (None, None))[1])
        for one in before.keys() | after.keys()
        if one != who and before.get(one) != after.get(one)
    ]
    change = {
        new.name: new.value - old.value
        for old, new in zip(outcome.levels, again.levels, strict=True)
    }  # fmt: skip
    if "rank_cost" in change:  # a pinned pair costs nothing, so what it would have cost is added
        place = np.flatnonzero((outcome.pairs.student == who) & (outcome.pairs.slot == what))
        change["rank_cost"] += int(rank_costs(outcome.instance, outcome.pairs)[place][0])
    found: dict[str, Any] = json.loads(exact(tally(moves), change))
    return found


def _ranks(outcome: Solved) -> dict[int, tuple[int, int]]:
    pairs = outcome.pairs.at(outcome.chosen)
    placed = zip(pairs.student.tolist(), pairs.slot.tolist(), pairs.rank.tolist(), strict=True)
    return {who: (what, rank) for who, what, rank in placed}


def check_every_override(outcome: Solved) -> Counter[str]:
    """Hold every statement against solving again; how many there were of each kind."""
    kinds: Counter[str] = Counter()
    ids, slots = outcome.instance.students.ids, outcome.instance.slots.ids
    for (student_id, slot_id), missed in told(outcome, find_overrides(outcome.prepared, outcome.chosen)).items():
        said = missed.get("if_overridden")
        assert (said is None) == (missed["status"] == "infeasible")
        if said is None:
            continue
        kinds[said["kind"]] += 1
        who, what = ids.index(student_id), slots.index(slot_id)
        in_network = outcome.prepared.split.network[(outcome.pairs.student == who) & (outcome.pairs.slot == what)].all()
        assert said["kind"] in (("exact", "impossible") if in_network else ("on_request",))
        again = forced(outcome, who, what)
        if said["kind"] == "impossible":
            assert again is None
        elif said["kind"] == "exact":
            assert again is not None
            assert said == resolved(outcome, again, who, what)
    return kinds


@settings(quick, max_examples=25)
@given(crowded(), st.sampled_from(["balanced", "rank_maximal"]))
def test_override_of_a_crowded_round_agrees_with_solving_again(round_: Round, objective: str) -> None:
    try:
        outcome = solved(read(round_, Policy(objective=objective)))
    except BadInput:
        return  # pins that can't all hold
    check_every_override(outcome)


@settings(quick, max_examples=15)
@given(rounds(students=7), policies())
def test_override_agrees_with_solving_again(round_: Round, policy: Policy) -> None:
    try:
        outcome = solved(read(round_, policy))
    except BadInput:
        return
    check_every_override(outcome)


def test_nothing_is_told_as_exact_of_an_allocation_that_is_not_optimal() -> None:
    round_ = make_round([student("ann"), student("bob")], [slot("L1"), slot("L2")], wishes(ann="L1", bob=["L1", "L2"]))
    outcome = solved(read(round_))
    pairs = outcome.pairs
    wrong = np.flatnonzero((pairs.student == 1) & (pairs.slot == 0))  # bob has the only slot that ann could have
    found = find_overrides(outcome.prepared, wrong)
    assert {json.loads(text)["kind"] for text in found.text.values()} == {"on_request"}
    assert not seat_values(outcome.prepared, wrong).exact.any()


def test_override_tells_the_others_in_plain_words() -> None:
    round_ = make_round(
        [student("ann"), student("bob", priority=2), student("cat", priority=1), student("dan", priority=3)],
        [slot("L1"), slot("L2"), slot("L3")],
        wishes(ann="L1", bob=["L1", "L2"], cat=["L2", "L3"], dan=["L3", "L1"]),
    )
    outcome = solved(read(round_))
    missed = told(outcome, find_overrides(outcome.prepared, outcome.chosen))
    assert missed["ann", "L1"]["if_overridden"] == {
        "kind": "exact", "others": [{"fate": "unplaced", "count": 1}, {"fate": "moved", "count": 1}],
        "unplaced": 1, "levels": {},
        "text": "One other student would lose a placement and one would move to another slot.",
    }  # fmt: skip
