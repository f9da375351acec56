"""A result from its chunks."""

import base64
import json

import pytest

from hub_registry.results.model import ALLOCATIONS, BadResult, Chunk, assemble, table_bytes, table_rows
from hub_schemas.results import result_sha256

PLACED = [("a", "s1", "1", "20", "walk"), ("b", "s,2", "", "0", "")]
UNPLACED = [("c", "choices_full")]
SHA256 = result_sha256(table_bytes(ALLOCATIONS, PLACED), b"student_id,reason\nc,choices_full\n")


def chunks() -> list[Chunk]:
    parts = [
        ("allocations", PLACED[:1]),
        ("allocations", PLACED[1:]),
        ("unplaced", UNPLACED),
        ("explanations", [('{"student_id":"a"}',)]),
        ("run", [('{"status":',), (' "optimal"}',)]),
        ("certificate", [(base64.b64encode(b"limit\n").decode(),)]),
    ]
    return [Chunk(place, part, json.dumps(rows)) for place, (part, rows) in enumerate(parts)]


def test_chunks_in_any_order_make_the_files_that_were_hashed() -> None:
    result = assemble(reversed(chunks()), count=6, sha256=SHA256)
    assert (result.allocations, result.unplaced) == (PLACED, UNPLACED)
    assert result.files["run.json"] == b'{"status": "optimal"}'
    assert result.files["certificate.csv"] == b"limit\n"
    assert result.files["explanations.jsonl"] == b'{"student_id":"a"}\n'


def test_cells_with_commas_come_back_from_their_file() -> None:
    assert table_rows(table_bytes(ALLOCATIONS, PLACED)) == PLACED


@pytest.mark.parametrize("count", [5, 7])
def test_too_few_or_too_many_chunks_are_no_result(count: int) -> None:
    with pytest.raises(BadResult) as bad:
        assemble(chunks(), count=count, sha256=SHA256)
    assert bad.value.code == "result_incomplete"


def test_changed_cell_does_not_hash_right() -> None:
    changed = chunks()
    changed[0] = Chunk(0, "allocations", json.dumps([("a", "s1", "1", "21", "walk")]))
    with pytest.raises(BadResult) as bad:
        assemble(changed, count=6, sha256=SHA256)
    assert bad.value.code == "result_hash_differs"


@pytest.mark.parametrize(
    "chunk",
    [
        Chunk(0, "allocations", '[["a", "s1"]]'),
        Chunk(5, "certificate", '[["no base64!"]]'),
        Chunk(3, "explanations", "[[]]"),
    ],
)
def test_rows_that_are_not_of_their_part_are_unreadable(chunk: Chunk) -> None:
    changed = chunks()
    changed[chunk.place] = chunk
    with pytest.raises(BadResult) as bad:
        assemble(changed, count=6, sha256=SHA256)
    assert bad.value.code == "result_unreadable"
