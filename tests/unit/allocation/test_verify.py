"""The verifier accepts what was solved and refuses everything else, with a reason."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from hub_allocation.explain import explanation_lines
from hub_allocation.levels import level_values
from hub_allocation.lottery import draws
from hub_allocation.outcome import (
    ALLOCATION_HEADER,
    UNPLACED_HEADER,
    csv_bytes,
    placements_of,
    sizes,
    unplaced_reasons,
)
from hub_allocation.policy import Policy
from hub_allocation.result import make_result
from hub_allocation.solve import Solved
from hub_allocation.stopwatch import Stopwatch
from hub_allocation.verify import limit_faults, verify, verify_folder
from tests.unit.allocation.rounds import (
    Round,
    csv_files,
    journey,
    make_round,
    read,
    slot,
    solved,
    still,
    student,
    wishes,
)
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
        (edit("explanations.jsonl", r"First choice", "Best choice"), "Best choice"),
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


def by_0_1_0(changed: Files) -> None:
    """As 0.1.0 wrote the same: fewer keys of a policy, no prices of placements, other words."""
    policy = {key: value for key, value in POLICY.as_dict().items() if not key.startswith("credit_")}
    edit_run(version="0.1.0", policy=policy)(changed)
    edit("explanations.jsonl", "First choice", "Choice 1")(changed)
    lines = [line.split(",") for line in changed["certificate.csv"].decode().splitlines()]
    left_out = lines[0].index("placements")
    kept = [",".join(cells[:left_out] + cells[left_out + 1 :]) for cells in lines]
    changed["certificate.csv"] = ("\n".join(kept) + "\n").encode()


def test_result_of_an_earlier_version_is_accepted_where_asked_for_and_nowhere_else() -> None:
    changed = files()
    by_0_1_0(changed)
    instance = read(crowded(), POLICY)
    assert verify(instance, changed, earlier=True).reasons == ()
    assert any("by version 0.1.0" in line for line in verify(instance, changed).reasons)


@pytest.mark.parametrize(
    "version",
    [
        "99.0.0", "0.2.0", "0.2.0rc1", "0.2.0.post7", "0.2.0.dev1", "0.1.0rc1", "0.1.0.post1", "0.1.0; anything",
        "0.1.0\n", "0.0.9", "0.01.0", "old", "", None, 1, ["0.1.0"],
    ],
)  # fmt: skip
def test_result_of_a_later_or_unknown_version_is_never_accepted(version: object) -> None:
    changed = files()
    edit_run(version=version)(changed)
    assert any("was made by version" in line for line in verify(read(crowded(), POLICY), changed, earlier=True).reasons)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (edit("allocations.csv", r"\nfay,.*\n", "\n"), "the pin of fay is not kept"),
        (edit("allocations.csv", r"\ncat,.*\n", "\n"), "levels are"),
        (edit("unplaced.csv", r"choices_full", "no_preferences"), "unplaced.csv: line 2"),
        (edit("certificate.csv", r"\nseats.*\n", "\n"), "does not prove an optimum"),
        (edit("certificate.csv", r"seats,L1,,1", "seats,L1,,-1"), "is negative"),
        (edit_run(policy={**POLICY.as_dict(), "lottery_seed": "mine"}), "another policy"),
        (edit_run(policy={"unknown": 1}), "another policy"),
        (edit_run(levels=[]), "levels are []"),
        (edit("explanations.jsonl", r'"student_id":"bob"', '"student_id":"cat"'), "line 2 does not say of bob"),
        (edit("explanations.jsonl", r"(.*\n)(.*\n)", r"\2\1"), "line 1 does not say of ann"),
        (edit("explanations.jsonl", r".*\n", ""), "line 1 does not say of ann"),
        (edit("explanations.jsonl", r'"status":"placed"', '"status":"unplaced"'), "line 1 does not say of ann"),
        (edit("explanations.jsonl", r'"slot_id":"L\d"', '"slot_id":"L3"'), "line 1 does not say of ann"),
        (edit("explanations.jsonl", r'"reason":"choices_full"', '"reason":"no_preferences"'), "does not say of"),
        (edit("explanations.jsonl", r'("better":\[\{"slot_id":)"L\d"', r'\1"L9"'), "names slots of the round only"),
        (edit("explanations.jsonl", r'"better":\[\{', '"better":[{"student_id":"bob",'), "is no JSON that names"),
        (edit("explanations.jsonl", r"\}\n", "\n"), "line 1 is no JSON"),
        (edit("explanations.jsonl", r'("kind":"slot","slot_id":)"L\d"', r'\1["L3"]'), "is no JSON that names"),
        (edit("explanations.jsonl", r'(\{"kind":"slot".*\n)', r"\1\1"), "is not about the next slot"),
        (edit("explanations.jsonl", r"(?s).+", "{}\n"), "no line for each of 8 students"),
        (edit("explanations.jsonl", r"\n\Z", ""), "no line for each of 8 students"),
        (lambda found: found.update({"explanations.jsonl": b"\xff\n"}), "explanations.jsonl: is not UTF-8"),
    ],
)  # fmt: skip
def test_what_an_earlier_version_wrote_is_checked_all_the_same(change: Callable[[Files], None], reason: str) -> None:
    changed = files()
    by_0_1_0(changed)
    change(changed)
    found = verify(read(crowded(), POLICY), changed, earlier=True).reasons
    assert any(reason in line for line in found), found


def test_result_of_another_input_is_refused() -> None:
    other = crowded()
    other["students"][1]["priority"] = "1"
    assert any("solved input" in line for line in verify(read(other, POLICY), files()).reasons)


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
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
    drawn = int(draws(policy.lottery_seed, outcome.prepared.ids(other)).sum())
    assume(level_values(outcome.instance, pairs, other, drawn=drawn) != outcome.levels)
    verdict = verify(outcome.instance, forged(outcome, other))
    assert any("certificate" in line for line in verdict.reasons)


def forged(outcome: Solved, chosen: np.ndarray) -> Files:
    """The files of another allocation, each true of it, with the optimum's certificate."""
    instance, pairs = outcome.instance, outcome.pairs
    drawn = int(draws(instance.policy.lottery_seed, outcome.prepared.ids(chosen)).sum())
    levels = level_values(instance, pairs, chosen, drawn=drawn, standing=outcome.prepared.standing)
    unplaced = unplaced_reasons(instance, pairs, chosen)
    lines = explanation_lines(instance, pairs, chosen, reasons=dict(unplaced))
    placements = placements_of(instance, pairs, chosen)
    found = make_result(outcome, watch=Stopwatch(still))
    run = {
        **found.run,
        "levels": [{"name": level.name, "value": level.value, "bound": level.value} for level in levels],
        "sizes": sizes(instance, pairs, placements=len(placements), unplaced=len(unplaced)),
    }
    return {
        "allocations.csv": csv_bytes(ALLOCATION_HEADER, (placement.cells() for placement in placements)),
        "unplaced.csv": csv_bytes(UNPLACED_HEADER, unplaced),
        "explanations.jsonl": "".join(line + "\n" for line in lines).encode(),
        "certificate.csv": found.certificate,
        "run.json": json.dumps(run).encode(),
    }


