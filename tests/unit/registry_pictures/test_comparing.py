"""Two runs beside each other: nothing is lost between the rows, the table and the picture."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from hub_registry.pictures import comparing, pairs, ranks
from hub_registry.pictures.model import Width

BY_RANK = st.dictionaries(st.none() | st.integers(1, 20), st.integers(1, 500), max_size=8)
BY_MINUTE = st.lists(st.tuples(st.sampled_from(["", "walk", "car"]), st.integers(0, 200), st.integers(1, 50)))


@given(BY_RANK, st.integers(0, 500), BY_RANK, st.integers(0, 500))
def test_every_placement_of_both_runs_is_in_the_table_and_the_picture(
    one: dict[int | None, int], none: int, other: dict[int | None, int], other_none: int
) -> None:
    picture = comparing.tell_ranks((one, none), (other, other_none))
    for column, by_rank, without in ((1, one, none), (2, other, other_none)):
        *placed, last = [int(row[column]) for row in picture.table.rows]
        assert (sum(placed), last) == (sum(by_rank.values()), without)
    drawn = Counter[str]()
    for row in picture.rows:
        drawn[row["kind"]] += row["number"]
    assert drawn[comparing.ONE] == sum(one.values()) + none
    assert drawn[comparing.OTHER] == sum(other.values()) + other_none


@given(BY_MINUTE, BY_MINUTE)
def test_every_journey_of_both_runs_is_counted_and_virtual_ones_are_not(
    one: list[tuple[str, int, int]], other: list[tuple[str, int, int]]
) -> None:
    picture = comparing.tell_journeys(one, other)
    for column, rows in ((1, one), (2, other)):
        assert sum(int(row[column]) for row in picture.table.rows) == sum(number for mode, _, number in rows if mode)


def test_changes_name_who_loses_and_leave_out_what_is_not() -> None:
    picture = comparing.tell_changes({"loses": 3, "gains": 1, "elsewhere": 0, "same": 6, "in_one_only": 0})
    assert picture.title == "1 student gains, 3 students lose"
    assert [row[1:] for row in picture.table.rows] == [(3, "30%"), (1, "10%"), (0, "0%"), (6, "60%")]
    assert [row["bad"] for row in picture.rows] == [True, False, False, False]
    (drawn,) = ranks.chart(picture.rows, Width.NARROW)["datasets"].values()
    assert len(drawn) == 4


def test_pair_of_bars_has_a_colour_for_each_run() -> None:
    picture = comparing.tell_ranks(({1: 5}, 0), ({1: 4}, 1))
    chart = pairs.chart(picture.rows, Width.WIDE)
    assert chart["layer"][0]["encoding"]["color"]["scale"]["domain"] == [comparing.ONE, comparing.OTHER]
