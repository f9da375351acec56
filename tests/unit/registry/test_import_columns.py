"""The documentation of import files is what the registry reads by, and the shipped examples are taken."""

import io
from pathlib import Path

import pytest

from hub_registry.errors import FileRefused
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
    assert not set(headings) & STUDENTS.refused.keys()


@pytest.mark.parametrize("name", [*STUDENTS.refused, "Student_ID"])
def test_refused_column_is_refused_also_where_it_looks_like_a_heading_of_another_system(name: str) -> None:
    content = f"{name},first_name,last_name,date_of_birth,year_group\n1,Erin,Lunt,2011-11-03,10\n"
    with pytest.raises(FileRefused) as caught:
        parse(io.BytesIO(content.encode()), STUDENTS)
    found = {(one.column, one.code) for one in caught.value.findings}
    assert found == {(name.casefold(), "refused_column"), ("mis_id", "missing_column")}


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
