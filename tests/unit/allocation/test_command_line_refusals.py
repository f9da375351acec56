"""What is in a command's way, for every command: one line and a status, never a traceback, nothing half written."""

import io
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from hub_allocation.errors import BadInput
from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from tests.unit.allocation.rounds import csv_files, make_round, slot, student, wishes
from tests.unit.allocation.test_command_line import folder, run, small, write

__all__ = ["folder"]

UNREADABLE = Path("/proc/self/mem")
"""A plain file by its looks that nobody can read from its start, not even root."""


@pytest.fixture
def result(folder: Path, tmp_path: Path) -> Path:
    assert run("solve", folder, "--out", tmp_path / "result")[0] == 0
    return tmp_path / "result"


def contents(top: Path) -> dict[str, bytes]:
    return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if _plain(path)}


def _plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def refused(tmp_path: Path, *words: object) -> str:
    """The one line of a command that ends with 2 and leaves everything as it was."""
    before = contents(tmp_path)
    status, said = run(*words)
    assert status == 2, said
    assert contents(tmp_path) == before
    lines = said.splitlines()
    assert len(lines) == 1, said
    return lines[0]


@pytest.mark.parametrize("name", ["students.csv", "travel.csv", "policy.toml"])
@pytest.mark.parametrize(
    ("target", "said"),
    [
        (UNREADABLE, "can't be read: "),
        (Path("nowhere"), "is a link to nothing, or no plain file; "),
        (Path("students.csv"), "is a link to nothing"),  # for students.csv itself a loop
        (Path("/dev/null"), "is a link to nothing, or no plain file; "),
        (Path(), "is a folder, not a file; "),
    ],
    ids=["unreadable", "broken", "loop", "device", "folder"],
)
def test_what_has_a_table_s_name_and_can_not_be_read_is_named_not_ignored(
    name: str, target: Path, said: str, folder: Path, tmp_path: Path
) -> None:
    path = folder / name
    path.unlink(missing_ok=True)
    path.symlink_to(target if target != Path("students.csv") else name)
    line = refused(tmp_path, "solve", folder, "--out", tmp_path / "out")
    assert line.startswith(f"{path}: {said}")
    assert not (tmp_path / "out").exists()


COMMANDS: dict[str, Callable[[Path, Path], list[object]]] = {
    "solve": lambda folder, _: ["solve", folder],
    "compare": lambda folder, _: ["compare", folder],
    "pareto": lambda folder, _: ["pareto", folder],
    "recruit": lambda folder, result: ["recruit", folder, result],
    "credit": lambda folder, result: ["credit", folder, result],
    "change": lambda folder, result: ["change", folder, result, result],
}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_no_command_starts_when_its_result_could_not_be_written(
    name: str, folder: Path, result: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to("nowhere")
    words = COMMANDS[name](folder, result)
    places = [tmp_path / "file" / "deep", tmp_path / "link" / "deep"]
    places += [folder] if name == "change" else [tmp_path / "file", tmp_path / "link"]
    for place in places:
        line = refused(tmp_path, *words, "--out", place)
        assert line.startswith(str(tmp_path)), line


def test_a_folder_in_the_place_of_a_result_s_file_is_named(folder: Path, result: Path, tmp_path: Path) -> None:
    (result / "run.json").unlink()
    (result / "run.json").mkdir()
    line = refused(tmp_path, "solve", folder, "--out", result)
    assert line == f"{result}: holds a folder called run.json; name another place for the result"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_full_disk_ends_with_one_line_and_leaves_what_was_there(
    name: str, folder: Path, result: Path, tmp_path: Path
) -> None:
    out = tmp_path / "moves.csv" if name == "change" else result
    if name == "credit":
        out = tmp_path / "next"
    elif name == "change":
        out.write_bytes(b"as before")
    before = contents(tmp_path)
    words = [str(word) for word in (*COMMANDS[name](folder, result), "--out", out)]
    done = subprocess.run(
        [sys.executable, "-c", "from hub_matching.cli import app; app()", *words], capture_output=True, text=True,
        check=False, timeout=240, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8, 8)),
        env={**os.environ, "NUMBA_CACHE_DIR": ""},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    errors = [line for line in done.stderr.splitlines() if not line.endswith("s: working")]
    assert len(errors) == 1, done.stderr
    assert errors[0].startswith("error: "), done.stderr
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("text", "said"),
    [("null\n", "is damaged"), ("{}\n", "is damaged"), ('{"kind": "stu', "is damaged"), ("[" * 100_000, "is damaged"),
     ('{"kind": "student", "student_id": "ann"}\n', "is damaged"), ("\udcff", "is damaged")],
)  # fmt: skip
def test_damaged_explanations_are_named(text: str, said: str, folder: Path, result: Path, tmp_path: Path) -> None:
    (result / "explanations.jsonl").write_bytes(text.encode(errors="surrogateescape"))
    line = refused(tmp_path, "explain", folder, result, "--student", "ann")
    assert line.startswith(f"{result / 'explanations.jsonl'}: {said}; ")


