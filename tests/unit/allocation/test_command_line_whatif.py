"""hub-matching change, explain, recruit, compare, pareto and credit on folders."""

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from hub_matching.cli import app
from tests.unit.allocation.rounds import Round, csv_files, journey, make_round, slot, student, wishes

NAMES = "abcdefghijkl"


def write(folder: Path, round_: Round) -> Path:
    folder.mkdir(exist_ok=True)
    for name, data in csv_files(round_).items():
        (folder / f"{name}.csv").write_bytes(data)
    return folder


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.output


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def dozen(*, first: int = 2, **cells: str) -> Round:
    """Twelve students who all want one of the few seats of L1 first, then one of the eight of L2, farther away."""
    travel = [journey(10), journey(50, destination="FAR")]
    slots = [slot("L1", capacity=first, **cells), slot("L2", capacity=8, postcode="FAR")]
    ranked = wishes(**{name: ["L1", "L2"] for name in NAMES})
    return make_round([student(name) for name in NAMES], slots, ranked, travel=travel)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "in", dozen())


@pytest.fixture
def result(folder: Path, tmp_path: Path) -> Path:
    assert run("solve", folder, "--out", tmp_path / "out")[0] == 0
    return tmp_path / "out"


def test_help_names_every_command() -> None:
    code, told = run("--help")
    assert code == 0
    for name in ("solve", "verify", "change", "explain", "recruit", "compare", "pareto", "credit"):
        assert f"  {name} " in told
        assert run(name, "--help")[0] == 0


def test_a_change_run_says_who_moves_and_verifies_with_what_stood(result: Path, tmp_path: Path) -> None:
    less = write(tmp_path / "less", dozen(first=1))
    out = tmp_path / "changed"
    code, told = run("solve", less, "--out", out, "--standing", result / "allocations.csv")
    assert code == 0
    moves = rows(out / "moves.csv")
    assert (moves[0]["from_slot_id"], moves[0]["reason"]) == ("L1", "lost_seat")
    assert len(moves) == 1
    assert "slot has fewer seats" in told
    assert run("verify", less, out, "--standing", result)[0] == 0
    assert run("verify", less, out)[0] == 1
    code, told = run("change", less, result, out, "--out", tmp_path / "list.csv")
    assert code == 0
    assert rows(tmp_path / "list.csv") == moves


def test_a_folder_used_again_by_another_kind_of_run_keeps_nothing_of_the_first(
    folder: Path, result: Path, tmp_path: Path
) -> None:
    out = tmp_path / "again"
    assert run("solve", folder, "--out", out, "--standing", result)[0] == 0
    assert (out / "moves.csv").exists()
    assert run("solve", folder, "--out", out)[0] == 0
    assert {path.name for path in out.iterdir()} == {path.name for path in result.iterdir()}
    assert run("verify", folder, out)[0] == 0


def test_a_frozen_run_moves_only_who_must(result: Path, tmp_path: Path) -> None:
    round_ = dozen()
    round_["students"] = [row for row in round_["students"] if row["student_id"] != "a"]
    round_["preferences"] = [row for row in round_["preferences"] if row["student_id"] != "a"]
    out = tmp_path / "changed"
    less = write(tmp_path / "less", round_)
    assert run("solve", less, "--out", out, "--standing", result, "--frozen")[0] == 0
    assert run("verify", less, out, "--standing", result, "--frozen")[0] == 0
    left = [move for move in rows(out / "moves.csv") if move["from_slot_id"]]
    assert [move["student_id"] for move in left] in ([], ["a"])


def test_frozen_without_a_standing_allocation_is_bad_input(folder: Path, tmp_path: Path) -> None:
    code, told = run("solve", folder, "--out", tmp_path / "out", "--frozen")
    assert code == 2
    assert "--standing" in told


