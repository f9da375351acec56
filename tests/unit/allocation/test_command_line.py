"""hub-matching solve and verify on folders."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub_matching.cli import app
from tests.unit.allocation.rounds import Round, csv_files, make_round, slot, student, wishes

FILES = {"allocations.csv", "unplaced.csv", "explanations.jsonl", "certificate.csv", "run.json"}


def write(folder: Path, round_: Round) -> Path:
    folder.mkdir(exist_ok=True)
    for name, data in csv_files(round_).items():
        (folder / f"{name}.csv").write_bytes(data)
    return folder


def small() -> Round:
    return make_round([student("ann"), student("bob")], [slot("L1"), slot("L2")], wishes(ann=["L1", "L2"], bob="L1"))


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "in", small())


def test_solve_writes_every_file_and_verify_accepts_them(folder: Path) -> None:
    out = folder / "out"
    assert run("solve", folder, "--out", out)[0] == 0
    assert {path.name for path in out.iterdir()} == FILES
    account = json.loads((out / "run.json").read_text())
    assert list(account["seconds"]) == ["read", "eligibility", "solve", "certificate", "explain", "write", "total"]
    assert account["seconds"]["total"] > 0
    assert account["peak_rss_mb"] > 0
    assert run("verify", folder, out)[0] == 0


def test_solving_again_into_the_same_folder_gives_the_same_files(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("solve", folder, "--out", out)
    first = {name: (out / name).read_bytes() for name in FILES - {"run.json"}}
    run("solve", folder, "--out", out)
    assert {name: (out / name).read_bytes() for name in FILES - {"run.json"}} == first
    assert {path.name for path in tmp_path.iterdir()} == {"in", "out"}


def test_verify_refuses_a_changed_result(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("solve", folder, "--out", out)
    (out / "unplaced.csv").write_bytes(b"student_id,reason\nann,choices_full\n")
    code, told = run("verify", folder, out)
    assert code == 1
    assert "refused: unplaced.csv: line 2" in told


def test_bad_input_is_listed_with_status_2_and_nothing_written(folder: Path, tmp_path: Path) -> None:
    text = (folder / "slots.csv").read_text().replace(",1,,,,", ",-1,,,,")
    (folder / "slots.csv").write_text(text)
    code, told = run("solve", folder, "--out", tmp_path / "out")
    assert code == 2
    assert told.splitlines() == [
        f"slots.csv:{row}: capacity: -1 is negative; write a whole number from 0 to 10000000" for row in (2, 3)
    ]
    assert not (tmp_path / "out").exists()


def test_pins_that_cannot_hold_end_with_status_2_and_nothing_written(folder: Path, tmp_path: Path) -> None:
    round_ = small()
    for row in round_["students"]:
        row["pinned_slot_id"] = "L2"
    assert run("solve", write(folder, round_), "--out", tmp_path / "out")[0] == 2
    assert not (tmp_path / "out").exists()


def test_policy_comes_from_the_option_before_the_folder(folder: Path, tmp_path: Path) -> None:
    (folder / "policy.toml").write_text('rank_cost = "linear"\n')
    other = tmp_path / "other.toml"
    other.write_text('lottery_seed = "x"\n')
    run("solve", folder, "--out", tmp_path / "a")
    run("solve", folder, "--out", tmp_path / "b", "--policy", other)
    policies = [json.loads((tmp_path / name / "run.json").read_text())["policy"] for name in "ab"]
    assert [policy["rank_cost"] for policy in policies] == ["linear", "quadratic"]
    assert [policy["lottery_seed"] for policy in policies] == ["0", "x"]
    assert run("verify", folder, tmp_path / "b", "--policy", other)[0] == 0
    assert run("verify", folder, tmp_path / "a", "--policy", other)[0] == 1


def test_wrong_policy_and_missing_folder_end_with_status_2(folder: Path, tmp_path: Path) -> None:
    (folder / "policy.toml").write_text("speed = 3\n")
    code, told = run("solve", folder, "--out", tmp_path / "out")
    assert code == 2
    assert told.startswith("policy.toml: speed: is not a key of a policy; use one of objective")
    assert run("solve", tmp_path / "nowhere", "--out", tmp_path / "out")[0] == 2


def test_unknown_columns_are_ignored_with_a_notice(folder: Path, tmp_path: Path) -> None:
    (folder / "schools.csv").write_text("school_id,postcode,max_out_at_once,head\nS1,,,Smith\n")
    code, told = run("solve", folder, "--out", tmp_path / "out")
    assert code == 0
    assert "notice: schools.csv: ignored unknown columns: head" in told
