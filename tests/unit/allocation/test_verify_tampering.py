"""Whatever is changed in a result, cell by cell and field by field, the verifier refuses it."""

import csv
import io
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from hub_allocation.policy import Policy
from hub_allocation.verify import FILES, verify
from tests.support.oracle.duality import keys, proves
from tests.support.oracle.problem import read_problem
from tests.support.oracle.rules import level_values
from tests.unit.allocation.agreement import flags, keys_of
from tests.unit.allocation.rounds import Round, journey, make_round, read, slot, solved, student, wishes

Files = dict[str, bytes]
MEASURED = ("seconds", "peak_rss_mb")
PROOF = "certificate.csv"


def busy(**policy: Any) -> tuple[Round, Policy]:
    """Seats, a reserve, a school's share and a pin in one component; a group, companions and a day cap in another."""
    people = [
        student("ann", priority=10), student("bob"), student("cat", school_id="S2"), student("dan", postcode="FAR"),
        student("eve", priority=500), student("fay", pinned_slot_id="L4"), student("gus"), student("hal"),
        student("ida", companion_id="jon"), student("jon"), student("kim"), student("lea"), student("max"),
    ]  # fmt: skip
    slots = [
        slot("L1"), slot("L2", capacity=2, reserved=1), slot("L3", capacity=3, max_per_school=1),
        slot("L4", capacity=3), slot("M1", capacity=3, min_group=3, employer_id="E2"),
        slot("M2", capacity=2, employer_id="E2"), slot("M3", employer_id="E2", dates="2027-07-05"),
    ]  # fmt: skip
    ranked = wishes(
        ann=["L1", "L2", "L4"], bob=["L1", "L2", "L3"], cat=["L1", "L3"], dan=["L3", "L2"], eve=["L2", "L1"],
        fay=["L1", "L4"], gus=["L2", "L1"], hal=["L1"], ida=["M1", "M2"], jon=["M2", "M1"], kim=["M2", "M3"],
        lea=["M3", "M1"], max=["M3"],
    )  # fmt: skip
    travel = [journey(10), journey(25, origin="FAR")]
    employers = [{"employer_id": "E1", "max_at_once": ""}, {"employer_id": "E2", "max_at_once": "3"}]
    return make_round(people, slots, ranked, travel=travel, employers=employers), Policy(
        reserved_priority=100, **policy
    )  # fmt: skip


def crowded(objective: str) -> tuple[Round, Policy]:
    """The component that is a network."""
    round_, policy = busy(objective=objective)
    rows = {table: [row for row in found if row.get("slot_id", "L")[0] == "L"] for table, found in round_.items()}
    for row in rows["students"]:
        row.pop("companion_id", "")
    return rows, policy


def several() -> tuple[Round, Policy]:
    """Two places each."""
    round_, _ = busy()
    for row in round_["students"]:
        row.pop("companion_id", "")
    return round_, Policy(places_per_student=2, variety="require")


def stable() -> tuple[Round, Policy]:
    """Seats only."""
    people = [student(name, priority=at) for at, name in enumerate(("ann", "bob", "cat", "dan"))]
    ranked = wishes(ann=["L1", "L2"], bob=["L2", "L1"], cat=["L1", "L2"], dan=["L2", "L3"])
    return make_round(people, [slot("L1"), slot("L2"), slot("L3", capacity=2)], ranked), Policy(objective="stable")


EVERY = {"balanced": 1, "rank_maximal": 3, "several": 3, "stable": 2}
"""Of the changes to a result every so-manieth is tried: most are the same for each objective."""

ROUNDS = {
    "balanced": busy,
    "rank_maximal": lambda: busy(objective="rank_maximal"),
    "several": several,
    "stable": stable,
}


@cache
def result(name: str) -> Files:
    return solved(read(*ROUNDS[name]()))[1].files()


def refusals(name: str, files: Files) -> tuple[str, ...]:
    return verify(read(*ROUNDS[name]()), files).reasons


@pytest.mark.parametrize("name", ROUNDS)
def test_what_was_solved_is_accepted(name: str) -> None:
    assert refusals(name, result(name)) == ()