def test_explaining_a_slot_that_is_not_ranked_better_says_so(folder: Path, result: Path) -> None:
    status, said = run("explain", folder, result, "--student", "ann", "--slot", "L9")
    assert status == 0
    assert "L9 is not among the slots that ann ranked better than this" in said


def test_what_stood_in_another_round_is_noticed(result: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", make_round([student("zoe")], [slot("L1")], wishes(zoe="L1")))
    status, said = run("solve", other, "--out", tmp_path / "out", "--standing", result)
    assert status == 0
    assert "takes part in this round: it seems to be another round's" in said


def test_a_half_result_is_refused_and_solving_again_mends_it(folder: Path, result: Path, tmp_path: Path) -> None:
    whole = contents(result)
    for name in whole:
        half = tmp_path / "half"
        shutil.copytree(result, half, dirs_exist_ok=True)
        (half / name).unlink()
        status, said = run("verify", folder, half)
        assert status == 1
        assert "refused: " in said
        assert run("solve", folder, "--out", half)[0] == 0
        assert run("verify", folder, half)[0] == 0
    assert {path.name for path in tmp_path.iterdir()} == {"in", "result", "half"}


def parquet(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


STUDENTS = pl.read_csv(csv_files(small())["students"], infer_schema=False)
COUNT = len(STUDENTS)


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("year_group", [{"a": 1}] * COUNT), pl.Series("year_group", [b"\xff\xfe"] * COUNT),
        pl.Series("year_group", [float("nan")] * COUNT), pl.Series("year_group", [float("inf")] * COUNT),
        pl.Series("year_group", [[10]] * COUNT), pl.Series("year_group", [True] * COUNT),
        pl.Series("year_group", [None] * COUNT), pl.Series("year_group", [10.5] * COUNT),
        pl.Series("year_group", [[["a"]]] * COUNT),
    ],
    ids=["struct", "bytes", "nan", "inf", "list", "bool", "null", "float", "nested"],
)  # fmt: skip
def test_parquet_of_any_types_is_read_or_refused(column: pl.Series) -> None:
    files = csv_files(small()) | {"students": parquet(STUDENTS.with_columns(column))}
    try:
        grown = read_instance(files, Policy()).students.year_group.tolist()
    except BadInput as error:
        grown = []
        said = [str(one) for one in error.errors]
        assert {one.partition(":")[0] for one in said} == {"students.csv"}, said
        assert all(len(one.splitlines()) == 1 for one in said), said
    assert grown in ([], [10] * COUNT)


def test_parquet_with_a_column_that_is_named_like_the_reader_s_own_is_read() -> None:
    files = csv_files(small()) | {"students": parquet(STUDENTS.with_columns(pl.lit("x").alias("__row")))}
    assert len(read_instance(files, Policy()).students) == COUNT


def test_damaged_parquet_is_read_or_refused_even_where_its_reader_panics() -> None:
    damaged = parquet(STUDENTS)
    refusals = 0
    for at in range(4, 220):  # polars 1 panics at some of these
        files = csv_files(small()) | {"students": damaged[:at] + b"\xff\x7f" + damaged[at + 2 :]}
        try:
            read_instance(files, Policy())
        except BadInput as error:
            refusals += bool(error.errors)
    assert refusals > 3


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_an_empty_name_is_not_the_current_folder(
    name: str, folder: Path, result: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = contents(tmp_path)
    status, said = run(*COMMANDS[name](folder, result), "--out", "")
    assert status == 2
    assert "--out" in said
    assert "is empty" in said
    assert contents(tmp_path) == before
    assert run(COMMANDS[name](folder, result)[0], "", *COMMANDS[name](folder, result)[2:], "--out", "x")[0] == 2


def test_verifying_a_result_that_is_nowhere_is_no_verdict(folder: Path, tmp_path: Path) -> None:
    line = refused(tmp_path, "verify", folder, tmp_path / "nowhere")
    assert line == f"{tmp_path / 'nowhere'}: is not a folder; name the folder of a result that solve wrote"


def test_what_a_policy_forbids_is_told_under_its_name(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "twice.toml").write_text('objective = "stable"\nplaces_per_student = 2\n')
    line = refused(tmp_path, "compare", folder, "--policy", tmp_path / "twice.toml")
    assert line.startswith("under twice: policy.toml: places_per_student: ")


def test_rules_to_drop_are_told_by_compare_too(tmp_path: Path) -> None:
    people = [student("ann", pinned_slot_id="L1"), student("bob")]
    folder = write(tmp_path / "in", make_round(people, [slot("L1", capacity=2, min_group=2)], wishes(ann="L1")))
    status, said = run("compare", folder)
    assert status == 3
    assert "infeasible: no allocation keeps the pins and every rule" in said.splitlines()
    assert "ann is pinned to L1" in said
