"""Changes in memory that would bring a rule to bear which no network has: refused by name, with nothing changed."""

from collections.abc import Callable

import pytest

from hub_allocation.change.loaded import Changed, ChangeRefused, Loaded, Wish
from hub_allocation.policy import Policy
from tests.unit.allocation.rounds import Round, make_round, slot, student, wishes
from tests.unit.allocation.test_change_in_memory import loaded


def one_for_one_school() -> Round:
    return make_round(
        [student("ann"), *(student(name, school_id="S2") for name in ("bob", "cat", "col"))],
        [
            slot("L1", single_school="true"),
            slot("L2", min_group=2, capacity=2),
            slot("L3", employer_id="E2", capacity=2),
        ],
        wishes(ann="L1", bob=["L1", "L3"], cat="L3", col="L3"),
        employers=[{"employer_id": "E1", "max_at_once": ""}, {"employer_id": "E2", "max_at_once": "2"}],
        schools=[{"school_id": "S1", "max_out_at_once": "1"}, {"school_id": "S2"}],
    )


def dan(*slots: str, school: str = "S2") -> Callable[[Loaded], Changed]:
    wished = [Wish(what, rank, 10) for rank, what in enumerate(slots, start=1)]
    return lambda one: one.add_student("dan", wished, school_id=school)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda one: one.add_seat("L1"), "one more seat at L1 would bring the rule that all its students come from"),
        (dan("L2"), "dan would bring the minimum group of 2 to bear"),
        (dan("L1", school="S1"), "dan would bring the limit of 1 for a day of S1 to bear"),
        (dan("L1", school="S3"), "dan would bring the limit for a day of S3, which had no students"),
        (lambda one: one.add_seat("L3"), "one more seat at L3 would bring the limit of 2 for a day of E2 to bear"),
        (dan("L1", "L9"), "L9 is not offered"),
        (dan("L1", "L1"), "dan wishes for a slot twice"),
        (lambda one: one.add_student("dan", [Wish("L1", 1, 100_001)], school_id="S2"), "can't be .* 100001 minutes"),
        (lambda one: one.add_student("dan", [], school_id="S2", priority=1001), "can't have the priority 1001"),
    ],
    ids=range(9),
)  # fmt: skip
def test_a_change_that_would_wake_a_rule_beyond_the_network_is_refused_by_name_and_changes_nothing(
    change: Callable[[Loaded], Changed], said: str
) -> None:
    allocation = loaded(one_for_one_school())
    before = allocation.placements()
    with pytest.raises(ChangeRefused, match=said):
        change(allocation)
    assert allocation.placements() == before
    assert [move.cells() for move in dan("L1")(allocation).moves] in ([], [("dan", "", "L1", "new")])


def test_several_places_for_a_new_student_are_refused() -> None:
    people, offered = [student("ann")], [slot("L1"), slot("L2", dates="2027-08-02")]
    allocation = loaded(make_round(people, offered, wishes(ann="L1")), Policy(places_per_student=2))
    with pytest.raises(ChangeRefused, match="bring several places for one student to bear"):
        dan("L1", "L2")(allocation)
    assert [move.cells() for move in dan("L2")(allocation).moves] == [("dan", "", "L2", "new")]


def test_a_seat_that_no_day_limit_stands_against_is_added() -> None:
    people = [student("ann"), student("bob")]
    limits = [{"employer_id": "E1", "max_at_once": "2"}]
    allocation = loaded(make_round(people, [slot("L1")], wishes(ann="L1", bob="L1"), employers=limits))
    allocation.add_seat("L1")
    assert [who for who, _ in allocation.placements()] == ["ann", "bob"]


def test_a_pinned_student_whose_school_nobody_else_is_of_withdraws() -> None:
    people = [student("ann", pinned_slot_id="L1"), student("bob", school_id="S2")]
    allocation = loaded(make_round(people, [slot("L1", max_per_school=1)], wishes(ann="L1", bob="L1")))
    assert [move.cells() for move in allocation.withdraw("ann").moves] == [
        ("ann", "L1", "", "withdrawn"), ("bob", "", "L1", "new"),
    ]  # fmt: skip
