"""What a set of chunks makes, and what is said while something is missing."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_matching.inputs.erasure import cleaned
from hub_matching.inputs.model import FrozenInput, assemble, difference
from hub_schemas import tables
from hub_schemas.ids import HubId, InputId, RoundId, new_id
from tests.support.instances import market, row


def input_(**changes: object) -> FrozenInput:
    values = {
        "input_id": InputId(new_id()), "round_id": RoundId(new_id()), "hub_id": HubId(new_id()),
        "expected_sha256": None, "expected_chunks": None, "expected_rows": None, "chunks_here": 0,
        "fault": None, "unusable_reason": None, "held": False,
    }  # fmt: skip
    return FrozenInput(**(values | changes))  # type: ignore[arg-type]


@given(st.integers(1, 9), st.integers(0, 1000))
def test_chunks_of_any_size_in_any_order_make_the_same_bytes(size: int, seed: int) -> None:
    round_ = market(7, 3)
    chunks = [(chunk.table, json.dumps(chunk.rows)) for chunk in round_.chunks(size)]
    random.Random(seed).shuffle(chunks)  # noqa: S311 -- no secret
    made = assemble(chunks)
    assert made.files == round_.files
    assert difference(made, expected_sha256=round_.sha256, expected_rows=made.rows) is None


def test_one_row_less_is_another_input_and_is_named() -> None:
    round_ = market(7, 3)
    chunks = [(chunk.table, json.dumps(chunk.rows)) for chunk in round_.chunks(1)]
    made = assemble(chunks[1:])
    rows = {table: len(found) for table, found in round_.rows.items()}
    fault = difference(made, expected_sha256=round_.sha256, expected_rows=rows)
    assert fault is not None
    assert "6 rows of students where 7 are announced" in fault


def test_same_counts_with_another_cell_is_another_input() -> None:
    one, other = market(7, 3, seed=1), market(7, 3, seed=2)
    made = assemble([(chunk.table, json.dumps(chunk.rows)) for chunk in other.chunks()])
    fault = difference(made, expected_sha256=one.sha256, expected_rows=made.rows)
    assert fault is not None
    assert "the row counts agree" in fault


def test_row_of_the_wrong_width_is_refused_with_its_place() -> None:
    with pytest.raises(tables.BadTable, match="preferences, row 2"):
        assemble([("preferences", json.dumps([["s", "1", "p"], ["s", "2"]]))])


@pytest.mark.parametrize(
    ("known", "text"),
    [
        (input_(chunks_here=3), "the round's closing has not arrived (3 chunks have)"),
        (input_(expected_chunks=9, chunks_here=2), "7 of 9 chunks have not arrived"),
        (input_(expected_chunks=9, chunks_here=9), "are being checked"),
        (input_(expected_chunks=9, chunks_here=9, fault="what arrived hashes to abc"), "what arrived hashes to abc"),
    ],
)
def test_what_a_run_waits_for_is_said_in_plain_words(known: FrozenInput, text: str) -> None:
    assert text in known.waiting_for


def test_erased_students_row_goes_and_so_does_the_name_of_a_companion() -> None:
    rows = [
        row("students", student_id="a", companion_id="b"),
        row("students", student_id="b", companion_id="a"),
        row("students", student_id="c"),
    ]
    kept = cleaned("students", rows, frozenset({"b"}))
    assert kept == [row("students", student_id="a"), row("students", student_id="c")]