def test_solving_again_without_recruiting_leaves_no_old_suggestions(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("solve", folder, "--out", out, "--recruit", "1")[0] == 0
    assert len(rows(out / "suggestions.csv")) == 1
    assert run("verify", folder, out)[0] == 0
    assert run("solve", folder, "--out", out)[0] == 0
    assert not (out / "suggestions.csv").exists()
    assert not (out / "demand.csv").exists()


def test_explain_tells_one_student_and_names_no_other(folder: Path, result: Path) -> None:
    who = rows(result / "unplaced.csv")[0]["student_id"]
    code, told = run("explain", folder, result, "--student", who)
    assert code == 0
    assert told.startswith(f"{who}: Not placed")
    assert "L1 (choice 1): Full: 2 of 2 seats are taken" in told
    only = run("explain", folder, result, "--student", who, "--slot", "L2")[1]
    assert "L1 (" not in only
    code, told = run("explain", folder, result, "--student", who, "--slot", "L1", "--exact")
    assert code == 0
    assert f"If {who} were placed at L1 (exact): One other student would " in told


@pytest.mark.parametrize("name", ["solve", "verify", "change", "explain", "recruit", "compare", "pareto", "credit"])
def test_help_names_arguments_and_numbers_in_words(name: str) -> None:
    told = run(name, "--help")[1]
    assert told.startswith("Usage: ")
    for noise in ("{", "<Path>", "list[", "range>", "<str>", "x>", "<="):
        assert noise not in told, noise


@pytest.mark.parametrize("frozen", [[], ["--frozen"]])
def test_explain_solves_a_change_run_again_with_what_stood(result: Path, tmp_path: Path, frozen: list[str]) -> None:
    less = write(tmp_path / "less", dozen(first=1))
    out = tmp_path / "changed"
    stood = ["--standing", result, *frozen]
    assert run("solve", less, "--out", out, *stood)[0] == 0
    who = next(row["student_id"] for row in rows(out / "allocations.csv") if row["slot_id"] == "L2")
    asked = ["explain", less, out, "--student", who, "--slot", "L1", "--exact"]
    code, told = run(*asked)
    assert code == 2
    assert "name that with --standing" in told
    code, told = run(*asked, *stood)
    assert code == 0
    [line] = [line for line in (out / "explanations.jsonl").read_text().splitlines() if f'"student_id":"{who}"' in line]
    [missed] = json.loads(line)["better"]
    kind, text = (missed["if_overridden"][name] for name in ("kind", "text"))
    assert f"If {who} were placed at L1 ({kind}): {text}" in told


def test_explain_refuses_another_standing_allocation_than_the_result_changed(result: Path, tmp_path: Path) -> None:
    less, out = write(tmp_path / "less", dozen(first=1)), tmp_path / "changed"
    assert run("solve", less, "--out", out, "--standing", result)[0] == 0
    other = tmp_path / "other"
    other.mkdir()
    (other / "allocations.csv").write_text("student_id,slot_id\na,L2\n")
    code, told = run("explain", less, out, "--student", "a", "--slot", "L1", "--exact", "--standing", other)
    assert code == 2
    assert "is not what became of" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--student", "nobody"], "nobody is not in this result"),
        (["--student", "a", "--exact"], "needs a slot"),
        (["--student", "a", "--slot", "L9", "--exact"], "L9 is not in this round"),
    ],
)
def test_explain_refuses_what_it_cannot_tell(folder: Path, result: Path, words: list[str], said: str) -> None:
    code, told = run("explain", folder, result, *words)
    assert code == 2
    assert said in told


def test_recruit_says_where_a_seat_gains_and_confirms_it(folder: Path, result: Path, tmp_path: Path) -> None:
    out = tmp_path / "recruit"
    code, told = run("recruit", folder, result, "--best", "2", "--out", out)
    assert code == 0
    assert {path.name for path in out.iterdir()} == {"recruit.csv", "demand.csv", "suggestions.csv"}
    first = rows(out / "suggestions.csv")[0]
    assert (first["slot_id"], first["students"], first["confirmed_students"]) == ("L1", "1", "1")
    assert "2 of 2 slots would gain by one more seat" in told


