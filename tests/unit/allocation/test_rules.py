"""Each rule of a feasible pair on its own, with the figures it reports."""

from typing import Any

import pytest

from hub_allocation.eligibility import broken_rules, find_pairs
from hub_allocation.policy import Policy
from tests.unit.allocation.rounds import journey, make_round, read, slot, student, wishes


def broken(
    person: dict[str, Any], place: dict[str, Any], *, policy: Policy | None = None, **tables: Any
) -> list[tuple[str, dict[str, Any], str]]:
    """The broken rules of one student who ranks one slot."""
    round_ = make_round([student("ann", **person)], [slot("L1", **place)], wishes(ann="L1"), **tables)
    instance = read(round_, policy)
    return [(rule.code, rule.figures, rule.text) for rule in broken_rules(instance, find_pairs(instance), 0)]


def test_pair_that_breaks_no_rule_is_feasible() -> None:
    assert broken({}, {}) == []


def test_excluded_employer() -> None:
    assert broken({"excluded_employers": "E9;E1"}, {})[0][0] == "excluded_employer"
    assert broken({"excluded_employers": "E9"}, {}) == []


@pytest.mark.parametrize(
    ("birth_month", "first_day", "age"),
    [("2012-06", "2027-06-29", 14), ("2012-06", "2027-06-30", 15), ("2012-05", "2027-06-07", 15),
     ("2012-07", "2027-06-07", 14), ("2012-02", "2027-02-28", 14), ("2012-02", "2027-03-01", 15),
     ("2011-02", "2027-02-28", 16)],
)  # fmt: skip
def test_age_is_completed_years_with_the_birthday_on_the_last_day_of_the_month(
    birth_month: str, first_day: str, age: int
) -> None:
    told = broken({"birth_month": birth_month}, {"dates": f"2027-12-01;{first_day}", "min_age": "16"})
    expected = (
        [] if age >= 16 else [("too_young", {"age": age, "min_age": 16}, f"aged {age} on the first day, minimum 16")]
    )
    assert told == expected


def test_year_group() -> None:
    told = broken({"year_group": "10"}, {"year_groups": "11;12"})
    assert told == [("year_group", {"year_group": 10, "year_groups": [11, 12]}, "year 10, open to year 11 and 12")]


def test_every_day_of_a_slot_must_be_available() -> None:
    available = "2027-06-01/2027-06-08;2027-06-10/2027-06-30"
    told = broken({"available": available}, {"dates": "2027-06-07/2027-06-11"})
    assert told == [("dates", {"days_not_available": ["2027-06-09"]}, "not available on 2027-06-09")]
    assert broken({"available": available}, {"dates": "2027-06-07/2027-06-08;2027-06-10"}) == []


def test_adjacent_ranges_of_availability_join() -> None:
    assert broken({"available": "2027-06-09/2027-06-11;2027-06-07/2027-06-08"}, {}) == []


def test_access_needs_count_in_virtual_slots_too() -> None:
    told = broken({"access_needs": "signing;ramp"}, {"access_provided": "ramp", "mode": "virtual", "postcode": ""})
    assert told == [("access", {"not_provided": ["signing"]}, "does not provide signing")]


def test_past_sector_matters_only_when_variety_is_required() -> None:
    person, place = {"past_sectors": "arts;care"}, {"sector": "care"}
    assert broken(person, place, policy=Policy(variety="prefer")) == []
    assert broken(person, place, policy=Policy(variety="require"))[0][0] == "past_sector"


def test_limit_of_travel_with_figures() -> None:
    travel = [journey(74, mode="public_transport"), journey(90, mode="walk")]
    told = broken({"travel_modes": "walk;public_transport"}, {}, travel=travel)
    figures = {"minutes": 74, "mode": "public_transport", "limit": 60, "estimate": False}
    assert told == [("too_far", figures, "74 min by public transport, limit 60")]


def test_the_students_own_limit_goes_before_the_policys() -> None:
    assert broken({"max_travel_minutes": "80"}, {}, travel=[journey(74)]) == []
    assert broken({"max_travel_minutes": "0"}, {}, travel=[journey(1)])[0][0] == "too_far"


def test_missing_journey_is_infeasible_and_named_never_zero() -> None:
    told = broken({}, {}, travel=[journey(5, origin="WORK", destination="HOME")])
    assert told[0][0] == "no_travel_time"
    assert told[0][2] == "no travel time is known from HOME to WORK"


def test_mode_the_student_cannot_use_does_not_count() -> None:
    assert broken({"travel_modes": "walk"}, {}, travel=[journey(5, mode="car")])[0][0] == "no_travel_time"


def test_no_means_of_travel() -> None:
    assert [rule[0] for rule in broken({"travel_modes": ""}, {})] == ["no_travel_mode"]
    assert broken({"travel_modes": ""}, {"mode": "virtual", "postcode": ""}) == []


def test_hybrid_slots_need_the_journey() -> None:
    assert broken({}, {"mode": "hybrid"}, travel=[journey(61)])[0][0] == "too_far"


def test_every_broken_rule_is_kept() -> None:
    told = broken({"year_group": "9", "access_needs": "ramp"}, {"year_groups": "10"}, travel=[journey(99)])
    assert [rule[0] for rule in told] == ["year_group", "access", "too_far"]


def test_home_is_the_schools_postcode_when_blank() -> None:
    schools = [{"school_id": "S1", "postcode": "SCHOOL", "max_out_at_once": ""}]
    assert broken({"postcode": ""}, {}, travel=[journey(5, origin="SCHOOL")], schools=schools) == []


def test_equal_minutes_take_the_earlier_mode() -> None:
    travel = [journey(9, mode=mode) for mode in ("car", "public_transport", "cycle")]
    round_ = make_round(
        [student("ann", travel_modes="car;public_transport;cycle")], [slot("L1")], wishes(ann="L1"), travel=travel
    )
    pairs = find_pairs(read(round_))
    assert (pairs.minutes[0], pairs.mode[0]) == (9, 1)


def test_interest_ranks_follow_the_last_preference_feasible_or_not() -> None:
    people = [student("ann", interests="care;arts;care")]
    slots = [
        slot("L1", access_provided=""),
        slot("L2", sector="arts"),
        slot("L3", sector="care"),
        slot("L4", sector="law"),
    ]
    round_ = make_round(people, slots, [*wishes(ann=["L1"])])
    pairs = find_pairs(read(round_, Policy(use_interests=True)))
    assert [(read(round_).slots.ids[what], rank) for what, rank in zip(pairs.slot, pairs.rank, strict=True)] == [
        ("L1", 1), ("L3", 2), ("L2", 3),
    ]  # fmt: skip


def test_estimate_is_asked_only_where_the_table_has_no_row() -> None:
    postcodes = [
        {"postcode": "HOME", "lat": "53.40", "lon": "-2.99"},
        {"postcode": "WORK", "lat": "53.41", "lon": "-2.99"},
    ]
    # 0.01 degrees of latitude are 1.112 km; x 1.40 / 4.8 km/h = 19.46 min, rounded up.
    round_ = make_round([student("ann")], [slot("L1")], wishes(ann="L1"), travel=[], postcodes=postcodes)
    pairs = find_pairs(read(round_))
    assert (pairs.minutes[0], bool(pairs.estimated[0])) == (20, True)
    assert find_pairs(read(round_, Policy(travel="file"))).minutes[0] == -1
    round_["travel"] = [journey(33)]
    pairs = find_pairs(read(round_))
    assert (pairs.minutes[0], bool(pairs.estimated[0])) == (33, False)
