"""How long the relay lets rows come together: longer while few follow on few, never after many or after a rest."""

from hub_chassis.relay import FEW, GATHER_MOST_S, GATHER_S, gathering_s


def test_first_few_rows_are_followed_soon() -> None:
    assert gathering_s(1, before_s=0.0) == GATHER_S


def test_pause_grows_while_few_follow_on_few_and_has_a_limit() -> None:
    pauses = [GATHER_S]
    while pauses[-1] < GATHER_MOST_S:
        pauses.append(gathering_s(FEW - 1, before_s=pauses[-1]))
    assert pauses == sorted(set(pauses))
    assert gathering_s(FEW - 1, before_s=GATHER_MOST_S) == GATHER_MOST_S


def test_many_rows_are_followed_at_once() -> None:
    assert gathering_s(FEW, before_s=GATHER_MOST_S) == 0.0
