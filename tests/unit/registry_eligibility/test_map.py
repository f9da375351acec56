"""The map of slots: to scale, north up, nothing outside its frame."""

import math

from hypothesis import given
from hypothesis import strategies as st

from hub_registry.eligibility.map import HEIGHT, WIDTH, draw

WHERE = {"A": (53.40, -2.98), "B": (53.45, -2.98), "C": (53.40, -2.80)}


def test_north_is_up_east_is_right_and_distances_are_to_scale() -> None:
    drawn = draw([("A", True), ("B", True), ("C", False), ("C", False), ("", True)], WHERE, (53.41, -2.97))
    assert drawn is not None
    dots = {dot.postcode: dot for dot in drawn.dots}
    assert dots["B"].y < dots["A"].y
    assert dots["C"].x > dots["A"].x
    km = (dots["A"].y - dots["B"].y) / drawn.bar_px * drawn.bar_km
    assert math.isclose(km, 0.05 * 111.2, rel_tol=0.02)
    assert (dots["C"].slots, dots["C"].possible, dots["A"].possible) == (2, False, True)
    assert drawn.home is not None


def test_nothing_with_a_place_gives_no_map() -> None:
    assert draw([("", True), ("X", True)], WHERE, (53.4, -2.9)) is None


@given(st.lists(st.tuples(st.floats(53, 54), st.floats(-3.3, -2.4)), min_size=1, max_size=20))
def test_every_dot_lies_within_the_frame(places: list[tuple[float, float]]) -> None:
    where = {str(at): place for at, place in enumerate(places)}
    drawn = draw([(name, True) for name in where], where, places[0])
    assert drawn is not None
    assert len(drawn.dots) == len(where)
    assert all(0 <= dot.x <= WIDTH and 0 <= dot.y <= HEIGHT for dot in drawn.dots)