def grouped() -> Round:
    """A group of two that runs only if a first choice is given up, and a network beside it."""
    round_ = crowded()
    round_["students"] += [student(name) for name in ("ida", "jon", "kim")]
    round_["slots"] += [slot("M1", capacity=2, min_group=2), slot("M2"), slot("M3", capacity=2)]
    round_["preferences"] += wishes(ida=["M1", "M2"], jon=["M2", "M1"], kim=["M3"])
    return round_


@pytest.mark.parametrize("status", ["optimal", "bounded"])
def test_optimum_of_a_network_can_not_be_called_bounded_nor_anything_else_optimal(status: str) -> None:
    outcome, _ = solved(read(crowded(), POLICY))
    files = forged(outcome, outcome.chosen if status == "bounded" else outcome.chosen[1:])
    run = json.loads(files["run.json"]) | {"status": status}
    assert verify(outcome.instance, {**files, "run.json": json.dumps(run).encode()}).reasons


def test_optimum_that_states_a_looser_bound_than_its_prices_prove_is_refused() -> None:
    outcome, result = solved(read(crowded(), POLICY))
    run = json.loads(json.dumps(result.run)) | {"status": "bounded"}
    run["levels"][0]["bound"] += 1
    run["gap"] = 1 / run["levels"][0]["bound"]
    reasons = verify(outcome.instance, {**result.files(), "run.json": json.dumps(run).encode()}).reasons
    assert reasons == ("run.json: the bound of students is 8, and the prices prove 7",)


