"""The verifier accepts what was solved and refuses everything else, with a reason."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from hub_allocation.levels import level_values
from hub_allocation.lottery import draws
from hub_allocation.policy import Policy
from hub_allocation.result import make_result
from hub_allocation.solve import Solved
from hub_allocation.stopwatch import Stopwatch
from hub_allocation.verify import limit_faults, verify
from tests.unit.allocation.rounds import Round, journey, make_round, read, slot, solved, still, student, wishes
from tests.unit.allocation.strategies import policies, rounds

Files = dict[str, bytes]


def crowded() -> Round:
    """Eight students on nine seats of four slots: seats, a reserve, a school's share and a pin all at work."""
    people = [
        student("ann", priority=10), student("bob"), student("cat", school_id="S2"), student("dan", postcode="FAR"),
        student("eve", priority=500), student("fay", pinned_slot_id="L4"), student("gus"),
        student("hal"),
    ]  # fmt: skip
    slots = [
        slot("L1"),
        slot("L2", capacity=2, reserved=1),
        slot("L3", capacity=3, max_per_school=1),
        slot("L4", capacity=3),
    ]
    ranked = wishes(
        ann=["L1", "L2", "L4"], bob=["L1", "L2", "L3"], cat=["L1", "L3"], dan=["L3", "L2"], eve=["L2", "L1"],
        fay=["L1", "L4"], gus=["L2", "L1"], hal=["L1"],
    )  # fmt: skip
    return make_round(people, slots, ranked, travel=[journey(10), journey(25, origin="FAR")])


POLICY = Policy(reserved_priority=100)


def files() -> Files:
    return solved(read(crowded(), POLICY))[1].files()


def reasons(changed: Files) -> tuple[str, ...]:
    return verify(read(crowded(), POLICY), changed).reasons


def edit(name: str, old: str, new: str) -> Callable[[Files], None]:
    def change(found: Files) -> None:
        text = found[name].decode()
        assert re.search(old, text), (old, text)
        found[name] = re.sub(old, new, text, count=1).encode()

    return change


def edit_run(**keys: Any) -> Callable[[Files], None]:
    def change(found: Files) -> None:
        found["run.json"] = json.dumps({**json.loads(found["run.json"]), **keys}).encode()

    return change


def test_what_was_solved_is_accepted() -> None:
    verdict = verify(read(crowded(), POLICY), files())
    assert verdict.accepted
    assert verdict.levels["students"] == verdict.placements == 7


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (edit("allocations.csv", r"\nbob,\w+,\d", r"\nbob,L9,1"), "bob and L9 are no pair"),
        (edit("allocations.csv", r"\nfay,.*\n", "\n"), "the pin of fay is not kept"),
        (edit("allocations.csv", r"\ncat,.*\n", "\n"), "levels are"),
        (edit("allocations.csv", r"(\ncat,.*)\n", r"\1\1\n"), "names a pair twice"),
        (edit("allocations.csv", r",10,walk", ",9,walk"), "expected"),
        (edit("allocations.csv", r",walk", ",car"), "expected"),
        (edit("allocations.csv", r"(\nann,L\d),\d", r"\1,7"), "expected"),
        (edit("allocations.csv", r"\nfay,L4,\d", r"\nfay,L1,1"), "L1 has 2 students and 1 seats"),
        (edit("allocations.csv", r"student_id", "student"), "does not have the columns"),
        (edit("allocations.csv", r"(\nann.*)(\nbob.*)", r"\2\1"), "expected"),
        (edit("unplaced.csv", r"choices_full", "no_preferences"), "unplaced.csv: line 2"),
        (edit("explanations.jsonl", r"First choice", "Best choice"), "explanations.jsonl: line"),
        (edit("certificate.csv", r"\nseats.*\n", "\n"), "does not prove an optimum"),
        (edit("certificate.csv", r"seats,L1,,1", "seats,L1,,-1"), "is negative"),
        (edit("certificate.csv", r"seats,L1", "seats,L4"), "has a price and is not reached"),
        (edit("certificate.csv", r"seats,L1", "seats,L77"), "row 2 can't be read"),
        (edit("certificate.csv", r"(\nseats,L1.*)", r"\1\1"), "two prices"),
        (edit("certificate.csv", r"limit", "limits"), "header"),
        (edit_run(status="bounded"), "the status is 'bounded'"),
        (edit_run(gap=0.1), "no gap"),
        (edit_run(levels=[]), "levels are []"),
        (edit_run(input_sha256="0" * 64), "solved input 000"),
        (edit_run(policy={**POLICY.as_dict(), "lottery_seed": "mine"}), "another policy"),
        (edit_run(sizes={}), "the sizes"),
        (edit_run(version="9"), "version 9"),
        (edit_run(more=1), "exactly the keys"),
        (edit("run.json", r"\{", "["), "is not JSON"),
        (lambda found: found.pop("unplaced.csv"), "unplaced.csv: is missing"),
    ],
)  # fmt: skip
def test_tampering_is_refused_with_a_reason(change: Callable[[Files], None], reason: str) -> None:
    changed = files()
    change(changed)
    found = reasons(changed)
    assert any(reason in line for line in found), found


def test_result_of_another_input_is_refused() -> None:
    other = crowded()
    other["students"][1]["priority"] = "1"
    assert any("solved input" in line for line in verify(read(other, POLICY), files()).reasons)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(rounds(rules=False), policies(), st.data())
def test_another_allocation_is_refused_however_consistent_its_files_are(
    round_: Round, policy: Policy, data: st.DataObject
) -> None:
    outcome, _ = solved(read(round_, policy))
    pairs, chosen = outcome.pairs, outcome.chosen
    assume(len(chosen))
    out = data.draw(st.sets(st.sampled_from(chosen.tolist()), min_size=1, max_size=2))
    stay = np.array([at for at in chosen if at not in out], dtype=np.int64)
    others = [
        np.sort(np.append(stay, at))
        for at in np.flatnonzero(pairs.feasible)
        if at not in out and pairs.student[at] not in pairs.student[stay]
    ]
    allowed = [stay, *(other for other in others if not limit_faults(outcome.instance, pairs, other))]
    other = data.draw(st.sampled_from(allowed))
    forged = _forged(outcome, other)
    assume(tuple(level.value for level in forged.levels) != tuple(level.value for level in outcome.levels))
    verdict = verify(outcome.instance, make_result(forged, watch=Stopwatch(still)).files())
    assert any("certificate" in line for line in verdict.reasons)


def _forged(outcome: Solved, chosen: np.ndarray) -> Solved:
    ids = [
        (outcome.instance.students.ids[outcome.pairs.student[at]], outcome.instance.slots.ids[outcome.pairs.slot[at]])
        for at in chosen
    ]
    drawn = int(draws(outcome.instance.policy.lottery_seed, ids).sum())
    return replace(outcome, chosen=chosen, levels=level_values(outcome.instance, outcome.pairs, chosen, drawn=drawn))


def test_verifying_and_judging_pairs_load_neither_solver_nor_compiler() -> None:
    code = (
        "import sys, hub_allocation.verify, hub_allocation.eligibility;"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'ortools', 'numba', 'scipy', 'pandas'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
