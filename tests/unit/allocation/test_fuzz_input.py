"""Whatever stands in a folder: a round that is solved, or errors of one line each; never anything else."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub_allocation.errors import BadInput, Infeasible, InputError
from hub_allocation.policy import Policy, read_policy
from hub_allocation.reading.tables import read_instance
from hub_allocation.solve import Solved, solve
from hub_matching.cli import app
from hub_schemas.tables import BY_NAME
from tests.support.oracle.generated import RULES, generated
from tests.unit.allocation.agreement import seeds
from tests.unit.allocation.rounds import Round, csv_file, csv_files, make_round, slot, still, student, wishes

CELLS = (
    "", " ", "-1", "0", "1", "2", "1001", "99999999999999999999", "1e3", "0x1", "1.0", "１", "NaN", "inf", "true",
    "TRUE", "P0", "L0", "E1", "S1", "P0;P1", ";", ";;", "a;;b", "walk", "walk;walk", "horse", "2027-06-07",
    "2027-06-09/2027-06-01", "2027-02-30", "2027-06-07/2029-06-07", "0001-01-01", "9999-12-31/9999-12-31", "2012-13",
    "99999-01", "7", "10;11", "in_person", "virtual", "a\nb", 'a"b', "a,b", "\ufeff", "\u202e", "ß" * 300, "=1+1",
    "None", "null", "\x1b[31m",
)  # fmt: skip
"""What a cell may hold that it shouldn't, or that belongs elsewhere."""

LINE = re.compile(r"(?:[a-z]+\.csv|policy\.toml)(?::\d+)?: .+; .+")
"""What an error looks like: the file, the row unless it is all of them, what is wrong, how to mend it."""

POLICIES = (
    "", "objective = 'rank_maximal'", "objective = 'stable'", "places_per_student = 3", "use_interests = true",
    "variety = 'require'", "rank_cost = [0, 1000000]", "travel = 'file'", "reserved_priority = 0",
    "default_max_travel_minutes = 0", "lottery_seed = '\\n'",
)  # fmt: skip


def changed(rng: random.Random, files: dict[str, bytes], rows: Round) -> None:
    """Change one file in one way."""
    name = rng.choice(sorted(files))
    change = rng.choice((_cell, _cell, _cell, _bytes, _line, _header, _column))
    change(rng, name, files, rows)


def _cell(rng: random.Random, name: str, files: dict[str, bytes], rows: Round) -> None:
    if rows[name]:
        rng.choice(rows[name])[rng.choice(BY_NAME[name].header)] = rng.choice(CELLS)
    files[name] = csv_file(name, rows[name])


def _bytes(rng: random.Random, name: str, files: dict[str, bytes], _: Round) -> None:
    at = rng.randrange(len(files[name]) + 1)
    more = rng.choice((b"", b"\x00", b"\xff", b'"', b",", b"\n", b"\r", b"\r\n", b"PAR1", rng.randbytes(4)))
    files[name] = files[name][:at] + more + files[name][at + rng.randrange(20) :]


def _line(rng: random.Random, name: str, files: dict[str, bytes], _: Round) -> None:
    lines = files[name].splitlines(keepends=True)
    at = rng.randrange(len(lines))
    files[name] = b"".join(rng.choice((lines[:at] + lines[at + 1 :], [*lines, lines[at]], lines[:at], lines[::-1])))


def _header(rng: random.Random, name: str, files: dict[str, bytes], _: Round) -> None:
    column = rng.choice(BY_NAME[name].header).encode()
    other = rng.choice(BY_NAME[name].header).encode()
    files[name] = files[name].replace(column, rng.choice((b"", b"x", other, column.upper(), b" " + column)), 1)


def _column(rng: random.Random, name: str, files: dict[str, bytes], rows: Round) -> None:
    value = rng.choice(CELLS)
    column = rng.choice(BY_NAME[name].header)
    for row in rows[name]:
        row[column] = value
    files[name] = csv_file(name, rows[name])


def outcome_of(files: dict[str, bytes], policy: Policy) -> str:
    """How reading and solving end; each error is looked at."""
    try:
        ended = solve(read_instance(files, policy), clock=still)
    except BadInput as error:
        return "bad input" if error.errors and all(map(is_one_line, error.errors)) else f"not readable: {error.errors}"
    except Infeasible:
        return "infeasible"
    assert isinstance(ended, Solved)
    return "solved"


def is_one_line(error: InputError) -> bool:
    line = str(error)
    return line.isprintable() and error.row >= 0 and bool(error.file and error.what and error.mend)


def test_any_change_to_any_file_ends_as_foreseen() -> None:
    ends = set()
    for seed in seeds(70):
        rng = random.Random(seed)  # noqa: S311 -- no secret
        made = generated(seed, rules=rng.sample(RULES, 4))
        files = csv_files(made.rows)
        for _ in range(rng.randint(1, 3)):
            changed(rng, files, made.rows)
        policy = read_policy(rng.choice(POLICIES).encode())
        ends.add(outcome_of(files, policy))
        assert ends <= {"bad input", "infeasible", "solved"}, (seed, ends)
    assert ends >= {"bad input", "solved"}


