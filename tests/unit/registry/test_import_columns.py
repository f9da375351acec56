"""The documentation of import files is what the registry reads by, and the shipped examples are taken."""

from pathlib import Path

import pytest

from hub_registry.files import FILES, markdown
from hub_registry.imports import Sheet
from hub_registry.imports.reading import parse
from hub_registry.students.columns import STUDENTS
from hub_registry.students.headings import HEADINGS

ROOT = Path(__file__).parents[3]


def test_committed_documentation_is_up_to_date() -> None:
    path = ROOT / "services/registry/docs/import-columns.md"
    assert path.read_text("utf-8") == markdown(), "run: python -m hub_registry.files > " + str(path)


def test_every_heading_that_is_taken_stands_in_the_page_on_exchange() -> None:
    page = (ROOT / "services/registry/docs/exchange.md").read_text("utf-8")
    assert [heading for several in HEADINGS.values() for heading in several if f"`{heading}`" not in page] == []


def test_no_heading_could_be_two_columns() -> None:
    headings = [heading.casefold() for several in HEADINGS.values() for heading in several]
    assert len(set(headings)) == len(headings)
    assert not {heading.replace(" ", "_") for heading in headings} & STUDENTS.refused.keys() - {"student_id"}


@pytest.mark.parametrize("sheet", [sheet for sheet, _ in FILES], ids=lambda sheet: sheet.kind)
def test_example_of_every_column_is_taken(sheet: Sheet) -> None:
    for column in sheet.columns:
        column.parse(column.example)


@pytest.mark.parametrize("sheet", [sheet for sheet, _ in FILES], ids=lambda sheet: sheet.kind)
def test_shipped_example_file_is_taken(sheet: Sheet) -> None:
    name = {"schools": "schools_register"}.get(sheet.kind, sheet.kind)
    with (ROOT / "deploy/sample/example" / f"{name}.csv").open("rb") as file:
        table = parse(file, sheet)
    assert table.records
