"""Components: what connects two students, which rules leave the network, and that shares add up to the whole."""

import numpy as np
import pytest

from hub_allocation.components.partial import Partial, deal
from hub_allocation.components.prepared import Prepared, prepare
from hub_allocation.components.shares import solve_share
from hub_allocation.instance import Instance
from hub_allocation.policy import Policy
from hub_allocation.progress import Reporter
from hub_allocation.result import make_result
from hub_allocation.solve import finish
from hub_allocation.stopwatch import Stopwatch
from tests.unit.allocation.rounds import Round, make_round, read, slot, solved, student, wishes

SILENT = Reporter(None, clock=lambda: 0.0, start=0.0, cancelled=None)


def two_towns() -> Round:
    """Two students and a slot in each of two towns that share nothing."""
    return make_round(
        [student(name, school_id=f"S{town}") for name, town in (("ann", 1), ("bob", 1), ("cid", 2), ("dan", 2))],
        [slot("L1", employer_id="E1"), slot("L2", employer_id="E2")],
        wishes(ann="L1", bob="L1", cid="L2", dan="L2"),
    )


def components_of(round_: Round, policy: Policy | None = None) -> tuple[list[str], list[str]]:
    """The students of each component, network ones first, the others second."""
    prepared = prepare(read(round_, policy))
    pairs, split = prepared.pairs, prepared.split
    names = np.array(prepared.instance.students.ids, dtype=object)
    network = [
        "".join(name[0] for name in names[pairs.student[split.network & (split.component == one)]])
        for one in np.unique(split.component[split.network])
    ]
    return network, ["".join(name[0] for name in names[pairs.student[part]]) for part in split.parts]


def test_students_who_share_nothing_are_in_components_of_their_own() -> None:
    assert components_of(two_towns()) == (["ab", "cd"], [])


def test_shared_slot_connects() -> None:
    round_ = two_towns()
    round_["preferences"] = wishes(ann="L1", bob=["L1", "L2"], cid="L2", dan="L2")
    assert components_of(round_) == (["abbcd"], [])


@pytest.mark.parametrize(
    "cells",
    [
        {"min_group": "2", "capacity": "3"},
        {"single_school": "true", "capacity": "2"},
        {"capacity": "3", "reserved": "1", "max_per_school": "1"},
    ],
)
def test_component_of_a_rule_that_is_no_network_stands_alone(cells: dict[str, str]) -> None:
    round_ = two_towns()
    round_["slots"][1] |= cells
    assert components_of(round_) == (["ab"], ["cd"])


def test_rules_that_cannot_matter_stay_in_the_network() -> None:
    round_ = two_towns()
    round_["slots"][0] |= {"min_group": "1", "single_school": "true"}
    round_["employers"] = [{"employer_id": "E1", "max_at_once": "1"}, {"employer_id": "E2", "max_at_once": "1"}]
    round_["schools"] = [{"school_id": f"S{one}", "postcode": "", "max_out_at_once": "2"} for one in (1, 2)]
    assert components_of(round_, Policy(places_per_student=2)) == (["ab", "cd"], [])


def test_companions_connect() -> None:
    round_ = two_towns()
    round_["students"][0]["companion_id"] = "cid"
    assert components_of(round_) == ([], ["abcd"])


def test_limits_for_a_day_connect_where_they_could_bind() -> None:
    round_ = two_towns()
    for row in round_["slots"]:
        row["employer_id"] = "E1"
    round_["employers"] = [{"employer_id": "E1", "max_at_once": "1"}]
    assert components_of(round_) == (["abcd"], [])
    round_["slots"][1]["dates"] = "2027-07-05"
    assert components_of(round_) == (["ab", "cd"], [])
    round_["schools"] = [{"school_id": f"S{one}", "postcode": "", "max_out_at_once": "1"} for one in (1, 2)]
    assert components_of(round_) == ([], ["ab", "cd"])


