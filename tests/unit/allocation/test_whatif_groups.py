"""Outcome by group: counts that add up, small numbers hidden so that nothing gives them back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from hub_allocation.errors import BadInput
from hub_allocation.instance import Flags, Longs
from hub_allocation.whatif.disclosure import hidden_cells
from hub_allocation.whatif.groups import POOLED, UNLABELLED, group_table, pooled_groups, read_groups

IDS = [f"s{at:02d}" for at in range(20)]


def reach(counts: Longs, hidden: Flags, row: int, column: int) -> tuple[int, int]:
    """The least and the most a hidden cell can be for whoever knows the shown cells and all totals."""
    cells = np.argwhere(hidden)
    lines = [cells[:, 0] == at for at in range(counts.shape[0])] + [cells[:, 1] == at for at in range(counts.shape[1])]
    kept = np.where(hidden, counts, 0)
    totals = [*kept.sum(axis=1), *kept.sum(axis=0)]
    goal = ((cells[:, 0] == row) & (cells[:, 1] == column)).astype(float)
    found = [linprog(sign * goal, A_eq=np.array(lines, dtype=float), b_eq=totals, method="highs") for sign in (1, -1)]
    return round(found[0].fun), round(-found[1].fun)


tables = arrays(
    np.int64, st.tuples(st.integers(2, 5), st.integers(2, 4)), elements=st.one_of(st.integers(0, 8), st.integers(0, 60))
)


@given(counts=tables)
@settings(deadline=None)
def test_no_small_count_is_shown(counts: Longs) -> None:
    hidden = hidden_cells(counts)
    assert not (~hidden & (counts > 0) & (counts < 5)).any()


@given(counts=tables)
@settings(deadline=None)
def test_no_small_count_can_be_worked_out_from_what_is_shown(counts: Longs) -> None:
    hidden = hidden_cells(counts)
    whole = np.ones_like(hidden)
    for row, column in np.argwhere((counts > 0) & (counts < 5)).tolist():
        low, high = reach(counts, hidden, row, column)
        if low == high:  # then hiding all would not have helped: the totals alone give it away
            low, high = reach(counts, whole, row, column)
            assert low == high


@given(counts=tables)
@settings(deadline=None)
def test_a_table_without_small_counts_is_shown_whole(counts: Longs) -> None:
    assert not hidden_cells(np.where(counts < 5, 0, counts)).any()


def test_one_small_count_takes_three_others_with_it() -> None:
    counts = np.array([[30, 2, 10], [20, 9, 40], [25, 30, 35]])
    hidden = hidden_cells(counts)
    assert hidden.sum() == 4
    assert hidden[0, 1]


def test_small_groups_are_pooled_and_a_single_one_never_alone() -> None:
    found = pooled_groups(["a"] * 9 + ["b"] * 6 + ["c"] * 5)
    assert (found.names, found.pooled) == (("a", "b", "c"), ())
    found = pooled_groups(["a"] * 9 + ["b"] * 6 + ["c"] * 4 + ["d"])
    assert (found.names, found.pooled) == (("a", "b", POOLED), ("c", "d"))
    found = pooled_groups(["a"] * 9 + ["b"] * 6 + ["c"])
    assert (found.names, found.pooled) == (("a", POOLED), ("b", "c"))


def test_two_groups_too_small_even_together_take_the_next() -> None:
    assert pooled_groups(["a"] * 9 + ["b"] * 6 + ["c"] + ["d"]).pooled == ("b", "c", "d")


@given(labels=st.lists(st.sampled_from("abcdefg"), max_size=60), threshold=st.integers(1, 8))
@settings(deadline=None)
def test_every_student_is_in_one_group_and_none_is_small_unless_it_is_everybody(
    labels: list[str], threshold: int
) -> None:
    groups = pooled_groups(labels, threshold=threshold)
    sizes = np.bincount(groups.of_student, minlength=len(groups.names))
    assert sizes.sum() == len(labels)
    assert (sizes >= threshold).all() or len(groups.names) == 1
    assert len(groups.pooled) != 1 or len(groups.names) == 1


def test_rows_add_up_to_the_group_and_columns_to_the_run() -> None:
    groups = pooled_groups(["a"] * 10 + ["b"] * 10, threshold=1)
    ranks = np.array([1, 1, 2, 3, 4, 0, -1, -1, 1, 2] * 2, dtype=np.int32)
    table = group_table(groups, ranks)
    assert table.cells == ((3, 3, 2, 2), (3, 3, 2, 2))
    assert table.students == (10, 10)


def test_hidden_cells_are_null_in_the_report() -> None:
    groups = pooled_groups(["a"] * 10 + ["b"] * 10)
    rows = group_table(groups, np.array(([1] * 8 + [-1] * 2) * 2, dtype=np.int32)).as_dict()
    assert rows[0]["unplaced"] is None
    assert rows[0]["1st"] is None
    assert rows[0]["students"] == 10


def test_students_without_a_label_are_a_group_of_their_own() -> None:
    data = "student_id,label\n" + "".join(f"{name},north\n" for name in IDS[:12])
    found = read_groups(data.encode(), IDS)
    assert found.names == ("north", UNLABELLED)
    assert np.bincount(found.of_student).tolist() == [12, 8]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"student_id,label\nnobody,a\n", "groups.csv:2: student_id: nobody is not in students.csv"),
        (b"student_id,label\ns01,a\ns01,b\n", "groups.csv:3: student_id: s01 is already in row 2"),
        (b"who,label\ns01,a\n", "groups.csv:1: student_id: the column is missing"),
        (b"", "groups.csv: is empty"),
    ],
)
def test_a_groups_file_that_does_not_fit_is_refused_by_row(data: bytes, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_groups(data, IDS)
    assert str(refused.value).startswith(said)
