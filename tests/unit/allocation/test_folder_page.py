"""The page that describes a round's folder: its example runs as it stands, and it names all there is to write."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub_allocation.folder import RESULT_FILES
from hub_allocation.policy import Policy
from hub_matching.cli import app
from hub_schemas.tables import TABLES, Table

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "services/matching/allocation/folder.md").read_text("utf-8")
HERE = re.compile(r"cat > round/(\S+) <<END\n(.*?)END\n", re.DOTALL)
MADE_BY_OTHERS = {"demand.csv", "suggestions.csv"}
"""Files of recruiting, which is not what the page is about."""


def run(*words: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.output


@pytest.fixture
def example(tmp_path: Path) -> Path:
    found = HERE.findall(PAGE)
    assert [name for name, _ in found] == ["students.csv", "slots.csv", "preferences.csv", "travel.csv"]
    for name, text in found:
        (tmp_path / name).write_text(text)
    return tmp_path


def test_example_comes_to_what_the_page_says(example: Path) -> None:
    code, said = run("solve", example, "--out", example / "result")
    assert code == 0, said
    placed = (example / "result" / "allocations.csv").read_text().splitlines()[1:]
    assert [line.split(",")[:2] for line in placed] == [["ann", "website"], ["bob", "bakery"]]
    assert run("verify", example, example / "result")[0] == 0


def test_error_reads_as_the_page_shows(example: Path) -> None:
    students = example / "students.csv"
    students.write_text(students.read_text().replace("2011-11", "2012-13"))
    code, said = run("solve", example, "--out", example / "result")
    assert code == 2
    assert [line for line in said.splitlines() if line in PAGE.splitlines()] == said.splitlines()[-1:]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_page_names_every_column(table: Table) -> None:
    assert [name for name in (table.file_name, *table.header) if not re.search(rf"\b{re.escape(name)}\b", PAGE)] == []


def test_page_names_every_key_of_the_policy_with_its_default_and_every_file() -> None:
    keys = PAGE[PAGE.index("**policy.toml**") :].splitlines()
    for field in fields(Policy):
        row = next(line for line in keys if line.startswith("|") and f"`{field.name}`" in line)
        default = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
        assert default in row.rpartition(" | ")[2], field.name
    assert [name for name in RESULT_FILES if name not in PAGE and name not in MADE_BY_OTHERS] == []
