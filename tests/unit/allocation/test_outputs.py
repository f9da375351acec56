"""What a run hands over: the same bytes for any order and format of the input, fitting reasons and explanations."""

import io
import json
import random
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from hub_allocation.errors import BadInput
from hub_allocation.explain import SCHEMA
from hub_allocation.folder import write_files
from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from hub_allocation.solve import Cancelled, Solved, solve
from hub_schemas import tables
from tests.support.oracle.generated import RULES, as_one, several_rounds
from tests.unit.allocation.rounds import (
    Round,
    csv_file,
    csv_files,
    make_round,
    read,
    slot,
    solved,
    still,
    student,
    wishes,
)
from tests.unit.allocation.strategies import policies, rounds

quick = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def parquet(data: bytes) -> bytes:
    out = io.BytesIO()
    pl.read_csv(data).write_parquet(out)
    return out.getvalue()


@settings(quick, max_examples=12)
@given(rounds(rules=False), policies(), st.randoms(use_true_random=False))
def test_any_order_of_the_rows_gives_the_same_bytes(round_: Round, policy: Policy, shuffler: random.Random) -> None:
    shuffled = {name: shuffler.sample(rows, len(rows)) for name, rows in round_.items()}
    assert solved(read(round_, policy))[1].files() == solved(read(shuffled, policy))[1].files()


@pytest.mark.parametrize("form", ["crlf", "mark", "unknown column", "canonical", "parquet"])
def test_any_form_of_the_files_gives_the_same_bytes(form: str) -> None:
    round_ = make_round(
        [student("ann"), student("bob", priority=3)], [slot("L1", title='A "small", place'), slot("L2")],
        wishes(ann=["L1", "L2"], bob="L1"),
    )  # fmt: skip
    files = csv_files(round_)
    if form == "crlf":
        changed = csv_files(round_, line_end="\r\n")
    elif form == "mark":
        changed = {name: b"\xef\xbb\xbf" + data for name, data in files.items()}
    elif form == "unknown column":
        changed = {**files, "students": csv_file("students", [{**row, "note": "x"} for row in round_["students"]])}
    elif form == "canonical":
        cells = {
            name: [[row.get(key, "") for key in tables.BY_NAME[name].header] for row in rows]
            for name, rows in round_.items()
        }
        changed = {name: tables.canonical_bytes(name, rows) for name, rows in cells.items()}
        assert tables.input_sha256(changed) == read(round_).input_sha256
    else:
        changed = {name: parquet(data) for name, data in files.items()}
    expected, got = solved(read_instance(files, Policy()))[1], solved(read_instance(changed, Policy()))[1]
    assert got.files() == expected.files()


@settings(quick, max_examples=20)
@given(rounds(), policies())
def test_properties_every_allocation_must_have(round_: Round, policy: Policy) -> None:
    for row in round_["students"]:
        row["pinned_slot_id"] = ""
    outcome, result = solved(read(round_, policy))
    slots = {row["slot_id"]: row for row in round_["slots"]}
    students = {row["student_id"]: row for row in round_["students"]}
    taken = Counter(placement.slot_id for placement in result.placements)
    assert all(count <= int(slots[name]["capacity"]) for name, count in taken.items())
    low = Counter(
        p.slot_id for p in result.placements if int(students[p.student_id]["priority"] or 0) < policy.reserved_priority
    )
    assert all(count <= int(slots[s]["capacity"]) - int(slots[s]["reserved"] or 0) for s, count in low.items())
    share = Counter((p.slot_id, students[p.student_id]["school_id"]) for p in result.placements)
    assert all(count <= int(slots[s]["max_per_school"] or 99) for (s, _), count in share.items())
    assert len({placement.student_id for placement in result.placements}) == len(result.placements)
    assert {p.student_id for p in result.placements} | {who for who, _ in result.unplaced} == set(students)
    assert len(result.placements) + len(result.unplaced) == len(students)
    # No wasted seat: nobody is unplaced beside a feasible slot that has a seat for them.
    full = {
        line["student_id"]: line["better"] for line in map(json.loads, result.explanations) if line["kind"] == "student"
    }
    for who, _ in result.unplaced:
        assert all(missed["status"] in ("infeasible", "full") for missed in full[who])
    assert outcome.status == "optimal"


