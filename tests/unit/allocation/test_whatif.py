"""Several policies on one round side by side: distributions that add up, and who wins and loses."""

from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from hub_allocation.errors import BadInput
from hub_allocation.policy import Policy
from hub_allocation.whatif.compare import Comparison, compare
from hub_allocation.whatif.groups import pooled_groups
from hub_allocation.whatif.outcomes import Run, rank_name
from hub_allocation.whatif.pictures import rank_picture
from tests.unit.allocation.rounds import Round, journey, make_round, read, slot, solved, student, wishes
from tests.unit.allocation.strategies import rounds

QUADRATIC, LINEAR, FIRST = Policy(), Policy(rank_cost="linear"), Policy(objective="rank_maximal")


def side_by_side(round_: Round, **policies: Policy) -> Comparison:
    return compare([Run(name, solved(read(round_, policy))[0]) for name, policy in policies.items()])


def chain() -> Round:
    """Moving ann down from 1st to 2nd lets bob have a place: balanced does so, rank_maximal does not."""
    students = [student("ann"), student("bob"), student("cat")]
    slots = [slot("L1"), slot("L2", postcode="FAR"), slot("L3", mode="virtual", postcode="")]
    travel = [journey(10), journey(50, destination="FAR")]
    return make_round(students, slots, wishes(ann=["L1", "L2"], bob=["L1"], cat=["L2", "L1", "L3"]), travel=travel)


def test_winners_and_losers_of_a_hand_made_round() -> None:
    found = side_by_side(chain(), balanced=QUADRATIC, first=FIRST)
    assert found.sides[0].ranks == {"1st": 1, "2nd": 1, "3rd": 1, "unranked": 0, "unplaced": 0}
    assert found.sides[1].ranks["1st"] == 2
    (change,) = found.movers
    told = change.as_dict()
    assert told["from"] == "balanced"
    assert told["to"] == "first"
    moved = {mover["student_id"]: (mover["from"], mover["to"]) for mover in told["better"] + told["worse"]}
    assert moved["cat"] == ("3rd", "1st")
    assert [mover["student_id"] for mover in told["worse"]] in (["ann"], ["bob"])
    assert sum(told["counts"].values()) == 3


def test_travel_is_told_in_bands_with_virtual_apart() -> None:
    found = side_by_side(chain(), balanced=QUADRATIC)
    travel = {name: count for name, count in found.sides[0].travel.items() if count}
    assert travel == {"virtual": 1, "0-15": 1, "46-60": 1}


def test_band_ends_belong_to_the_band_below() -> None:
    students = [student(name, max_travel_minutes=500) for name in "abcd"]
    slots = [slot(f"L{at}", postcode=f"W{at}") for at in range(4)]
    travel = [journey(minutes, destination=f"W{at}") for at, minutes in enumerate((15, 16, 90, 91))]
    round_ = make_round(students, slots, wishes(a="L0", b="L1", c="L2", d="L3"), travel=travel)
    found = side_by_side(round_, one=QUADRATIC).sides[0].travel
    assert {name: count for name, count in found.items() if count} == {"0-15": 1, "16-30": 1, "61-90": 1, "over 90": 1}


def test_a_pin_nobody_ranked_stands_between_a_ranked_place_and_none() -> None:
    students = [student("ann", pinned_slot_id="L1"), student("bob")]
    round_ = make_round(students, [slot("L1"), slot("L2", capacity=0)], wishes(ann=["L2"], bob=["L1"]))
    found = side_by_side(round_, one=QUADRATIC)
    assert found.sides[0].ranks == {"unranked": 1, "unplaced": 1}


def test_a_stricter_travel_limit_is_told_as_what_it_takes_from_whom() -> None:
    found = side_by_side(chain(), wide=QUADRATIC, near=Policy(default_max_travel_minutes=30))
    (change,) = found.movers
    assert not change.better
    assert {mover.student_id for mover in change.worse} <= {"ann", "bob", "cat"}
    assert found.sides[1].travel["46-60"] == 0


@given(round_=rounds())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_everything_adds_up(round_: Round) -> None:
    try:
        found = side_by_side(round_, one=QUADRATIC, two=LINEAR)
    except BadInput:  # pins that can't hold
        reject()
    students = len(round_["students"])
    for side in found.sides:
        assert sum(side.ranks.values()) == students
        assert students - side.ranks["unplaced"] == side.figures["students"]
        assert sum(side.travel.values()) == side.figures["placements"]
    assert sum(found.movers[0].as_dict()["counts"].values()) == students
    assert found.sides[0].figures["rank_cost"] <= found.sides[1].figures["rank_cost"]


def test_a_run_compared_with_itself_moves_nobody() -> None:
    change = side_by_side(chain(), one=QUADRATIC, two=QUADRATIC).movers[0]
    assert (change.better, change.worse, change.same) == ((), (), 3)


@given(rank=st.integers(1, 200))
@settings(deadline=None)
def test_ranks_read_as_english_ordinals(rank: int) -> None:
    name = rank_name(rank)
    endings = {11: "th", 12: "th", 13: "th"}
    ending = endings.get(rank % 100) or {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    assert name == f"{rank}{ending}"


def test_the_picture_names_every_run_and_escapes_what_it_names() -> None:
    runs = [Run(name, solved(read(chain()))[0]) for name in ("a<b", "c")]
    picture = rank_picture(compare(runs, groups=pooled_groups(["x", "x", "y"])))
    assert "a&lt;b" in picture
    assert "a<b" not in picture
    assert picture.count("<rect") == 1 + 2 + 2 * 4
