"""The published priority formula."""

from hypothesis import given
from hypothesis import strategies as st

from hub_registry.priority.model import DEFAULT_SUPPORT_POINTS, History, priority

COUNTS = st.integers(0, 50)


def test_worked_example_of_the_documentation() -> None:
    history = History(days_done=3, rounds_unplaced=1, rounds_low_ranked=1)
    assert priority(history, needs=frozenset({"free_school_meals"})) == 440


def test_newcomer_has_the_whole_entitlement_missing() -> None:
    assert priority(History()) == 200


def test_only_two_earlier_rounds_count() -> None:
    assert priority(History(days_done=10, rounds_unplaced=5, rounds_low_ranked=5)) == 2 * 150 + 2 * 50


def test_programme_sets_its_own_points() -> None:
    assert (
        priority(History(days_done=10), needs=frozenset({"in_care", "other"}), support_points={"in_care": 700}) == 700
    )


@given(COUNTS, COUNTS, COUNTS, st.frozensets(st.sampled_from(sorted(DEFAULT_SUPPORT_POINTS))))
def test_priority_stays_in_range_and_missing_out_never_lowers_it(
    days: int, unplaced: int, low: int, needs: frozenset[str]
) -> None:
    history = History(days, unplaced, low)
    value = priority(history, needs=needs)
    assert 0 <= value <= 1000
    assert priority(History(days, unplaced + 1, low), needs=needs) >= value
    assert priority(History(days, unplaced, low + 1), needs=needs) >= value
    assert priority(History(days + 1, unplaced, low), needs=needs) <= value
