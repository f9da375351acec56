"""Pauses between tries grow to an hour; a notice isn't tried for ever."""

from hypothesis import given
from hypothesis import strategies as st

from hub_notifier.retry import gives_up, pause_s


def test_pauses_grow_from_seconds_to_an_hour() -> None:
    assert [pause_s(deferrals, spread=0) for deferrals in (1, 2, 3, 4, 9, 1000)] == [2, 6, 18, 54, 3600, 3600]


@given(deferrals=st.integers(1, 10_000), spread=st.floats(0, 1))
def test_the_spread_lengthens_a_pause_by_a_quarter_at_most(deferrals: int, spread: float) -> None:
    shortest = pause_s(deferrals, spread=0)
    assert shortest <= pause_s(deferrals, spread=spread) <= shortest * 1.25


def test_four_days_are_enough() -> None:
    assert not gives_up(4 * 86_400 - 1)
    assert gives_up(4 * 86_400)