def test_refusal_quotes_what_it_found_without_marks_of_a_program() -> None:
    files = result("stable")
    header = files["unplaced.csv"].split(b"\n")[0].decode()
    (emptied,) = refusals("stable", {**files, "unplaced.csv": b""})
    assert emptied == f'unplaced.csv: line 1 says nothing, expected "{header}"'
    (odd,) = refusals("stable", {**files, "unplaced.csv": b"\xff\x1b" + files["unplaced.csv"]})
    assert odd.startswith('unplaced.csv: line 1 says "\\xff\\x1b')


@pytest.mark.parametrize("name", ROUNDS)
def test_every_changed_cell_or_field_is_refused(name: str) -> None:
    instance = read(*ROUNDS[name]())
    changes = list(mutations(result(name)))[:: EVERY[name]]
    for what, files in changes:
        assert verify(instance, files).reasons, f"accepted although {what}"
    assert len(changes) > 60


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
def test_changed_prices_are_accepted_only_where_they_prove_the_same(objective: str) -> None:
    round_, policy = crowded(objective)
    instance = read(round_, policy)
    problem = read_problem(round_, policy.as_dict())
    files = solved(instance)[1].files()
    levels = level_values(problem, keys(files["allocations.csv"]))
    assert proves(problem, files[PROOF], levels)
    answers = []
    for what, certificate in price_mutations(files[PROOF].decode()):
        accepted = verify(instance, {**files, PROOF: certificate}).accepted
        assert accepted == proves(problem, certificate, levels), what
        answers.append(accepted)
    assert set(answers) == {True, False}


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
def test_seat_said_to_be_worth_more_than_its_price_is_refused(objective: str) -> None:
    round_, policy = crowded(objective)
    instance = read(round_, policy)
    files = solved(instance)[1].files()
    text = files["recruit.csv"].decode()
    rows = list(csv.reader(io.StringIO(text)))
    refused = 0
    for at, row in enumerate(rows[1:], start=1):
        assert row[3] == "exact"
        for step in (1, -1):
            changed = with_cell(text, at, 4, str(int(row[4]) + step))
            verdict = verify(instance, {**files, "recruit.csv": changed})
            assert all(reason.startswith("recruit.csv") for reason in verdict.reasons)
            refused += not verdict.accepted
    assert refused >= 2 * len(rows) - 4


@pytest.mark.parametrize("extra", ["1", " ", "1e3", "-", str(1 << 60), "NaN"])
def test_certificate_of_odd_numbers_is_refused(extra: str) -> None:
    text = result("balanced")[PROOF].decode()
    changed = with_cell(text, 1, 4, extra) if extra != "1" else text.replace("students", "student").encode()
    assert refusals("balanced", {**result("balanced"), PROOF: changed})


def test_result_of_a_change_run_is_judged_against_what_stood() -> None:
    from hub_allocation.change import read_standing
    from hub_allocation.eligibility import find_pairs
    from hub_allocation.result import make_result
    from hub_allocation.solve import Solved, solve
    from hub_allocation.stopwatch import Stopwatch
    from tests.unit.allocation.rounds import still

    round_, policy = busy()
    before = result("balanced")["allocations.csv"]
    round_["slots"][0]["capacity"] = "0"
    instance = read(round_, policy)
    pairs = find_pairs(instance)
    standing = read_standing(instance, pairs, before).holds
    outcome = solve(instance, clock=still, standing=standing)
    assert isinstance(outcome, Solved)
    files = make_result(outcome, watch=Stopwatch(still)).files()
    assert verify(instance, files, standing=standing).accepted
    assert any("levels" in reason for reason in verify(instance, files).reasons)
    nothing = flags(instance, pairs, [])
    assert any("levels" in reason for reason in verify(instance, files, standing=nothing).reasons)
    others = keys_of(instance, pairs, outcome.chosen)
    gone = [key for key in keys_of(instance, pairs, standing.nonzero()[0]) if key not in others]
    stayed = verify(instance, files, standing=standing, fixed=flags(instance, pairs, gone[:1]))
    assert any("was to stay" in reason for reason in stayed.reasons)


