"""Which choices students got: every placement is in the picture and in its table."""

from hypothesis import given
from hypothesis import strategies as st

from hub_registry.pictures import ranks
from hub_registry.pictures.model import Width


def test_title_says_the_share_of_first_choices() -> None:
    picture = ranks.tell({1: 62, 2: 30, None: 8}, unplaced=5)
    assert picture.title == "62% of placements are the student’s first choice"
    assert "5 students have no place" in picture.description


@given(
    st.dictionaries(st.none() | st.integers(1, 40), st.integers(1, 5000), max_size=12),
    st.integers(0, 5000),
)
def test_every_placement_and_student_without_a_place_is_in_the_table(
    by_rank: dict[int | None, int], unplaced: int
) -> None:
    picture = ranks.tell(by_rank, unplaced=unplaced)
    *placed, without = [row[1] for row in picture.table.rows]
    assert sum(int(number) for number in placed) == sum(by_rank.values())
    assert without == unplaced
    assert [(row["what"], row["number"], row["share"]) for row in picture.rows] == list(picture.table.rows)


def test_chart_draws_the_rows_of_the_table() -> None:
    picture = ranks.tell({1: 62, 12: 3}, unplaced=5)
    (drawn,) = ranks.chart(picture.rows, Width.WIDE)["datasets"].values()
    assert [(row["what"], row["number"], row["share"]) for row in drawn] == list(picture.table.rows)


def test_nobody_placed_is_said_and_not_divided_by() -> None:
    assert ranks.tell({}, unplaced=3).title == "Nobody has a place"
