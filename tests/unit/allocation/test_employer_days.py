"""An employer's limit for a day whose dates agree: a limit of the network, with a price, proven like any other."""

import json
import re

import pytest

from hub_allocation.change.loaded import ChangeRefused, Loaded
from hub_allocation.recruit import seat_values
from hub_allocation.result import Result
from hub_allocation.solve import Solved
from hub_allocation.verify import verify
from tests.unit.allocation.rounds import Round, make_round, read, slot, solved, student, wishes


def shared(most: int = 2) -> Round:
    """Four students on four seats of two slots, whose employer has two students at once; and a seat elsewhere."""
    people = [student(name, priority=priority) for name, priority in (("ann", 9), ("bob", 5), ("cat", 3), ("dan", 0))]
    slots = [slot("L1"), slot("L2", capacity=3, dates="2027-06-08/2027-06-09"), slot("M1", employer_id="E2")]
    ranked = wishes(ann=["L1", "L2"], bob=["L1", "L2"], cat=["L2", "M1"], dan=["L2", "L1"])
    caps = [{"employer_id": "E1", "max_at_once": str(most)}, {"employer_id": "E2", "max_at_once": ""}]
    return make_round(people, slots, ranked, employers=caps)


def answer() -> tuple[Solved, Result]:
    return solved(read(shared()))


def test_limit_is_kept_and_proven_by_a_price() -> None:
    outcome, result = answer()
    files = result.files()
    assert files["allocations.csv"].decode().split()[1:] == ["ann,L1,1,10,walk", "bob,L2,2,10,walk", "cat,M1,2,10,walk"]
    assert re.search(r"\nemployer,L1,,\d", files["certificate.csv"].decode())
    verdict = verify(outcome.instance, files)
    assert verdict.accepted
    assert verdict.searched == 0


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (r"\nemployer,L1.*", "", "does not prove an optimum"),
        (r"\nemployer,L1,,1", r"\nemployer,L1,,-1", "is negative"),
        (r"\nemployer,L1", r"\nemployer,L2", "L2 has no limit employer"),
        (r"\nemployer,L1,", r"\nemployer,L1,S1", "L1 has no limit employer"),
        (r"(\nemployer),L1", r"\1,M1", "M1 has no limit employer"),
    ],
)
def test_tampered_price_of_the_limit_is_refused(old: str, new: str, reason: str) -> None:
    outcome, result = answer()
    files = result.files()
    text, count = re.subn(old, new, files["certificate.csv"].decode())
    assert count == 1
    reasons = verify(outcome.instance, {**files, "certificate.csv": text.encode()}).reasons
    assert any(reason in line for line in reasons), reasons


def test_price_of_a_limit_that_is_not_reached_is_refused() -> None:
    roomy = shared(most=3) | {"preferences": wishes(ann="L1", bob=["M1", "L2"], cat=["M1", "L2"], dan="L2")}
    roomy["slots"][2]["capacity"] = "2"
    outcome, result = solved(read(roomy))
    assert len(outcome.chosen) == 4
    files = result.files()
    assert "employer" not in files["certificate.csv"].decode()
    header, *rows = files["certificate.csv"].decode().splitlines()
    priced = "\n".join([header, "employer,L1,,1,0,0,0,0,0", *rows, ""]).encode()
    reasons = verify(outcome.instance, {**files, "certificate.csv": priced}).reasons
    assert any("employer at L1 has a price and is not reached" in line for line in reasons), reasons


def test_what_overriding_costs_is_exact_under_the_limit() -> None:
    lines = [json.loads(line) for line in answer()[1].files()["explanations.jsonl"].decode().splitlines()]
    dan = next(line for line in lines if line.get("student_id") == "dan")
    missed = dan["better"][0]
    assert (missed["slot_id"], missed["limit"]) == ("L2", "employer_day")
    assert missed["if_overridden"]["kind"] == "exact"


def test_pin_that_is_lifted_makes_room_under_a_limit_that_pins_fill() -> None:
    """Ann's own pin counts towards the limit that keeps L2 shut; of cat's the limit knows nothing."""
    round_ = shared()
    round_["students"] = [
        student("ann", pinned_slot_id="L1"), student("bob", pinned_slot_id="L1"),
        student("cat", pinned_slot_id="M1"), student("dan"),
    ]  # fmt: skip
    round_["slots"][0]["capacity"] = "2"
    round_["preferences"] = wishes(ann=["L2", "L1"], bob="L1", cat=["L2", "M1"], dan="L2")
    lines = [json.loads(line) for line in solved(read(round_))[1].explanations]
    told = {line["student_id"]: [one["if_overridden"] for one in line["better"]] for line in lines if "better" in line}
    [said] = told["ann"]
    assert (said["kind"], said["others"]) == ("exact", [])
    assert [said["kind"] for who in ("cat", "dan") for said in told[who]] == ["impossible", "impossible"]


def test_one_more_seat_gains_what_the_limit_lets_it() -> None:
    outcome, _ = answer()
    values = seat_values(outcome.prepared, outcome.chosen)
    assert values.exact.tolist() == [True, True, True]
    by_name = dict(zip(outcome.instance.slots.ids, values.change.tolist(), strict=True))
    assert by_name["L1"] == [0, 0, 0, -1, 0]  # bob moves up to the first choice; nobody else comes to the employer
    assert by_name["L2"] == [0, 0, 0, 0, 0]


def test_changes_in_memory_are_refused_where_the_limit_binds() -> None:
    outcome, _ = answer()
    with pytest.raises(ChangeRefused, match="limit for a day binds"):
        Loaded(outcome.instance, outcome.pairs, outcome.chosen)
    free, _ = solved(read(shared(most=4)))
    assert Loaded(free.instance, free.pairs, free.chosen).add_seat("M1").levels
