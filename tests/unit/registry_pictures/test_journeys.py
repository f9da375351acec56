"""How long journeys take: every journey is in the picture and in its table."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from hub_registry.pictures import journeys
from hub_registry.pictures.model import Width

MODES = st.sampled_from(("walk", "cycle", "public_transport", "car", "ferry_boat"))


def test_title_says_half_and_longest() -> None:
    picture = journeys.tell([("walk", 12, 5), ("car", 40, 4), ("car", 65, 1)], without=2)
    assert picture.title == "Half of all journeys take 12 minutes or less, one way; the longest takes 65"
    assert "10% take more than an hour" in picture.description
    assert "2 placements are virtual" in picture.description


@settings(deadline=None, max_examples=30)  # the first one imports altair
@given(st.lists(st.tuples(MODES, st.integers(0, 200), st.integers(1, 300)), min_size=1, max_size=30))
def test_every_journey_is_in_the_table_and_in_the_chart(by_minute: list[tuple[str, int, int]]) -> None:
    picture = journeys.tell(by_minute, without=0)
    assert sum(int(row[-1]) for row in picture.table.rows) == sum(number for _, _, number in by_minute)
    assert all(sum(map(int, row[1:-1])) == row[-1] for row in picture.table.rows)
    (drawn,) = journeys.chart(picture.rows, Width.NARROW)["datasets"].values()
    by_mode: Counter[str] = Counter()
    for row in drawn:
        by_mode[row["mode"]] += row["number"]
    columns = picture.table.columns[1:-1]
    assert dict(by_mode) == {
        mode: sum(int(row[place]) for row in picture.table.rows) for place, mode in enumerate(columns, start=1)
    }


def test_without_journeys_there_is_nothing_to_draw() -> None:
    picture = journeys.tell([], without=3)
    assert picture.rows == ()
    assert picture.title == "No placement needs a journey"
