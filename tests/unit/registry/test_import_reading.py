"""Reading a CSV file: what is taken, what is refused, and that nothing else can happen."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub_registry.errors import FileRefused
from hub_registry.imports import Column, Sheet, Table
from hub_registry.imports.cells import choice, day, spans, text, whole
from hub_registry.imports.reading import parse

SHEET = Sheet(
    kind="things",
    about="For tests.",
    key=("ref",),
    refused={"priority": "the registry computes it: leave it out"},
    columns=(
        Column("ref", text(most=20), "", "A", needed=True, filled=True),
        Column("seats", whole(0, 100), "", "4", needed=True, filled=True),
        Column("day", day, "", "2027-06-07"),
        Column("mode", choice("in_person", "virtual"), "", "virtual", blank="in_person"),
    ),
)


def read(content: bytes | str) -> Table:
    return parse(io.BytesIO(content.encode() if isinstance(content, str) else content), SHEET)


def refused(content: bytes | str) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(FileRefused) as caught:
        read(content)
    return [(one.row, one.column, one.code) for one in caught.value.findings]


def outcome(content: bytes, sheet: Sheet) -> Table | FileRefused:
    try:
        return parse(io.BytesIO(content), sheet)
    except FileRefused as error:
        return error


def message(content: bytes | str) -> str:
    with pytest.raises(FileRefused) as caught:
        read(content)
    return caught.value.findings[0].message


def test_values_by_column_whatever_their_order_and_letter_case() -> None:
    table = read("Seats, REF ,note\r\n4,A,hello\r\n0,B,\r\n")
    assert [record.values for record in table.records] == [{"seats": 4, "ref": "A"}, {"seats": 0, "ref": "B"}]
    assert [record.row for record in table.records] == [2, 3]
    assert table.notices == ["columns not known here were ignored: note"]


def test_blank_cells_and_blank_lines() -> None:
    table = read("ref,seats,day,mode\nA,1,,\n\n,,,\nB,2,07/06/2027,VIRTUAL\n")
    assert [(record.row, record.values["mode"], str(record.values["day"])) for record in table.records] == [
        (2, "in_person", "None"),
        (5, "virtual", "2027-06-07"),
    ]


@pytest.mark.parametrize(
    ("content", "label"),
    [
        ("ref,seats\nZoë,1\n".encode(), "utf-8"),
        ("ref,seats\nZoë,1\n".encode("utf-8-sig"), "utf-8-bom"),
        ("ref,seats\nZoë,1\n".encode("cp1252"), "windows-1252"),
        ("ref,seats\n1,1\n2,2\nZoë".encode("cp1252") + b",3", "windows-1252"),
    ],
)
def test_encoding_is_found_and_said(content: bytes, label: str) -> None:
    table = read(content)
    assert (table.encoding, table.records[-1].values["ref"]) == (label, "Zoë")


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("ref\nA\n", [(1, "seats", "missing_column")]),
        ("ref,seats,Ref\nA,1,B\n", [(1, "ref", "duplicate_column")]),
        pytest.param("ref,seats\nA,1\n" + "\n" * 1_000_000, [(1, None, "too_many_lines")], id="a million lines"),
        (f"ref,seats,{','.join(map(str, range(1_000)))}\nA,1\n", [(1, None, "too_many_columns")]),
        ("ref,seats,priority\nA,1,9\n", [(1, "priority", "refused_column")]),
        ("ref;seats\nA;1\n", [(1, "ref", "missing_column"), (1, "seats", "missing_column")]),
        ("", [(1, "ref", "missing_column"), (1, "seats", "missing_column")]),
        ("ref,seats\n", [(2, None, "no_rows")]),
        ("ref,seats\nA,1\nB\n", [(3, None, "short_row")]),
        ("ref,seats\nA,1,x\n", [(2, None, "long_row")]),
        ('ref,seats\nA,1\n"B,2\n', [(3, None, "unclosed_quote")]),
        ('ref,seats\n"A"x,1\n', [(2, None, "bad_quote")]),
        ("ref,seats\nA,1\nB,2\nA,3\n", [(4, "ref", "duplicate")]),
        ("ref,seats\n,1\n", [(2, "ref", "blank")]),
        ("ref,seats\nA,-1\n", [(2, "seats", "negative")]),
        ("ref,seats\nA,1.5\n", [(2, "seats", "bad_value")]),
        ("ref,seats\nA,٣\n", [(2, "seats", "bad_value")]),
        ("ref,seats,day\nA,1,2027-02-30\n", [(2, "day", "impossible_date")]),
        ("ref,seats,day\nA,1,June\n", [(2, "day", "bad_date")]),
        ("ref,seats,mode\nA,1,boat\n", [(2, "mode", "bad_value")]),
        ("ref,seats\nA\x07,1\n", [(2, "ref", "control_character")]),
        ("ref,seats\nA\u202eB,1\n", [(2, "ref", "control_character")]),  # turns the direction of what follows
        (f"ref,seats\n{'A' * 21},1\n", [(2, "ref", "too_long")]),
        (f'ref,seats\n"{"A" * 140_000}",1\n', [(2, None, "too_long")]),
        (b"ref,seats\nA\x00,1\n", [(2, None, "bad_encoding")]),
        (b"ref,seats\nA,1\nB\x81,1\n", [(3, None, "bad_encoding")]),
        ("ref,seats\nA,1\n".encode("utf-16"), [(1, None, "bad_encoding")]),
        (b"PK\x03\x04rest", [(1, None, "bad_encoding")]),
        ("ref,seats\nZoë,1\nZoë".encode()[:-1], [(3, None, "cut_file")]),
    ],
)
def test_bad_files_are_refused_by_row_and_column(
    content: bytes | str, where: list[tuple[int | None, str | None, str]]
) -> None:
    assert refused(content) == where


def test_refusals_say_how_to_mend() -> None:
    assert message("ref;seats\nA;1\n") == "is missing: the file is separated by semicolons, save it with commas"
    assert message("ref,seats\nA,1\nA,2\n") == "ref A stands in row 2 already: keep one of the two rows"
    assert message("ref,seats\nA,-1\n") == "-1 is negative; the least is 0"
    assert message("ref,seats,priority\nA,1,9\n").endswith("the registry computes it: leave it out")


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("2027-07-05;2027-06-07/2027-06-11", "2027-06-07/2027-06-11;2027-07-05"),
        ("07/06/2027", "2027-06-07"),
        ("2027-06-07/2027-06-07", "2027-06-07"),
    ],
)
def test_days_are_written_in_order(cell: str, written: str) -> None:
    assert spans(cell) == written


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8), codec=st.sampled_from(["utf-8", "utf-8-sig"]))
@settings(max_examples=150, deadline=None)
def test_any_text_is_taken_as_written_or_refused(rows: list[tuple[str, str]], codec: str) -> None:
    sheet = Sheet(
        "any", "", (Column("a", lambda cell: cell, "", ""), Column("b", lambda cell: cell, "", "")), key=("a", "b")
    )
    content = io.StringIO()
    csv.writer(content).writerows([("a", "b"), *rows])
    table = outcome(content.getvalue().encode(codec), sheet)
    if isinstance(table, FileRefused):
        assert {one.code for one in table.findings} <= {"duplicate", "no_rows"}
        return
    taken = [(record.values["a"], record.values["b"]) for record in table.records]
    assert taken == [(a.strip() or None, b.strip() or None) for a, b in rows if a or b]


@given(content=st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    table = outcome(b"ref,seats\n" + content, SHEET)
    if isinstance(table, FileRefused):
        assert table.findings
    else:
        assert all(0 <= record.values["seats"] <= 100 for record in table.records)


@given(cut=st.integers(min_value=0, max_value=60))
@settings(max_examples=61, deadline=None)
def test_file_cut_anywhere_never_gains_rows(cut: int) -> None:
    whole_file = 'ref,seats,day\n"Zoë, ""A""",12,2027-06-07\nB,3,2027-06-08\n'.encode()
    try:
        table = read(whole_file[:cut])
    except FileRefused:
        return
    assert [record.values["ref"] for record in table.records] == ['Zoë, "A"', "B"][: len(table.records)]
