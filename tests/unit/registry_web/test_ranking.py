"""Ordering a list of choices: steps of buttons, ties, what a dragged list is written as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_registry.errors import Invalid
from hub_registry.preferences.ranking import MOST, Groups, act, mark, parsed, written

LIST: Groups = [["a"], ["b", "c"], ["d"]]


@pytest.mark.parametrize(
    ("what", "slot", "after"),
    [
        ("up", "a", "a b+c d"),
        ("up", "d", "a d b+c"),
        ("up", "c", "a c b d"),
        ("down", "b", "a c b d"),
        ("down", "a", "b+c a d"),
        ("down", "d", "a b+c d"),
        ("tie", "d", "a b+c+d"),
        ("tie", "b", "a+b c d"),
        ("tie", "a", "a b+c d"),
        ("remove", "b", "a c d"),
        ("remove", "a", "b+c d"),
        ("add", "e", "a b+c d e"),
        ("add", "b", "a b+c d"),
        ("up", "gone", "a b+c d"),
        ("remove", "gone", "a b+c d"),
    ],
)
def test_step_on_a_list(what: str, slot: str, after: str) -> None:
    assert written(act(LIST, what, slot)) == after


slots = st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1)


@given(slots, st.lists(st.tuples(st.sampled_from(["up", "down", "tie", "remove", "add"]), st.sampled_from("abcdefgh"))))
def test_no_steps_lose_or_double_a_slot_or_leave_a_gap(first: list[str], steps: list[tuple[str, str]]) -> None:
    groups: Groups = [[one] for one in first]
    there = set(first)
    for what, slot in steps:
        groups = act(groups, what, slot)
        there = there | {slot} if what == "add" else there - {slot} if what == "remove" else there
        flat = [one for group in groups for one in group]
        assert (sorted(flat), all(groups)) == (sorted(there), True)
        assert parsed(written(groups)) == groups


def test_mark_changes_with_the_order_and_the_ties() -> None:
    assert len({mark([["a"], ["b"]]), mark([["b"], ["a"]]), mark([["a", "b"]]), mark([])}) == 4


@pytest.mark.parametrize("text", ["a b a", "a+a", " ".join(str(n) for n in range(MOST + 1))])
def test_order_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parsed(text)