@pytest.mark.parametrize(
    ("dates", "groups"),
    [
        (["2027-06-07/2027-06-11"] * 3, [0, 0, 0]),
        (
            ["2027-06-07/2027-06-11", "2027-06-07", "2027-06-09;2027-06-11"],
            None,
        ),  # three on no day, yet two on two days
        (["2027-06-07/2027-06-11", "2027-06-07", "2027-06-07;2027-06-11"], [0, 0, 0]),
        (["2027-06-07", "2027-06-07/2027-06-08", "2027-06-08"], None),
        (["2027-06-07", "2027-06-07", "2027-07-05/2027-07-09"], [0, 0, -1]),
    ],
)
def test_employers_limit_leaves_the_network_where_dates_differ(dates: list[str], groups: list[int] | None) -> None:
    slots = [slot(f"L{at}", dates=when, capacity=2) for at, when in enumerate(dates)]
    round_ = make_round(
        [student(name) for name in "abcdef"], slots,
        wishes(a="L0", b="L0", c="L1", d="L1", e="L2", f="L2"), employers=[{"employer_id": "E1", "max_at_once": "3"}],
    )  # fmt: skip
    split = prepare(read(round_)).split
    assert split.network.all() == (groups is not None)
    assert split.groups.of_slot.tolist() == (groups or [-1, -1, -1])


def test_limits_that_count_more_than_there_are_stay_in_the_network() -> None:
    round_ = two_towns()
    round_["slots"][0]["capacity"] = "9"
    round_["preferences"] = wishes(ann=["L1", "L2"], bob="L1", cid="L2", dan="L2")
    # E1 offers nine seats and two may take them; three pairs of S1 are of two students.
    round_["employers"] = [{"employer_id": "E1", "max_at_once": "2"}, {"employer_id": "E2", "max_at_once": ""}]
    round_["schools"] = [{"school_id": f"S{one}", "postcode": "", "max_out_at_once": "2"} for one in (1, 2)]
    assert components_of(round_) == (["aabcd"], [])


def test_several_places_leave_the_network_where_somebody_has_two_choices() -> None:
    round_ = two_towns()
    round_["preferences"] = wishes(ann="L1", bob="L1", cid=["L2", "L1"], dan="L2")
    assert components_of(round_, Policy(places_per_student=2)) == ([], ["abccd"])


def towns(count: int, seed: int) -> Instance:
    """Towns of six students, three slots and random wishes, that share nothing."""
    rng = np.random.default_rng(seed)
    students, slots, ranked = [], [], {}
    for town in range(count):
        own = [f"L{town}{letter}" for letter in "abc"]
        slots += [slot(name, capacity=rng.integers(1, 3), reserved=rng.integers(0, 2)) for name in own]
        for one in range(6):
            name = f"t{town:02d}s{one}"
            students.append(student(name, priority=rng.choice([0, 100, 1000])))
            ranked[name] = list(rng.permutation(own)[: rng.integers(1, 4)])
    return read(make_round(students, slots, wishes(**ranked)), Policy(reserved_priority=500))


def solve_in_shares(prepared: Prepared, shares: int) -> list[Partial]:
    dealt = deal(prepared, shares=shares)
    assert (np.sum(dealt, axis=0) == prepared.pairs.feasible).all()
    solved_ = [solve_share(prepared, one, clock=lambda: 0.0, deadline=60.0, reporter=SILENT) for one in dealt]
    return [Partial.from_bytes(one.to_bytes()) for one in solved_]


@pytest.mark.parametrize("shares", [1, 2, 5, 40])
def test_any_number_of_shares_gives_the_same_files(shares: int) -> None:
    instance = towns(12, seed=shares)
    whole = solved(instance)[1].files()
    put_together = finish(prepare(instance), solve_in_shares(prepare(instance), shares))
    files = make_result(put_together, watch=Stopwatch(lambda: 0.0)).files()
    assert {name: data for name, data in files.items() if name != "run.json"} == {
        name: data for name, data in whole.items() if name != "run.json"
    }
    assert put_together.status == "optimal"


def test_shares_are_of_about_equal_size() -> None:
    prepared = prepare(towns(12, seed=1))
    sizes = [int(share.sum()) for share in deal(prepared, shares=3)]
    assert len(sizes) == 3
    assert max(sizes) - min(sizes) <= 18


def test_more_shares_than_components_are_not_made() -> None:
    assert len(deal(prepare(towns(2, seed=1)), shares=8)) == 2
    assert len(deal(prepare(read(make_round([], [], []))), shares=8)) == 1
