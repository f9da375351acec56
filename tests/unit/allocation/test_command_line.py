"""hub-matching solve and verify on folders: exit statuses, files, what is said."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from hub_matching.cli import app
from hub_matching.cli.live import Board, watched
from tests.unit.allocation.rounds import Round, csv_files, make_round, slot, student, wishes
from tests.unit.allocation.test_general_search import crowd

FILES = {
    "allocations.csv", "unplaced.csv", "explanations.jsonl", "certificate.csv", "recruit.csv", "aggregates.csv",
    "run.json",
}  # fmt: skip


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


def test_verifying_by_the_command_loads_no_solver(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("solve", folder, "--out", out)
    program = (
        "import sys; from typer.testing import CliRunner; from hub_matching.cli import app;"
        " told = CliRunner().invoke(app, ['verify', sys.argv[1], sys.argv[2]]);"
        " print(told.exit_code, *sorted({'ortools', 'numba', 'scipy', 'highspy'} & set(sys.modules)))"
    )
    words = [sys.executable, "-c", program, str(folder), str(out)]
    told = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    assert told.stdout.strip() == "0"


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
    assert run("verify", folder, tmp_path / "a")[0] == 0
    assert run("verify", folder, tmp_path / "b")[0] == 1  # not under the folder's own policy


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


def test_columns_left_out_are_told_in_one_notice_a_file(folder: Path, tmp_path: Path) -> None:
    rows = (folder / "slots.csv").read_text().splitlines()
    kept = ["slot_id", "employer_id", "mode", "postcode", "dates", "capacity"]
    places = [rows[0].split(",").index(name) for name in kept]
    (folder / "slots.csv").write_text("\n".join(",".join(row.split(",")[at] for at in places) for row in rows))
    code, told = run("solve", folder, "--out", tmp_path / "out")
    assert code == 0
    (notice,) = [line for line in told.splitlines() if line.startswith("notice: slots.csv")]
    assert notice.startswith(
        "notice: slots.csv: columns that are not there are taken as blank: title (no title), sector"
    )
    assert notice.endswith("reserved (0)")


def clashing() -> Round:
    """A pin to a slot that runs with two at least, and nobody else who may join."""
    return make_round(
        [student("ann", pinned_slot_id="L1"), student("bob")],
        [slot("L1", capacity=2, min_group=2), slot("L2")],
        wishes(ann="L1", bob="L2"),
    )


def test_an_infeasible_round_ends_with_status_3_and_names_rules_to_drop(tmp_path: Path) -> None:
    code, told = run("solve", write(tmp_path / "in", clashing()), "--out", tmp_path / "out")
    assert code == 3
    assert "infeasible: no allocation keeps the pins and every rule\ndropping this makes one possible:\n" in told
    account = json.loads((tmp_path / "out" / "run.json").read_text())
    assert account["status"] == "infeasible"
    assert len(account["rules"]) >= 1
    assert "L1" in account["rules"][0]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"run.json"}


def test_a_result_that_is_there_outlives_an_infeasible_solve(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("solve", folder, "--out", out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert run("solve", write(tmp_path / "other", clashing()), "--out", out)[0] == 3
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_summary_says_who_is_placed_and_what_was_decided(folder: Path, tmp_path: Path) -> None:
    code, told = run("solve", folder, "--out", tmp_path / "out")
    assert code == 0
    assert "optimal: proven, in " in told
    assert "2 of 2 students placed, 0 unplaced" in told
    assert "sum of rank costs (least)" in told
    assert f"Written to {tmp_path / 'out'}" in told


def test_ctrl_c_ends_a_long_solve_with_status_130_and_no_result(tmp_path: Path) -> None:
    from tests.bench.allocation_instances import write_round

    long = tmp_path / "long"
    write_round(long, students=600, slots=150, seed=3)
    slots = pl.read_csv(long / "slots.csv", infer_schema=False)
    groups = (pl.col("capacity").cast(pl.Int64) * 0.8).ceil().cast(pl.Int64).cast(pl.String)
    slots.with_columns(min_group=groups, reserved=pl.lit("0")).write_csv(long / "slots.csv")
    command = [sys.executable, "-c", "from hub_matching.cli import app; app()", "solve", str(long)]
    with subprocess.Popen([*command, "--out", str(tmp_path / "out")], stderr=subprocess.PIPE, text=True) as begun:
        assert begun.stderr is not None
        assert "working" in begun.stderr.readline() or begun.poll() is None
        begun.send_signal(signal.SIGINT)
        told = begun.stderr.read()
    assert begun.returncode == 130
    assert "cancelled: no result was written" in told
    assert json.loads((tmp_path / "out" / "run.json").read_text())["status"] == "cancelled"
    assert {path.name for path in tmp_path.iterdir()} == {"long", "out"}


def test_work_told_to_stop_by_ctrl_c_hands_back_what_it_returns() -> None:
    def work(progress: object, stopped: Callable[[], bool]) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        while not stopped():
            time.sleep(0.01)
        return "stopped"

    before = signal.getsignal(signal.SIGINT)
    assert watched(work) == "stopped"
    assert signal.getsignal(signal.SIGINT) is before


def test_what_work_raises_is_raised(folder: Path) -> None:
    def work(progress: object, stopped: object) -> None:
        raise LookupError(folder)

    with pytest.raises(LookupError):
        watched(work)


def test_progress_is_told_in_one_line() -> None:
    board = Board()
    assert board.line(2) == "2 s: working"
    board.hear("students", 17, 17, 1.0)
    board.hear("rank_cost", 1234, 1200, 2.5)
    assert board.line(3) == "3 s: rank_cost 1,234 (best so far, bound 1,200); 1 level settled"


def test_a_time_limit_and_workers_are_taken(folder: Path, tmp_path: Path) -> None:
    assert run("solve", folder, "--out", tmp_path / "out", "--time-limit", "5", "--workers", "2")[0] == 0
    assert run("verify", folder, tmp_path / "out")[0] == 0


def test_when_time_is_up_the_best_answer_comes_with_bounds_and_verifies(tmp_path: Path) -> None:
    folder, out = write(tmp_path / "in", crowd(20)), tmp_path / "out"
    code, told = run("solve", folder, "--out", out, "--time-limit", "0")
    assert code == 0
    assert "bounded: not proven from " in told
    account = json.loads((out / "run.json").read_text())
    assert account["status"] == "bounded"
    assert account["gap"] > 0
    assert [level["name"] for level in account["levels"] if level["value"] != level["bound"]]
    code, told = run("verify", folder, out)
    assert code == 0
    assert "not proven best" in told
