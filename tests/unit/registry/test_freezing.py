"""Rows of a frozen input, and the messages that carry them."""

import json
import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_registry.inputs.chunks import RowTooLarge, chunk_rows, input_chunks
from hub_registry.inputs.gather import count_days
from hub_registry.inputs.rows import Entrant, Offer, seats_left, student_rows
from hub_registry.inputs.service import policy_toml
from hub_schemas import tables
from hub_schemas.events.round_inputs import MAX_BYTES, MAX_ROWS
from hub_schemas.ids import InputId, RoundId, SlotId, new_id
from hub_schemas.policy import Policy
from hub_schemas.table_rows import StudentRow


def entrant(student_id: str, **other: object) -> Entrant:
    values: dict[str, object] = {
        "student_id": student_id,
        "school_id": "104715",
        "mis_id": f"mis-{student_id}",
        "year_group": 10,
        "birth_month": "2011-11",
        "home_postcode": "L13 3BA",
        "travel_modes": ["walk", "public_transport"],
        "max_travel_minutes": None,
        "available": "",
        "access_needs": ["step_free"],
        "past_sectors": [],
        "interests": ["Digital and media"],
        "excluded_employers": [],
        "companion_mis_id": None,
        "pinned_slot_id": "",
        "priority": 200,
    }
    return Entrant(**{**values, **other})  # type: ignore[arg-type]


def offer(**other: object) -> Offer:
    values: dict[str, object] = {
        "slot_id": SlotId(new_id()),
        "slot_ref": "S",
        "employer_id": "e",
        "employer_ref": "E",
        "last_date": date(2027, 7, 2),
        "withdrawn": False,
        "verified": True,
        "insured_until": date(2027, 7, 2),
        "seats_taken": 0,
        "columns": {},
    }
    return Offer(**{**values, **other})  # type: ignore[arg-type]


def test_student_row_is_a_row_of_the_contract() -> None:
    [cells] = student_rows([entrant("a")], names={"a": "opaque"}, employer_ids={})
    row = StudentRow.from_cells(cells)
    assert (row.student_id, row.birth_month, row.priority, row.access_needs) == (
        "opaque",
        "2011-11",
        200,
        ("step_free",),
    )
    assert "mis-a" not in cells


def test_companion_and_excluded_employers_become_the_rounds_ids() -> None:
    rows = student_rows(
        [
            entrant("a", companion_mis_id="mis-b", excluded_employers=["E-1", "E-gone"]),
            entrant("b"),
            entrant("c", companion_mis_id="mis-left"),
        ],
        names={"a": "A", "b": "B", "c": "C"},
        employer_ids={"E-1": "id-1"},
    )
    excluded, companion = (tables.STUDENTS.index(name) for name in ("excluded_employers", "companion_id"))
    assert [(row[excluded], row[companion]) for row in rows] == [("id-1", "B"), ("", ""), ("", "")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"withdrawn": True}, "withdrawn"),
        ({"verified": False}, "employer_not_verified"),
        ({"insured_until": None}, "insurance_unknown"),
        ({"insured_until": date(2027, 7, 1)}, "insurance_ends_before"),
    ],
)
def test_slot_is_kept_out_for_a_reason(change: dict[str, object], reason: str | None) -> None:
    assert offer(**change).kept_out == reason


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 80))
def test_seats_left_are_never_more_than_there_were(capacity: int, reserved: int, taken: int) -> None:
    left, kept = seats_left(capacity, min(reserved, capacity), taken=taken)
    assert 0 <= kept <= left <= capacity
    assert left == max(0, capacity - taken)


@pytest.mark.parametrize(
    ("dates", "days"),
    [("2027-06-07/2027-06-11", 5), ("2027-06-07", 1), ("2027-06-30/2027-07-01;2027-07-05", 3), ("", 0)],
)
def test_days_are_counted_with_both_ends(dates: str, days: int) -> None:
    assert count_days(dates) == days


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)


@given(st.lists(st.tuples(CELL, CELL), max_size=60), st.integers(1, 20), st.integers(2_800, 6_000))
def test_chunks_keep_every_row_in_order_within_both_limits(
    rows: list[tuple[str, ...]], max_rows: int, max_bytes: int
) -> None:
    pieces = list(chunk_rows("students", rows, max_rows=max_rows, max_bytes=max_bytes))
    assert [row for piece in pieces for row in piece] == rows
    assert all(1 <= len(piece) <= max_rows for piece in pieces)
    assert all(len(json.dumps(piece, ensure_ascii=False).encode()) <= max_bytes for piece in pieces)


def test_largest_rows_go_into_messages_that_stay_small() -> None:
    row = tuple("é" * 300 for _ in range(15))
    chunks = input_chunks({"students": [row] * 1200}, round_id=RoundId(new_id()), input_id=InputId(new_id()))
    assert sum(len(chunk.rows) for chunk in chunks) == 1200
    assert all(len(chunk.rows) <= MAX_ROWS for chunk in chunks)
    assert all(len(chunk.model_dump_json().encode()) <= MAX_BYTES for chunk in chunks)
    assert [chunk.index for chunk in chunks] == list(range(chunks[0].count))


def test_row_that_fits_no_message_is_named() -> None:
    with pytest.raises(RowTooLarge) as refused:
        list(chunk_rows("slots", [("s1", "x" * MAX_BYTES)]))
    assert (refused.value.table, refused.value.key) == ("slots", "s1")


def test_policy_file_reads_back_as_the_same_policy() -> None:
    policy = Policy(rank_cost=(0, 1, 5), use_interests=True, lottery_seed='quote " and \\ and é')
    assert Policy.model_validate(tomllib.loads(policy_toml(policy))) == policy