def test_any_change_to_any_file_ends_the_command_with_a_status_and_lines_as_foreseen(tmp_path: Path) -> None:
    statuses = set()
    for seed in seeds(30, first=5000):
        rng = random.Random(seed)  # noqa: S311 -- no secret
        made = generated(seed, rules=rng.sample(RULES, 3))
        files = csv_files(made.rows)
        for _ in range(rng.randint(1, 2)):
            changed(rng, files, made.rows)
        folder, out = written(tmp_path / str(seed), files), tmp_path / str(seed) / "out"
        (folder / "policy.toml").write_text(rng.choice((*POLICIES, "objective = 'best'", "[", "rank_cost = 1")))
        status, said = asked(folder, out)
        statuses.add(status)
        assert status in (0, 2, 3), (seed, said)
        if status == 0:
            assert CliRunner().invoke(app, ["verify", str(folder), str(out)]).exit_code == 0, seed
        elif status == 2:
            lines = [line for line in said.splitlines() if not line.startswith("notice: ")]
            assert lines, seed
            assert all(map(LINE.fullmatch, lines)), (seed, said)
            assert not out.exists()
    assert statuses >= {0, 2}


def written(tmp_path: Path, files: dict[str, bytes]) -> Path:
    folder = tmp_path / "in"
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / f"{name}.csv").write_bytes(data)
    return folder


def asked(folder: Path, out: Path, *more: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["solve", str(folder), "--out", str(out), *map(str, more)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def good() -> Round:
    return make_round([student("ann"), student("bob")], [slot("L1"), slot("L2")], wishes(ann=["L1", "L2"], bob="L1"))


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda files: files.pop("students"), "students.csv: is missing"),
        (lambda files: files.update(slots=b""), "slots.csv: is empty"),
        (lambda files: files.update(slots=b"\n\n"), "slots.csv: is empty"),
        (lambda files: files.update(students=files["students"].replace(b"2012-01", b"12-1")), "students.csv:2: birth_"),
        (lambda files: files.update(travel=files["travel"].replace(b"10", b"ten")), "travel.csv:2: minutes: 'ten'"),
        (lambda files: files.update(preferences=files["preferences"].replace(b"bob", b"b\x00b")), "preferences.csv:4:"),
        (lambda files: files.update(students=files["students"].replace(b"ann", b'"a\nnn"')), "preferences.csv:2:"),
        (lambda files: files.update(students=b"PAR1" + files["students"]), "students.csv: can't be read as Parquet"),
        (lambda files: files.update(slots=files["slots"] + b"x" * 40), "slots.csv:4: has 1 cells"),
    ],
)  # fmt: skip
def test_command_ends_with_2_one_line_for_each_error_and_nothing_written(
    change: Callable[[dict[str, bytes]], object], line: str, tmp_path: Path
) -> None:
    files = csv_files(good())
    change(files)
    status, said = asked(written(tmp_path, files), tmp_path / "out")
    assert status == 2, said
    errors = [one for one in said.splitlines() if not one.startswith("notice")]
    assert any(one.startswith(line) for one in errors), said
    assert all(one.split(":")[0].removesuffix(".csv") in BY_NAME for one in errors), said
    assert not (tmp_path / "out").exists()


def test_command_leaves_an_earlier_result_alone_when_the_input_is_bad(tmp_path: Path) -> None:
    folder, out = written(tmp_path, csv_files(good())), tmp_path / "out"
    assert asked(folder, out)[0] == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    (folder / "students.csv").write_bytes(b"nothing")
    assert asked(folder, out)[0] == 2
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_command_with_a_folder_that_is_not_there_or_a_file_in_its_place(tmp_path: Path) -> None:
    folder = written(tmp_path, csv_files(good()))
    assert asked(tmp_path / "nowhere", tmp_path / "out")[0] == 2
    assert asked(folder / "students.csv", tmp_path / "out")[0] == 2
    assert asked(folder, tmp_path / "out", "--policy", tmp_path / "no.toml")[0] == 2
    assert asked(folder, tmp_path / "out", "--policy", folder)[0] == 2
    assert not (tmp_path / "out").exists()


def test_command_with_a_place_for_the_result_that_is_a_file(tmp_path: Path) -> None:
    folder = written(tmp_path, csv_files(good()))
    (tmp_path / "taken").write_bytes(b"something else")
    status, said = asked(folder, tmp_path / "taken")
    assert status == 2, said
    assert (tmp_path / "taken").read_bytes() == b"something else"


def test_table_that_is_there_as_a_folder_is_named(tmp_path: Path) -> None:
    folder = written(tmp_path, csv_files(good()))
    (folder / "slots.csv").unlink()
    (folder / "slots.csv").mkdir()
    status, said = asked(folder, tmp_path / "out")
    assert status == 2
    assert said == f"{folder / 'slots.csv'}: is a folder, not a file; put the file there, or take it away\n"


@pytest.mark.parametrize(
    "text",
    [
        "rank_cost = [1000001]", "rank_cost = [99999999999999999999]", "places_per_student = 21", "[objective]",
        "time_limit_seconds = 0", "reserved_priority = 1001", "objective = 3", "lottery_seed = 1", "a = ", "\x00",
        "places_per_student = true", f"time_limit_seconds = {'9' * 5000}", "a = " + "[" * 5000 + "]" * 5000,
    ],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_policy_that_cannot_be_used_ends_with_2(text: str, tmp_path: Path) -> None:
    folder = written(tmp_path, csv_files(good()))
    (folder / "policy.toml").write_text(text)
    status, said = asked(folder, tmp_path / "out")
    assert status == 2, said
    assert all(line.startswith(("policy.toml: ", "notice")) for line in said.splitlines()), said
    assert not (tmp_path / "out").exists()
