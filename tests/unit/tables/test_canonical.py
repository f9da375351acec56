"""The canonical bytes of a table: one form, whoever writes it, whatever the order of the rows."""

import hashlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hub_allocation.policy import Policy
from hub_allocation.reading.canonical import canonical_bytes as bytes_by_column
from hub_allocation.reading.canonical import sort_canonically
from hub_allocation.reading.frames import read_sheet
from hub_schemas.table_rows import PreferenceRow, SlotRow, StudentRow
from hub_schemas.tables import (
    BY_NAME,
    PREFERENCES,
    TABLES,
    BadTable,
    canonical_bytes,
    canonical_rows,
    header_only,
    input_sha256,
)

cell = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=6)


def rows_of(width: int) -> st.SearchStrategy[list[tuple[str, ...]]]:
    return st.lists(st.tuples(*[cell] * width), max_size=6, unique_by=lambda row: row[0].strip())


def test_tables_stand_in_the_order_they_are_hashed() -> None:
    names = ["students", "slots", "employers", "schools", "preferences", "travel", "postcodes"]
    assert [table.name for table in TABLES] == names


def test_policy_defaults_are_those_of_the_wire() -> None:
    from hub_schemas.policy import Policy as OnTheWire

    assert OnTheWire().model_dump(mode="json") == Policy().as_dict()


def test_canonical_form_by_example() -> None:
    rows = [(" S2 ", "L1 1AA", ""), ("S1", 'The "Hill", left', "30")]
    assert (
        canonical_bytes("schools", rows)
        == b'school_id,postcode,max_out_at_once\nS1,"The ""Hill"", left",30\nS2,L1 1AA,\n'
    )


def test_ranks_sort_as_numbers() -> None:
    rows = [("a", "10", "x"), ("a", "9", "y"), ("a", "9", "x")]
    assert canonical_rows("preferences", canonical_bytes("preferences", rows)) == [rows[2], rows[1], rows[0]]


@pytest.mark.parametrize("row", [("a", "1"), ("a", "first", "b")])
def test_rows_that_cannot_stand_in_a_table_are_refused(row: tuple[str, ...]) -> None:
    with pytest.raises(BadTable):
        canonical_bytes(PREFERENCES, [row])


def test_foreign_header_is_refused() -> None:
    with pytest.raises(BadTable):
        canonical_rows("schools", b"school_id,postcode\n")


@given(rows_of(3), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter_and_rows_come_back(rows: list[tuple[str, ...]], shuffler: random.Random) -> None:
    shuffled = shuffler.sample(rows, len(rows))
    data = canonical_bytes("schools", rows)
    assert data == canonical_bytes("schools", shuffled)
    assert canonical_bytes("schools", canonical_rows("schools", data)) == data


@settings(deadline=None, max_examples=60)
@given(rows_of(2))
def test_the_form_by_column_is_the_same_to_the_byte(rows: list[tuple[str, ...]]) -> None:
    data = canonical_bytes("employers", rows)
    sheet = read_sheet(BY_NAME["employers"], data)
    assert not sheet.errors
    sort_canonically(sheet)
    if not any(not any(row) for row in canonical_rows("employers", data)):
        assert bytes_by_column(sheet) == data


def test_hash_covers_name_length_and_bytes_of_every_table_in_order() -> None:
    data = canonical_bytes("schools", [("S1", "", "")])
    digest = hashlib.sha256()
    for table in TABLES:
        content = data if table.name == "schools" else header_only(table)
        digest.update(f"{table.name}.csv\n{len(content)}\n".encode() + content)
    assert input_sha256({"schools": data, "notes": b"ignored"}) == digest.hexdigest()


def test_rows_are_typed_and_go_back_to_the_same_text() -> None:
    cells = ("P1", "S1", "10", "2012-05", "", "walk;car", "", "2027-06-07/2027-06-11", "ramp", "", "", "", "", "", "")
    row = StudentRow.from_cells(cells)
    assert (row.year_group, row.travel_modes, row.priority, row.postcode) == (10, ("walk", "car"), 0, None)
    assert row.cells() == (*cells[:9], "0", *cells[10:])


def test_row_that_breaks_a_rule_names_its_column() -> None:
    with pytest.raises(ValidationError, match="capacity"):
        SlotRow(slot_id="L1", employer_id="E1", mode="virtual", dates=("2027-06-07",), capacity=-1)
    with pytest.raises(ValidationError, match="rank"):
        PreferenceRow.from_cells(("P1", "0", "L1"))
