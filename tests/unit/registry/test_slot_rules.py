"""What must go together in a slot, and what follows from it."""

from datetime import date

import pytest

from hub_registry.slots.columns import check
from hub_registry.slots.model import completed, outside


@pytest.mark.parametrize(
    ("slot", "wrong"),
    [
        ({"mode": "in_person", "postcode": ""}, ["postcode"]),
        ({"mode": "virtual", "postcode": ""}, []),
        ({"capacity": 2, "reserved": 3}, ["reserved"]),
        ({"capacity": 3, "reserved": 3}, []),
        ({"kind": "placement", "year_groups": [9, 10]}, ["year_groups"]),
        ({"kind": "visit", "year_groups": [7]}, []),
    ],
)
def test_fields_that_do_not_go_together(slot: dict[str, object], wrong: list[str]) -> None:
    assert [complaint.column for complaint in check(slot)] == wrong


def test_placement_without_year_groups_is_for_years_10_and_11() -> None:
    assert completed({"kind": "placement", "year_groups": []})["year_groups"] == [10, 11]
    assert completed({"kind": "visit", "year_groups": []})["year_groups"] == []


def test_first_and_last_day_follow_from_the_dates() -> None:
    slot = completed({"dates": "2027-06-07/2027-06-11;2027-07-05", "kind": "visit"})
    assert (slot["first_date"], slot["last_date"]) == (date(2027, 6, 7), date(2027, 7, 5))
    assert outside(slot, first=date(2027, 6, 1), last=date(2027, 7, 31)) is None
    assert outside(slot, first=date(2027, 6, 1), last=date(2027, 7, 4)) == date(2027, 7, 5)