@settings(quick, max_examples=20)
@given(rounds(), policies())
def test_explanations_fit_the_schema_and_name_no_other_student(round_: Round, policy: Policy) -> None:
    for row in round_["students"]:
        row["pinned_slot_id"] = ""
    _, result = solved(read(round_, policy))
    validator = Draft202012Validator(SCHEMA)
    names = {row["student_id"] for row in round_["students"]}
    for line in result.explanations:
        told = json.loads(line)
        validator.validate(told)
        others = names - {told.get("student_id")}
        assert not any(f'"{name}"' in line for name in others)


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal", "stable"])
def test_every_student_and_every_slot_with_an_empty_seat_is_explained_and_nothing_else(objective: str) -> None:
    rules = ("eligibility", "interests") if objective == "stable" else RULES
    made = as_one(several_rounds(11, count=40, objective=objective, rules=[rule for rule in rules if rule != "pins"]))
    policy = Policy.from_mapping(made.policy | ({"variety": "off"} if objective == "stable" else {}))
    _, result = solved(read(made.rows, policy))
    lines = [json.loads(line) for line in result.explanations]
    taken = Counter(placement.slot_id for placement in result.placements)
    empty = [row["slot_id"] for row in made.rows["slots"] if taken[row["slot_id"]] < int(row["capacity"])]
    students = sorted(row["student_id"] for row in made.rows["students"])
    assert [line["student_id"] for line in lines if line["kind"] == "student"] == students
    assert [line["slot_id"] for line in lines if line["kind"] == "slot"] == sorted(empty)
    assert len(lines) == len(students) + len(empty)
    assert all(line["text"] for line in lines)


def test_unplaced_reasons() -> None:
    round_ = make_round(
        [student("ann"), student("bob"), student("cat"), student("dan", year_group="9", travel_modes="car")],
        [slot("L1", year_groups="10")],
        wishes(ann="L1", bob="L1", dan="L1"),
    )
    _, result = solved(read(round_))
    reasons = dict(result.unplaced)
    assert sorted(reasons.values()) == ["choices_full", "no_feasible_choice:year_group", "no_preferences"]
    assert (reasons["cat"], reasons["dan"]) == ("no_preferences", "no_feasible_choice:year_group")


def test_empty_seats_say_why() -> None:
    round_ = make_round(
        [student("ann"), student("bob", access_needs="ramp"), student("cat")],
        [slot("L1"), slot("L2"), slot("L3"), slot("L4", capacity=2, reserved=2)],
        wishes(ann=["L1", "L4"], bob=["L2"], cat=["L4"]),
    )
    _, result = solved(read(round_))
    told = [json.loads(line) for line in result.explanations]
    assert {line["slot_id"]: line["reason"] for line in told if line["kind"] == "slot"} == {
        "L2": "nobody_feasible", "L3": "not_ranked", "L4": "kept_by_limit",
    }  # fmt: skip


def test_unranked_pin_has_a_blank_rank_and_costs_nothing() -> None:
    round_ = make_round([student("ann", pinned_slot_id="L2")], [slot("L1"), slot("L2")], wishes(ann="L1"))
    outcome, result = solved(read(round_))
    assert result.files()["allocations.csv"] == b"student_id,slot_id,rank,minutes,mode_used\nann,L2,,10,walk\n"
    assert {level.name: level.value for level in outcome.levels}["rank_cost"] == 0


def test_round_without_anybody_is_solved() -> None:
    _, result = solved(read(make_round([], [], [])))
    assert result.run["status"] == "optimal"
    assert [level["value"] for level in result.run["levels"]] == [0] * 6


def test_cancelled_is_a_value_and_a_flow_is_carried_to_its_end_whatever_the_time() -> None:
    instance = read(make_round([student("ann")], [slot("L1")], wishes(ann="L1")))
    assert isinstance(solve(instance, clock=still, cancelled=lambda: True), Cancelled)
    times = iter(range(0, 10_000, 400))
    late = solve(instance, clock=lambda: float(next(times)))
    assert isinstance(late, Solved)
    assert late.status == "optimal"


def test_who_wished_by_sector_alone_and_could_have_none_has_no_feasible_choice() -> None:
    round_ = make_round(
        [student("ann", interests="arts"), student("bob")], [slot("L1", sector="arts", min_age="40")], []
    )
    _, result = solved(read(round_, Policy(use_interests=True)))
    assert result.unplaced == [("ann", "no_feasible_choice:interests"), ("bob", "no_preferences")]


def test_nothing_of_an_earlier_result_stays_beside_a_new_one(tmp_path: Path) -> None:
    write_files({"run.json": b"1", "moves.csv": b"1", "allocations.csv": b"1"}, tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    write_files({"run.json": b"2", "allocations.csv": b"2"}, tmp_path / "out")
    left = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert left == {"run.json": b"2", "allocations.csv": b"2", "notes.txt": b"mine"}


def test_stable_refuses_to_keep_what_stands() -> None:
    instance = read(make_round([student("ann")], [slot("L1")], wishes(ann="L1")), Policy(objective="stable"))
    with pytest.raises(BadInput, match="stable can't keep placements that stand"):
        solve(instance, clock=still, fixed=np.array([True]))
