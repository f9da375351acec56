"""How long the relay lets rows come together: longer while few follow on few, never after many or after a rest."""

from hub_chassis.publisher import Unsent
from hub_chassis.relay import FEW, GATHER_MOST_S, GATHER_S, MAX_BYTES, ROWS, gathering_s, is_full


def rows(count: int, *, size_bytes: int) -> list[Unsent]:
    return [Unsent(number, "topic", "key", b"x" * size_bytes) for number in range(count)]


def test_first_few_rows_are_followed_soon() -> None:
    assert gathering_s(1, full=False, before_s=0.0) == GATHER_S


def test_pause_grows_while_few_follow_on_few_and_has_a_limit() -> None:
    pauses = [GATHER_S]
    while pauses[-1] < GATHER_MOST_S:
        pauses.append(gathering_s(FEW - 1, full=False, before_s=pauses[-1]))
    assert pauses == sorted(set(pauses))
    assert gathering_s(FEW - 1, full=False, before_s=GATHER_MOST_S) == GATHER_MOST_S


def test_many_rows_are_followed_at_once() -> None:
    assert gathering_s(FEW, full=False, before_s=GATHER_MOST_S) == 0.0


def test_few_rows_that_filled_a_round_are_followed_at_once() -> None:
    assert gathering_s(FEW - 1, full=True, before_s=GATHER_MOST_S) == 0.0


def test_a_round_is_full_of_rows_or_of_bytes() -> None:
    size = MAX_BYTES // 16
    assert is_full(rows(16, size_bytes=size))
    assert not is_full(rows(15, size_bytes=size))
    assert is_full(rows(ROWS, size_bytes=1))
    assert not is_full(rows(ROWS - 1, size_bytes=1))