def test_a_result_of_another_round_is_refused(result: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", dozen(title="another"))
    code, told = run("recruit", other, result)
    assert code == 2
    assert "solved input" in told


def policy(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text)
    return path


def test_compare_lays_policies_side_by_side(folder: Path, tmp_path: Path) -> None:
    near = policy(tmp_path, "near", "default_max_travel_minutes = 30\n")
    code, told = run("compare", folder, "--policy", near, "--out", tmp_path / "report")
    assert code == 0
    found = json.loads((tmp_path / "report" / "compare.json").read_text())
    assert [run_["name"] for run_ in found["runs"]] == ["own policy", "near"]
    assert [run_["ranks"]["unplaced"] for run_ in found["runs"]] == [2, 10]
    (change,) = found["changes"]
    assert change["counts"] == {"better": 0, "worse": 8, "same": 4}
    assert {mover["to"] for mover in change["worse"]} == {"unplaced"}
    assert "Students better or worse off" in told
    ElementTree.parse(tmp_path / "report" / "ranks.svg")  # noqa: S314  our own file


def test_choices_are_told_in_order_whichever_run_reaches_further(folder: Path, tmp_path: Path) -> None:
    near = policy(tmp_path, "near", "default_max_travel_minutes = 30\n")
    far = policy(tmp_path, "far", "default_max_travel_minutes = 60\n")
    told = run("compare", folder, "--policy", near, "--policy", far)[1]
    choices = told[told.index("Students by the choice") : told.index("Placements by minutes")]
    assert choices.index("1st") < choices.index("2nd") < choices.index("unplaced")


def test_compare_hides_small_numbers_of_groups(folder: Path, tmp_path: Path) -> None:
    labels = tmp_path / "groups.csv"
    labels.write_text(
        "student_id,label\n" + "".join(f"{name},{'x' if at < 6 else 'y'}\n" for at, name in enumerate(NAMES))
    )
    code, told = run("compare", folder, "--groups", labels, "--out", tmp_path / "report")
    assert code == 0
    assert "By group" in told
    groups = json.loads((tmp_path / "report" / "compare.json").read_text())["runs"][0]["groups"]
    assert [row["students"] for row in groups] == [6, 6]
    assert not {1, 2, 3, 4} & {cell for row in groups for cell in row.values()}
    wide = run("compare", folder, "--groups", labels, "--hide-below", "1", "--out", tmp_path / "open")[0]
    assert wide == 0
    open_ = json.loads((tmp_path / "open" / "compare.json").read_text())["runs"][0]["groups"]
    assert [sum(row["1st"] for row in open_), sum(row["unplaced"] for row in open_)] == [2, 2]


def test_groups_never_change_a_result(folder: Path, tmp_path: Path) -> None:
    labels = tmp_path / "groups.csv"
    labels.write_text("student_id,label\n" + "".join(f"{name},x\n" for name in NAMES))
    run("compare", folder, "--out", tmp_path / "without")
    run("compare", folder, "--groups", labels, "--out", tmp_path / "with")
    without, with_ = (json.loads((tmp_path / name / "compare.json").read_text()) for name in ("without", "with"))
    assert without["runs"][0] | {"groups": None} == with_["runs"][0] | {"groups": None}


def test_a_missing_groups_file_is_bad_input(folder: Path, tmp_path: Path) -> None:
    assert run("compare", folder, "--groups", tmp_path / "none.csv")[0] == 2


def test_pareto_writes_fronts_pictures_and_allocations_that_keep_the_rules(tmp_path: Path) -> None:
    near = [slot(f"near-{name}", capacity=1) for name in "ab"]
    far = [slot(f"far-{name}", postcode=f"FAR-{name}") for name in "ab"]
    ranked = wishes(a=["far-a", "near-a"], b=["far-b", "near-b"])
    travel = [journey(10), journey(30, destination="FAR-a"), journey(50, destination="FAR-b")]
    folder = write(tmp_path / "in", make_round([student("a"), student("b")], [*near, *far], ranked, travel=travel))
    out = tmp_path / "pareto"
    code, told = run("pareto", folder, "--out", out)
    assert code == 0
    minutes, priority = json.loads((out / "pareto.json").read_text())
    costs = [(point["rank_cost"], point["minutes"]) for point in minutes["points"]]
    assert costs == [(0, 80), (1, 40), (2, 20)]
    assert (minutes["kind"], minutes["complete"], minutes["proven"]) == ("supported", True, True)
    assert len(priority["points"]) == 1
    for at, (_, total) in enumerate(costs, start=1):
        placed = rows(out / "minutes" / f"{at:02d}-allocations.csv")
        assert sum(int(row["minutes"]) for row in placed) == total
    ElementTree.parse(out / "minutes.svg")  # noqa: S314  our own file
    assert "The same at every point: 2 students" in told
    assert run("pareto", folder, "--out", out, "--points", "2")[0] == 0
    assert {path.name for path in (out / "minutes").iterdir()} == {"01-allocations.csv", "02-allocations.csv"}


def test_credit_raises_who_missed_out_and_leaves_the_round_as_it_was(
    folder: Path, result: Path, tmp_path: Path
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    rules = policy(tmp_path, "credit", "credit_unplaced = 100\ncredit_per_rank = 20\n")
    out = tmp_path / "next"
    code, told = run("credit", folder, result, "--policy", rules, "--out", out)
    assert code == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    gone = {row["student_id"] for row in rows(result / "unplaced.csv")}
    owed = {row["student_id"]: int(row["credit"]) for row in rows(out / "credit.csv")}
    assert {name for name, points in owed.items() if points == 100} == gone
    assert "10 of 12 students have a higher priority" in told
    assert run("solve", out, "--out", tmp_path / "second")[0] == 0
    assert run("verify", out, tmp_path / "second")[0] == 0
    firsts = {row["student_id"] for row in rows(tmp_path / "second" / "allocations.csv")}
    assert gone <= firsts
    assert run("credit", out, result, "--out", tmp_path / "twice")[0] == 2
    assert not (tmp_path / "twice").exists()


def test_a_policy_without_credit_changes_no_priority(folder: Path, result: Path, tmp_path: Path) -> None:
    out = tmp_path / "next"
    code, told = run("credit", folder, result, "--out", out)
    assert code == 0
    assert "this policy gives no credit" in told
    assert {row["priority"] for row in rows(out / "students.csv")} == {"0"}
