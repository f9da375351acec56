"""The days of a slot: typed, shifted, listed."""

from datetime import date

import pytest

from hub_registry.errors import Finding
from hub_registry.slots.shifting import shifted, single_days, weeks_between
from hub_registry.web.forms import Form
from hub_registry.web.slots.days import read_days, typed_days

WRITTEN = "2027-06-07/2027-06-11;2027-06-14;2027-06-21/2027-06-22"


def _form(**fields: str) -> Form:
    return Form({name.replace("__", "-"): [value] for name, value in fields.items()})


def test_days_are_read_back_as_they_were_written() -> None:
    found: list[Finding] = []
    assert read_days(Form({name: [text] for name, text in typed_days(WRITTEN).items()}), found) == WRITTEN
    assert found == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ("9/6/2027", "more_days"),  # named twice
        ("31/6/2027", "more_days"),
        ("1/7/2027 to 2/7/2027 to 3/7/2027", "more_days"),
        ("2/7/2027 to 1/7/2027", "more_days"),
    ],
)
def test_days_that_can_not_be_are_told_at_their_field(more: str, field: str) -> None:
    found: list[Finding] = []
    fields = {**typed_days("2027-06-07/2027-06-11"), "more_days": more}
    assert read_days(Form({name: [text] for name, text in fields.items()}), found) == ""
    assert [one.field for one in found] == [field]


def test_one_day_needs_no_last_day() -> None:
    found: list[Finding] = []
    fields = {"first_date__day": "7", "first_date__month": "6", "first_date__year": "2027"}
    assert (read_days(_form(**fields), found), found) == ("2027-06-07", [])


def test_shifting_keeps_days_of_the_week() -> None:
    moved = shifted(WRITTEN, weeks=52)
    assert [day.weekday() for day in single_days(moved)] == [day.weekday() for day in single_days(WRITTEN)]
    assert shifted(moved, weeks=-52) == WRITTEN
    assert weeks_between(date(2027, 6, 1), date(2028, 5, 30)) == 52
    assert len(single_days(WRITTEN)) == 8
