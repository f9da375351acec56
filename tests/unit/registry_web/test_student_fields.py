"""A student's form put together from its parts, without a page."""

import pytest

from hub_registry.errors import Finding, Invalid
from hub_registry.imports.sheet import Record
from hub_registry.students.vocabulary import USUAL_TAGS, Vocabulary, labelled, unknown_tags
from hub_registry.web.forms import Form
from hub_registry.web.slots.words import ACCESS
from hub_registry.web.students.fields import read_stretches, rows_for, typed_stretches
from hub_registry.web.students.forms import read

KNOWN = Vocabulary(["Education"], labelled([("E-1", "Tern Games"), ("E-2", "Gull Bank"), ("E-3", "gull  bank")]))


def form(**typed: str | list[str]) -> Form:
    given = {
        "first_name": "Moira",
        "last_name": "Quill",
        "mis_id": "1",
        "date_of_birth": "3/11/2011",
        "year_group": "10",
        "travel_modes": "walk",
        **typed,
    }
    return Form({name: value if isinstance(value, list) else [value] for name, value in given.items()})


def row(number: int, first: str, last: str = "") -> dict[str, str]:
    parts: dict[str, str] = {}
    for end, text in (("from", first), ("to", last)):
        day, month, year = text.split("/") if text else ("", "", "")
        names = (f"available-{number}-{end}-{part}" for part in ("day", "month", "year"))
        parts |= dict(zip(names, (day, month, year), strict=True))
    return parts


def wrong(sent: Form) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        read(sent, KNOWN, None)
    return {one.field or "": one.message for one in refused.value.findings}


def test_rows_of_days_become_stretches_in_order_and_back() -> None:
    found: list[Finding] = []
    sent = form(**row(1, "5/7/2027"), **row(2, "21/6/2027", "25/6/2027"), **row(3, ""))
    assert read_stretches(sent, found) == "2027-06-21/2027-06-25;2027-07-05"
    assert found == []
    shown = typed_stretches("2027-06-21/2027-06-25;2027-07-05;2027-08-02")
    assert (shown["available-2-from-day"], shown["available-2-to-day"], rows_for(shown)) == ("5", "5", 4)
    assert read_stretches(Form({name: [value] for name, value in shown.items()}), found) == (
        "2027-06-21/2027-06-25;2027-07-05;2027-08-02"
    )


def test_wrong_days_name_their_row() -> None:
    told = wrong(form(**row(1, "31/2/2027"), **row(2, "9/7/2027", "5/7/2027"), **row(3, "", "5/7/2027")))
    assert told == {
        "available-1-from": "first day 1: enter a day that exists, such as 11 6 2027",
        "available-2-to": "last day 2: it comes before the first",
        "available-3-from": "first day 3: enter it, or clear the last day",
    }
    overlapping = wrong(form(**row(1, "5/7/2027", "9/7/2027"), **row(2, "7/7/2027")))
    assert "overlap" in overlapping["available-1-from"]


def test_employers_are_found_by_name_and_reference_but_never_guessed() -> None:
    found = read(form(excluded_employers=["tern  games", "E-2", "Gull Bank (E-2)", ""]), KNOWN, None)
    assert found["excluded_employers"] == ["E-1", "E-2"]
    told = wrong(form(excluded_employers=["Tern Gamse", "Gull Bank"]))["excluded_employers"]
    assert "no employer 'Gull Bank'" in told
    assert "did you mean 'Tern Games'?" in wrong(form(excluded_employers="Tern Gamse"))["excluded_employers"]
    stored = {"excluded_employers": ["E-GONE"]}
    assert read(form(excluded_employers="E-GONE"), KNOWN, stored)["excluded_employers"] == ["E-GONE"]


def test_boxes_and_what_is_typed_beside_them_come_together() -> None:
    found = read(
        form(
            access_needs=["step_free"],
            access_other="Hearing loop, step free",
            interests=["", "Law", "Education", "Law"],
            past_sectors=["Education"],
            past_other="Farming",
        ),
        KNOWN,
        None,
    )
    assert found["access_needs"] == ["step_free", "hearing_loop"]
    assert found["interests"] == ["Law", "Education"]
    assert found["past_sectors"] == ["Education", "Farming"]


def test_every_finding_names_its_field() -> None:
    told = wrong(form(first_name="", mis_id="", travel_modes=[], year_group="5", access_other="!"))
    assert told["first_name"] == "enter a first name"
    assert told["mis_id"] == "enter the id in the school's information system"
    assert told["travel_modes"] == "choose at least one way to travel"
    assert told["year_group"].startswith("Year group: 5 is not between")
    assert told["access_other"].startswith("other access needs: '!'")


def test_tag_no_slot_provides_is_told_with_row_column_value_and_the_known_ones() -> None:
    records = [
        Record(row, {"access_needs": tags}) for row, tags in ((2, ["bsl"]), (3, ["step_fre"]), (7, ["step_fre"]))
    ]
    (told,) = unknown_tags(records, USUAL_TAGS)
    assert told == (
        "Row 3, 7, column access_needs: no slot provides 'step_fre', so the student could be placed nowhere. "
        "Did you mean step_free? Known are step_free, wheelchair, quiet_space, bsl."
    )
    assert unknown_tags([Record(2, {"access_needs": ["hoist"]}), Record(3, {})], [*USUAL_TAGS, "hoist"]) == []
    many = [Record(row, {"access_needs": [f"tag{row}"]}) for row in range(2, 52)]
    assert unknown_tags(many, USUAL_TAGS)[-1] == "30 more access needs are not known"


def test_the_boxes_are_the_usual_tags() -> None:
    assert tuple(ACCESS) == USUAL_TAGS