def mutations(files: Files) -> Iterator[tuple[str, Files]]:
    """One change after the other, each with what it is; figures that are measured, and prices, are left alone."""
    for name in files:
        if name in FILES:
            yield f"{name} is missing", {other: data for other, data in files.items() if other != name}
        yield f"{name} is empty", {**files, name: b""}
        yield f"{name} is not UTF-8", {**files, name: b"\xff" + files[name]}
        if name not in ("run.json", PROOF):
            yield f"{name} has a line less", {**files, name: b"".join(files[name].splitlines(keepends=True)[:-1])}
            yield f"{name} has a line more", {**files, name: files[name] + files[name].splitlines(keepends=True)[-1]}
            yield f"{name} ends in a blank line", {**files, name: files[name] + b"\n"}
    for name in ("allocations.csv", "unplaced.csv", "aggregates.csv", "recruit.csv", PROOF):
        for what, data in cell_mutations(name, files[name].decode()):
            yield what, {**files, name: data}
    for path, changed in leaf_mutations(json.loads(files["run.json"])):
        if path[0] not in MEASURED:
            yield f"run.json {path}", {**files, "run.json": json.dumps(changed, indent=2).encode()}
    lines = files["explanations.jsonl"].decode().splitlines()
    seen: set[tuple[Any, ...]] = set()
    for at, line in enumerate(lines):
        for path, changed in leaf_mutations(json.loads(line)):
            kind = tuple("" if isinstance(step, int) else step for step in path)
            if kind not in seen and "if_overridden" not in path:
                seen.add(kind)
                text = json.dumps(changed, ensure_ascii=False, separators=(",", ":"))
                told = "".join(other + "\n" for other in [*lines[:at], text, *lines[at + 1 :]])
                yield f"explanations.jsonl:{at + 1} {path}", {**files, "explanations.jsonl": told.encode()}


def cell_mutations(name: str, text: str) -> Iterator[tuple[str, bytes]]:
    rows = list(csv.reader(io.StringIO(text)))
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if at and ((name == PROOF and column > 2) or (name == "recruit.csv" and column > 2)):
                continue
            others = {"", cell + "x", *(other[column] for other in rows[1:4])} - {cell}
            if cell.isdigit():
                others.add(str(int(cell) + 1))
            for other in sorted(others):
                if name != PROOF or at == 0 or other.endswith("x"):
                    yield f"{name} row {at + 1} says {other!r} for {cell!r}", with_cell(text, at, column, other)


def price_mutations(text: str) -> Iterator[tuple[str, bytes]]:
    """A certificate with one price changed, or one limit's prices left out."""
    rows = list(csv.reader(io.StringIO(text)))
    lines = text.splitlines(keepends=True)
    for at in range(1, len(rows)):
        yield f"without {rows[at]}", "".join(lines[:at] + lines[at + 1 :]).encode()
        for column in range(3, len(rows[at])):
            for step in (-(10**9), -1, 1, 10**9):
                value = str(int(rows[at][column]) + step)
                yield f"{rows[at]} with {rows[0][column]} {value}", with_cell(text, at, column, value)


def with_cell(text: str, at: int, column: int, value: str) -> bytes:
    rows = list(csv.reader(io.StringIO(text)))
    rows[at][column] = value
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def leaf_mutations(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The same JSON with one leaf, one key or one entry changed."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key), {other: kept for other, kept in value.items() if other != key}
            for where, changed in leaf_mutations(inner, (*path, key)):
                yield where, {**value, key: changed}
        yield (*path, "more"), {**value, "more": 1}
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            for where, changed in leaf_mutations(inner, (*path, at)):
                yield where, [*value[:at], changed, *value[at + 1 :]]
        yield (*path, "more"), [*value, "more"]
    elif isinstance(value, bool):
        yield path, not value
    elif isinstance(value, int | float):
        yield path, value + 1
        yield path, str(value)
    elif value is None:
        yield path, 1
    else:
        yield path, value + "x"
        yield path, None
