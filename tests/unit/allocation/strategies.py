"""Random small rounds that use every rule, for hypothesis."""

from typing import Any

from hypothesis import strategies as st

from hub_allocation.policy import Policy
from tests.unit.allocation.rounds import Round, Row, journey, slot, student

SECTORS = ("arts", "care", "code")
WEEKS = ("2027-06-07/2027-06-11", "2027-06-14/2027-06-18", "2027-06-07;2027-06-09")
TAGS = ("ramp", "signing")
RANK_COSTS: list[str | tuple[int, ...]] = ["quadratic", "linear", (0, 0, 5), (3, 1), (0, 2, 7, 100000)]


def some(choices: tuple[str, ...], *, most: int = 2) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(choices), max_size=most, unique=True).map(";".join)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    return Policy(
        rank_cost=draw(st.sampled_from(RANK_COSTS)),
        use_interests=draw(st.booleans()),
        default_max_travel_minutes=draw(st.sampled_from([20, 60])),
        reserved_priority=draw(st.sampled_from([1, 500, 1000])),
        variety=draw(st.sampled_from(["off", "prefer", "require"])),
        lottery_seed=draw(st.sampled_from(["0", "seed", "ü"])),
    )


@st.composite
def rounds(draw: st.DrawFn, *, students: int = 5, slots: int = 4, rules: bool = True) -> Round:
    offered = [draw(a_slot(f"L{at}", rules=rules)) for at in range(draw(st.integers(1, slots)))]
    names = [row["slot_id"] for row in offered]
    people = [draw(a_student(f"P{at}", names, rules=rules)) for at in range(draw(st.integers(1, students)))]
    preferences: list[Row] = []
    for person in people:
        ranked = draw(st.lists(st.sampled_from(names), unique=True, max_size=4))
        rank = 1
        for place, what in enumerate(ranked):
            rank += place > 0 and draw(st.integers(0, 3)) > 0
            preferences.append({"student_id": person["student_id"], "rank": str(rank), "slot_id": what})
    travel = [
        journey(draw(st.integers(0, 40)), origin=origin, destination=destination, mode=mode)
        for origin in ("H1", "H2", "HS")
        for destination in ("W1", "W2")
        for mode in ("walk", "cycle", "car")
        if draw(st.integers(0, 5)) > 0
    ]
    schools = [
        {"school_id": "S1", "postcode": "HS", "max_out_at_once": ""},
        {"school_id": "S2", "postcode": "", "max_out_at_once": "99"},
    ]
    return {"students": people, "slots": offered, "preferences": preferences, "travel": travel, "schools": schools}


@st.composite
def a_student(draw: st.DrawFn, name: str, slots: list[str], *, rules: bool) -> Row:
    cells: dict[str, Any] = {
        "school_id": draw(st.sampled_from(["S1", "S1", "S2"])),
        "postcode": draw(st.sampled_from(["H1", "H2", ""])),
        "travel_modes": draw(st.sampled_from(["walk;cycle", "walk;car", "cycle;walk;car", ""])),
        "priority": draw(st.sampled_from(["", "0", "3", "500", "1000"])),
    }
    if rules:
        cells |= {
            "year_group": draw(st.sampled_from(["10", "10", "11"])),
            "birth_month": draw(st.sampled_from(["2012-05", "2012-06", "2011-12"])),
            "max_travel_minutes": draw(st.sampled_from(["", "", "15"])),
            "available": draw(st.sampled_from(["", "", "2027-06-01/2027-06-13", "2027-06-07/2027-06-08;2027-06-09"])),
            "access_needs": draw(some(TAGS, most=1)) if draw(st.booleans()) else "",
            "past_sectors": draw(some(SECTORS)),
            "interests": draw(some(SECTORS)),
            "excluded_employers": draw(st.sampled_from(["", "", "E2"])),
            "pinned_slot_id": draw(st.sampled_from(["", "", "", "", draw(st.sampled_from(slots))])),
        }
    return student(name, **cells)


@st.composite
def a_slot(draw: st.DrawFn, name: str, *, rules: bool) -> Row:
    capacity = draw(st.integers(0, 3))
    limit = draw(st.sampled_from(["none", "none", "reserved", "school"]))
    cells: dict[str, Any] = {
        "employer_id": draw(st.sampled_from(["E1", "E2"])),
        "postcode": draw(st.sampled_from(["W1", "W2"])),
        "capacity": capacity,
        "reserved": draw(st.integers(0, capacity)) if limit == "reserved" else "",
        "max_per_school": draw(st.integers(0, 2)) if limit == "school" else "",
        "mode": draw(st.sampled_from(["in_person", "in_person", "virtual", "hybrid"])),
    }
    if rules:
        cells |= {
            "sector": draw(st.sampled_from(["", *SECTORS])),
            "dates": draw(st.sampled_from(WEEKS)),
            "min_age": draw(st.sampled_from(["", "", "15"])),
            "year_groups": draw(st.sampled_from(["", "", "10", "10;11"])),
            "access_provided": draw(some(TAGS)),
        }
    return slot(name, **cells)
