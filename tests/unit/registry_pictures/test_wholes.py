"""Flow, demand, days and map: nothing is lost between the rows and what people see."""

from collections import Counter
from datetime import date
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from hub_registry.pictures import days, demand, flow, region
from hub_registry.pictures.model import Width

HOSTILE = """<script>alert('1')</script>" onload="x' &"""
FLOWS = st.lists(
    st.tuples(
        st.none() | st.sampled_from([f"Sector {number}" for number in range(20)]),
        st.booleans(),
        st.none() | st.integers(1, 9),
        st.integers(1, 900),
    ),
    min_size=1,
)


@given(FLOWS)
def test_every_student_is_in_the_flow_its_table_and_its_picture(
    found: list[tuple[str | None, bool, int | None, int]],
) -> None:
    picture = flow.tell(found)
    all_ = sum(students for *_, students in found)
    assert sum(row["number"] for row in picture.rows) == all_
    assert sum(int(row[-1]) for row in picture.table.rows) == all_
    assert all(sum(map(int, row[1:-1])) == row[-1] for row in picture.table.rows)
    svg = ElementTree.fromstring(flow.drawn(picture.rows, Width.NARROW))  # noqa: S314 -- our own
    bands = [element for element in svg if element.tag.endswith("path")]
    assert len(bands) == sum(1 for row in picture.rows if row["number"])


def test_hostile_names_are_words_in_our_own_svg() -> None:
    rows = flow.tell([(HOSTILE, True, 1, 5)]).rows
    school = {"name": HOSTILE, "lat": 53.4, "lon": -2.98, "students": 5, "unplaced": 2}
    area = {"area": HOSTILE, "lat": 53.41, "lon": -2.9, "seats": 5, "used": 2}
    for svg in (flow.drawn(rows, Width.WIDE), region.drawn(region.tell([school], [area]).rows, Width.WIDE)):
        root = ElementTree.fromstring(svg)  # noqa: S314 -- our own
        assert {element.tag.partition("}")[2] for element in root.iter()} <= {"svg", "rect", "path", "text", "circle"}
        assert not [name for element in root.iter() for name in element.attrib if name in {"onload", "style"}]


@given(st.lists(st.tuples(st.sampled_from("ABCDEFGHIJKLMNOPQRST"), st.integers(0, 90), st.integers(0, 90)), min_size=1))
def test_demand_adds_up_and_the_table_has_all(found: list[tuple[str, int, int]]) -> None:
    picture = demand.tell(demand.BY_SECTOR, found)
    assert {str(row[0]): row[1:3] for row in picture.table.rows} == {
        what: (sum(c for w, c, _ in found if w == what), sum(s for w, _, s in found if w == what))
        for what in {what for what, *_ in found}
    }
    missing = [int(row[3]) for row in picture.table.rows]
    assert missing == sorted(missing, reverse=True)
    drawn = Counter(row["what"] for row in picture.rows)
    assert list(drawn) == [row[0] for row in picture.table.rows][: demand.MOST]
    assert set(drawn.values()) == {2}


def test_days_count_a_seat_on_each_of_its_days() -> None:
    picture = days.tell(
        [
            ("Digital", days.days_in("2027-06-07/2027-06-08;2027-06-10"), 10, 9),
            ("Health", days.days_in("2027-06-08"), 30, 3),
        ]
    )
    told = {
        (day, str(row[0])): cell
        for row in picture.table.rows
        for day, cell in zip(picture.table.columns[1:], row[1:], strict=True)
        if cell
    }
    assert told["Tue 8 Jun", "All sectors"] == "12 of 40"
    assert told["Thu 10 Jun", "Digital"] == "9 of 10"
    assert ("Mon 7 Jun", "Health") not in told
    assert picture.title == "The fullest day: Mon 7 Jun, 9 of 10 seats used"
    (drawn,) = days.chart(picture.rows, Width.WIDE)["datasets"].values()
    assert {(row["day"], row["sector"]): f"{row['used']} of {row['seats']}" for row in drawn} == told


def test_many_days_are_told_by_week() -> None:
    picture = days.tell([("Digital", [date(2027, month, 2) for month in range(1, 13)], 4, 2)] * 2)
    assert picture.table.columns[0] == "Sector, seats used of seats on"
    long = [("Digital", days.days_in("2027-05-03/2027-06-11"), 4, 2)]
    assert days.tell(long).table.columns[0] == "Sector, seats used of seats in the week of"
    assert len(days.tell(long).table.columns) == 1 + 6


def test_days_may_be_told_by_employer() -> None:
    picture = days.tell([("A (E-1)", [date(2027, 6, 7)], 4, 2)], name=days.OF_EMPLOYERS, of="employer")
    assert (picture.name, picture.kind) == (days.OF_EMPLOYERS, days.NAME)
    assert [row[0] for row in picture.table.rows] == ["All employers", "A (E-1)"]


def test_map_has_every_school_and_area_and_the_outlines_around_them() -> None:
    schools = [{"name": "S", "lat": 53.4, "lon": -2.98, "students": 9, "unplaced": 2}]
    areas = [{"area": "L1", "lat": 53.41, "lon": -2.97, "seats": 5, "used": 2}]
    picture = region.tell(schools, areas)
    assert picture.table.rows == (("S", 2, "", ""), ("Area L1", "", 5, 3))
    svg = region.drawn(picture.rows, Width.WIDE)
    assert svg.count("<circle") == 1 + 1
    assert "Liverpool" in svg


def test_map_of_another_region_has_points_only() -> None:
    schools = [{"name": "S", "lat": 50.4, "lon": -4.1, "students": 9, "unplaced": 0}]
    svg = region.drawn(region.tell(schools, []).rows, Width.NARROW)
    assert "<path" not in svg
    assert region.near([(-4.1, 50.4)]) == []


def test_nothing_at_all_is_no_picture() -> None:
    assert region.tell([], []).rows == flow.tell([]).rows == days.tell([]).rows == ()
