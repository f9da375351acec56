"""A result cut in pieces is the very same result when it is put together."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_allocation.outcome import ALLOCATION_HEADER, UNPLACED_HEADER
from hub_matching.results.chunks import cut, join
from hub_schemas.events.run_results import MAX_BYTES, MAX_ROWS, Part, ResultChunk
from hub_schemas.results import FILES, HEADERS
from hub_schemas.tables import quoted

cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)


def csv_file(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> bytes:
    return "".join(",".join(quoted(cell) for cell in row) + "\n" for row in [header, *rows]).encode()


def together(parts: dict[Part, bytes]) -> dict[Part, bytes]:
    rows: dict[Part, list[tuple[str, ...]]] = {part: [] for part in parts}
    for piece in cut(parts):
        assert 0 < len(piece.rows) <= MAX_ROWS
        assert len(json.dumps(piece.rows, ensure_ascii=False).encode()) < MAX_BYTES
        rows[piece.part].extend(piece.rows)
    return {part: join(part, rows[part]) for part in parts}


@given(
    st.lists(st.tuples(cells, cells, cells, cells, cells), max_size=30),
    st.lists(st.dictionaries(cells, cells), max_size=30),
    st.dictionaries(cells, cells),
    st.binary(max_size=2000),
)
def test_pieces_make_the_very_files(
    placements: list[tuple[str, ...]],
    explanations: list[dict[str, str]],
    account: dict[str, str],
    certificate: bytes,
) -> None:
    parts: dict[Part, bytes] = {
        "allocations": csv_file(HEADERS["allocations"], placements),
        "unplaced": csv_file(HEADERS["unplaced"], [row[:2] for row in placements]),
        "explanations": "".join(json.dumps(each) + "\n" for each in explanations).encode(),
        "run": json.dumps(account, ensure_ascii=False, indent=2).encode(),
        "certificate": certificate,
        "recruit": csv_file(("sector", "seats"), [row[:2] for row in placements]),
        "aggregates": csv_file(("reason", "students"), [row[:2] for row in placements]),
        "moves": csv_file(("student_id", "from_slot_id", "to_slot_id"), [row[:3] for row in placements]),
    }
    assert together(parts) == parts


def test_large_parts_stay_within_what_a_message_may_hold() -> None:
    parts: dict[Part, bytes] = {
        "allocations": csv_file(HEADERS["allocations"], [(f"s{n}", "p", "1", "10", "walk") for n in range(1203)]),
        "explanations": "".join(json.dumps({"student_id": "é" * 2000}) + "\n" for _ in range(700)).encode(),
        "run": ("\x01" * 200_000).encode(),
        "certificate": bytes(range(256)) * 4000,
    }
    assert together(parts) == parts
    counts = [len(piece.rows) for piece in cut(parts) if piece.part == "allocations"]
    assert counts == [500, 500, 203]


def test_row_larger_than_a_message_is_refused() -> None:
    with pytest.raises(ValueError, match="one row of a result"):
        cut({"explanations": b'"' + b"x" * MAX_BYTES + b'"\n'})


def test_parts_are_those_of_the_wire() -> None:
    told = ResultChunk.model_fields["part"].description
    assert told is not None
    assert list(FILES) == told.split(", ")


def test_headers_that_do_not_travel_are_those_of_the_library() -> None:
    assert {"allocations": ALLOCATION_HEADER, "unplaced": UNPLACED_HEADER} == HEADERS
