"""Whoever asked for an answer is told how far it is, and is heard whenever the library asks whether to go on."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from hub_allocation.instance import Instance
from hub_allocation.policy import Policy
from hub_allocation.solve import Cancelled, Solved, solve
from tests.unit.allocation.rounds import make_round, read, slot, still, student, wishes

MOST_TRIED = 12


def round_of(objective: str, **more: Any) -> Instance:
    """Nine students who want the same three slots."""
    names = [f"P{at}" for at in range(9)]
    slots = [slot(f"L{at}", capacity=3, **more) for at in range(3)]
    ranked = wishes(**{name: [f"L{(at + step) % 3}" for step in range(3)] for at, name in enumerate(names)})
    return read(make_round([student(name) for name in names], slots, ranked), Policy(objective=objective))


ROUNDS: dict[str, Callable[[], Instance]] = {
    "balanced": partial(round_of, "balanced"),
    "rank_maximal": partial(round_of, "rank_maximal"),
    "stable": partial(round_of, "stable"),
    "groups": partial(round_of, "balanced", min_group=3),
    "groups by rank": partial(round_of, "rank_maximal", min_group=2, single_school="true"),
}


class Asked:
    """Answers no, but for one time."""

    def __init__(self, stop_at: int) -> None:
        self.times, self.stopped, self._stop_at = 0, False, stop_at

    def __call__(self) -> bool:
        self.times += 1
        self.stopped |= self.times == self._stop_at
        return self.stopped


@pytest.mark.parametrize("name", ROUNDS)
def test_no_at_any_time_ends_it_without_an_answer(name: str) -> None:
    instance = ROUNDS[name]()
    never = Asked(0)
    assert isinstance(solve(instance, clock=still, cancelled=never), Solved)
    assert never.times >= 2
    step = max(1, never.times // MOST_TRIED)
    for at in range(1, never.times + 1, step):
        asked = Asked(at)
        ended = solve(instance, clock=still, cancelled=asked)
        assert isinstance(ended, Cancelled) == asked.stopped, at  # a search asks as often as its time allows
        assert asked.stopped or at > 2


@pytest.mark.parametrize("name", ROUNDS)
def test_every_level_is_told_as_it_ends(name: str) -> None:
    heard: dict[str, tuple[float, float]] = {}
    solved = solve(
        ROUNDS[name](), clock=still, progress=lambda level, value, bound, _: heard.update({level: (value, bound)})
    )
    assert isinstance(solved, Solved)
    assert heard == {level.name: (level.value, level.bound) for level in solved.levels}
