"""Ranks of preferences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_registry.preferences.model import Gap, first_gap, gaps


@pytest.mark.parametrize(
    ("ranks", "gap"),
    [
        ([], None),
        ([1], None),
        ([1, 1, 2], None),
        ([2, 1, 3], None),
        ([2], Gap(0, 2, 1)),
        ([1, 3], Gap(1, 3, 2)),
        ([1, 2, 5, 4], Gap(3, 4, 3)),
    ],
)
def test_first_gap_of_a_student(ranks: list[int], gap: Gap | None) -> None:
    assert first_gap([(rank, place) for place, rank in enumerate(ranks)]) == gap


@given(st.lists(st.integers(1, 8), max_size=12))
def test_ranks_are_dense_exactly_when_there_is_no_gap(ranks: list[int]) -> None:
    dense = set(ranks) == set(range(1, len(set(ranks)) + 1))
    assert (first_gap([(rank, place) for place, rank in enumerate(ranks)]) is None) == dense


def test_every_student_has_their_own_gap() -> None:
    found = list(gaps([("a", 1, 2), ("b", 2, 3), ("a", 3, 4), ("c", 1, 5)]))
    assert [(gap.place, gap.missing) for gap in found] == [(4, 2), (3, 1)]