def test_result_made_under_another_policy_than_the_folder_s_is_refused(tmp_path: Path) -> None:
    for name, data in csv_files(crowded()).items():
        (tmp_path / f"{name}.csv").write_bytes(data)
    out = tmp_path / "out"
    out.mkdir()
    for name, data in files().items():
        (out / name).write_bytes(data)
    assert verify_folder(tmp_path, out).accepted
    (tmp_path / "policy.toml").write_text("reserved_priority = 100")
    assert verify_folder(tmp_path, out).accepted
    (tmp_path / "policy.toml").write_text("reserved_priority = 101")
    assert verify_folder(tmp_path, out).reasons == ("run.json: was not made under policy.toml",)


def test_network_that_is_not_at_its_optimum_is_refused_even_as_bounded() -> None:
    outcome, _ = solved(read(grouped(), POLICY))
    names = outcome.prepared.ids(outcome.chosen)
    kept = [at for at, (who, _) in zip(outcome.chosen.tolist(), names, strict=True) if who != "kim"]
    files = forged(outcome, np.array(kept, dtype=np.int64))
    run = json.loads(files["run.json"]) | {"status": "bounded"}
    run["levels"][0]["bound"] += 1
    run["gap"] = 1 / run["levels"][0]["bound"]
    reasons = verify(outcome.instance, {**files, "run.json": json.dumps(run).encode()}).reasons
    assert reasons == ("certificate.csv: does not prove an optimum: kim with M3 would be cheaper",)


def out_of_time(**more: int) -> tuple[Solved, Files]:
    """A round with a group whose bound could not be met, forged from its optimum by leaving the group closed."""
    round_ = make_round(
        [student(name) for name in ("ida", "jon", "kim")],
        [slot("M1", capacity=2, min_group=2), slot("M2")],
        wishes(ida=["M1", "M2"], jon=["M2", "M1"], kim=["M1"]),
    )
    outcome, _ = solved(read(round_, POLICY))
    names = outcome.prepared.ids(outcome.chosen)
    assert len(names) == 3
    (only,) = [at for at, (_, what) in zip(outcome.chosen, names, strict=True) if what == "M2"]
    files = forged(outcome, np.array([only]))
    run = json.loads(files["run.json"])
    for level in run["levels"]:
        level["bound"] = {"students": 3, "placements": 3, "priority": 0, "lottery": 0}.get(level["name"], 0)
        level["bound"] = more.get(level["name"], level["bound"])
    gap = abs(run["levels"][0]["bound"] - 1) / max(1, run["levels"][0]["bound"])
    run |= {"status": "bounded", "gap": gap}
    return outcome, {**files, "run.json": json.dumps(run).encode()}


def test_bounded_result_is_accepted_with_bounds_no_looser_than_its_prices() -> None:
    outcome, files = out_of_time()
    verdict = verify(outcome.instance, files)
    assert verdict.reasons == ()
    assert (verdict.status, verdict.searched) == ("bounded", 1)


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [
        ({"students": 4}, "the bound of students is 4, and the prices prove 3"),
        ({"students": 0}, "students is 1, beyond the bound 0"),
        ({"minutes": 99}, "minutes is 10, beyond the bound 99"),
        ({"lottery": -1}, "the bound of lottery is negative"),
    ],
)
def test_bounds_that_are_too_loose_or_too_tight_are_refused(bounds: dict[str, int], reason: str) -> None:
    outcome, files = out_of_time(**bounds)
    reasons = verify(outcome.instance, files).reasons
    assert any(reason in one for one in reasons), reasons


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal", "stable"])
def test_verifying_loads_neither_solver_nor_compiler(objective: str, tmp_path: Path) -> None:
    round_ = make_round([student("ann"), student("bob")], [slot("L1"), slot("L2")], wishes(ann=["L1", "L2"], bob="L1"))
    if objective != "stable":
        round_["slots"][0] |= {"capacity": "3", "min_group": "2"}
    instance = read(round_, Policy(objective=objective))
    for folder, files in (("in", {f"{name}.csv": data for name, data in csv_files(round_).items()}),
                          ("out", solved(instance)[1].files())):  # fmt: skip
        (tmp_path / folder).mkdir()
        for name, data in files.items():
            (tmp_path / folder / name).write_bytes(data)
    code = (
        "import sys; from pathlib import Path; from hub_allocation.verify import verify_folder;"
        f"verdict = verify_folder(Path({str(tmp_path / 'in')!r}), Path({str(tmp_path / 'out')!r}));"
        "print(verdict.reasons, sorted({name.partition('.')[0] for name in sys.modules}"
        " & {'ortools', 'numba', 'scipy', 'pandas', 'highspy'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "() []"
