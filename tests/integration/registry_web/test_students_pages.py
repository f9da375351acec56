"""An adviser's home and the pages about students."""

import re
from typing import Any

import pytest

from tests.integration.registry.world import SCHOOL_A, SCHOOL_B
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.advisers import adviser, student_id
from tests.integration.registry_web.typing_days import days
from tests.support.visitor import Visitor

HOSTILE = "<script>alert(1)</script>"


def new_student(**other: Any) -> dict[str, Any]:
    """What a person types for one student."""
    typed = {
        "first_name": "Moira",
        "last_name": "Quill",
        "mis_id": "1050",
        "date_of_birth": "3/11/2011",
        "year_group": "10",
        "travel_modes": ["walk", "public_transport"],
        "max_travel_minutes": "45",
        "home_postcode": "l13 3ba",
        **days(1, "21 6 2027", "9 7 2027"),
        "access_needs": ["step_free", "quiet_space"],
        "consent": "yes",
    }
    return {**typed, **other}


async def test_home_says_what_is_due_when_and_who_lacks_what(rounds: RoundWorld) -> None:
    await rounds.open()
    async with adviser(rounds.world) as ann:
        assert f"School {SCHOOL_A}" in ann.text()
        assert "choices are due in 9 days" in ann.text()
        assert "3 students without any choice" in ann.text()
        await rounds.submit()
        await rounds.world.upload(
            rounds.hub,
            f"/schools/{SCHOOL_A}/students/import",
            b"mis_id,first_name,last_name,date_of_birth,year_group,travel_modes,max_travel_minutes,consent\n"
            b"1001,Erin,Lunt,2011-11-03,10,walk,1,\n",
        )
        await ann.open("/")
        assert "1 student without any choice" in ann.text()
        assert "1 student with no choice that can work" in ann.text()
        assert "1 student without a parent's answer on consent" in ann.text()


async def test_list_is_filtered_and_says_whose_choices_cannot_work(rounds: RoundWorld) -> None:
    await rounds.open()
    await rounds.submit()
    await rounds.execute("UPDATE student SET max_travel_minutes = 1 WHERE mis_id = '1001'")
    await rounds.execute("UPDATE student SET first_name = 'Robert', last_name = $1 WHERE mis_id = '1003'", HOSTILE)
    ways = {"1001": "{public_transport,walk}", "1002": "{walk,public_transport,car}", "1003": "{walk}"}
    for mis_id, modes in ways.items():
        await rounds.execute("UPDATE student SET travel_modes = $1::text::text[] WHERE mis_id = $2", modes, mis_id)
    async with adviser(rounds.world) as ann:
        await ann.open("/students")
        assert "3 students" in ann.text()
        assert "none can work" in ann.text()
        assert HOSTILE not in ann.page.text
        for query, expected in (
            ("q=zo%C3%AB", ["Zoë"]),
            ("q=1001", ["Erin"]),
            ("preferences=no", ["Robert"]),
            ("preferences=yes", ["Erin", "Zoë"]),
            ("chance=none", ["Erin"]),
            ("year=11", []),
            ("year=x&page=x&consent=?", ["Erin", "Zoë", "Robert"]),
            ("consent=unknown", []),
            ("travel=usual", ["Erin"]),
            ("page=99999999", []),
        ):
            await ann.open(f"/students?{query}")
            found = {name for name in ("Erin", "Zoë", "Robert") if f", {name}" in ann.text()}
            assert found == set(expected), query


async def test_student_shows_limits_priority_and_choices_with_the_reason_in_figures(rounds: RoundWorld) -> None:
    await rounds.open()
    await rounds.submit()
    await rounds.execute("UPDATE student SET max_travel_minutes = 5, free_school_meals = true WHERE mis_id = '1001'")
    async with adviser(rounds.world) as ann:
        await ann.open(f"/students/{await student_id(rounds.world, '1001')}")
        assert "not possible : 41 min by public transport (estimate), limit 5" in ann.text()
        assert "Priority: 300 of 1,000" in ann.text()
        assert "10 of the 10 days every student is due are still missing 200" in ann.text()
        assert "Free school meals 100" in ann.text()


async def test_student_is_entered_changed_and_leaves_and_comes_back(rounds: RoundWorld) -> None:
    async with adviser(rounds.world) as ann:
        await ann.open("/students/new")
        await ann.send(new_student())
        assert "Moira Quill has been added." in ann.page.text
        assert "Step-free; A quiet space" in ann.text()
        assert "21 June to 9 July 2027" in ann.text()
        address = str(ann.page.url)
        await ann.open(f"{address}/edit")
        assert 'value="L13 3BA"' in ann.page.text
        assert re.search(r'name="available-1-to-month"[^>]*value="7"', ann.page.text)
        assert re.search(r'value="quiet_space"[^>]* checked', ann.page.text)
        await ann.send(new_student(max_travel_minutes="30", access_needs=""))
        assert "30 minutes" in ann.text()
        await ann.open(f"{address}/leave")
        await ann.send()
        assert "Moira Quill is marked as having left." in ann.page.text
        assert "Quill, Moira" not in ann.text()
        await ann.open(f"{address}/leave")
        await ann.send()
        assert "Moira Quill is back." in ann.page.text
    facts = await rounds.facts("StudentsEntered")
    assert [(one["created"], one["updated"]) for one in facts[-4:]] == [(1, 0), (0, 1), (0, 1), (0, 1)]


async def test_sent_twice_is_entered_once_and_save_and_add_another_goes_on(rounds: RoundWorld) -> None:
    async with adviser(rounds.world) as ann:
        await ann.open("/students/new")
        form = ann.page
        await ann.send(new_student(then="another"))
        assert ann.page.url.path == "/students/new"
        ann.page = form
        await ann.send(new_student(then="another"))
        assert ann.page.status_code == 200
    assert await rounds.world.count("student WHERE mis_id = '1050'") == 1


async def test_wrong_fields_are_named_and_what_was_typed_stays(rounds: RoundWorld) -> None:
    async with adviser(rounds.world) as ann:
        await ann.open("/students/new")
        typed = new_student(first_name=HOSTILE, date_of_birth="31/2/2011", year_group="5", last_name="", upn="X1")
        del typed["travel_modes"]
        await ann.send(typed)
        assert ann.page.status_code == 422
        for told in (
            "Date of birth: there is no day 31/2/2011",
            "Year group: 5 is not between 7 and 13",
            "Enter a last name",
            "Choose at least one way to travel",
            "Unique pupil number (UPN): &#39;X1&#39; is not a UPN",
        ):
            assert told in ann.page.text, told
        assert HOSTILE not in ann.page.text
        assert "&lt;script&gt;" in ann.page.text
        await ann.send(new_student(mis_id="1001"))
        assert "The school has a student with this MIS id already" in ann.page.text
        assert 'href="#mis_id"' in ann.page.text


async def test_choices_are_ticked_ranked_and_named_and_stay_as_they_were_entered(rounds: RoundWorld) -> None:
    fields = new_student(
        interests=["Digital and media", ""],
        past_sectors=["Digital and media"],
        past_other="Farming",
        excluded_employers=["tern tide games studio (invented)"],
        access_other="hearing loop",
        **days(2, "2 8 2027", "2 8 2027"),
    )
    async with adviser(rounds.world) as ann:
        await ann.open("/students/new")
        assert "<option>Tern Tide Games Studio (invented)" in ann.page.text
        await ann.send(fields)
        assert "Tern Tide Games Studio (invented)" in ann.text()
        assert "21 June to 9 July 2027, 2 August 2027" in ann.text()
        await ann.open(f"{ann.page.url}/edit")
        assert re.search(r'value="Farming"[^>]* checked', ann.page.text)
        assert re.search(r'value="hearing_loop"[^>]* checked', ann.page.text)
        assert re.search(r'<option value="Digital and media"[^>]* selected', ann.page.text)
        assert '<details class="govuk-details" open>' in ann.page.text
        assert len(ann.page.content) < 60_000
    (stored,) = await rounds.fetch(
        "SELECT interests, past_sectors, excluded_employers, access_needs, available FROM student WHERE mis_id = '1050'"
    )
    assert [list(stored[name]) for name in ("interests", "past_sectors", "excluded_employers", "access_needs")] == [
        ["Digital and media"],
        ["Digital and media", "Farming"],
        ["E-TERN"],
        ["step_free", "quiet_space", "hearing_loop"],
    ]
    assert stored["available"] == "2027-06-21/2027-07-09;2027-08-02"


async def test_employer_nobody_knows_and_a_day_that_does_not_exist_are_told_at_their_fields(rounds: RoundWorld) -> None:
    async with adviser(rounds.world) as ann:
        await ann.open("/students/new")
        typed = {**new_student(excluded_employers=["Tern Tide Games", HOSTILE]), **days(1, "31 2 2027", "9 7 2027")}
        await ann.send(typed)
        assert ann.page.status_code == 422
        assert "did you mean &#39;Tern Tide Games Studio (invented)&#39;?" in ann.page.text
        assert 'href="#excluded_employers"' in ann.page.text
        assert "First day 1: enter a day that exists" in ann.page.text
        assert 'href="#available-1-from"' in ann.page.text
        assert 'id="available-1-from"' in ann.page.text
        assert HOSTILE not in ann.page.text
        assert 'value="Tern Tide Games"' in ann.page.text
    assert await rounds.world.count("student WHERE mis_id = '1050'") == 0


async def test_change_of_what_somebody_else_changed_shows_both(rounds: RoundWorld) -> None:
    async with adviser(rounds.world) as ann:
        await ann.open(f"/students/{await student_id(rounds.world, '1001')}/edit")
        await rounds.execute("UPDATE student SET max_travel_minutes = 20 WHERE mis_id = '1001'")
        await ann.send(new_student(mis_id="1001", max_travel_minutes="77"))
        assert ann.page.status_code == 412
        assert "Longest journey, one way 20 77" in ann.text()
        await ann.send(new_student(mis_id="1001", max_travel_minutes="77"))
        assert "77 minutes" in ann.text()


@pytest.mark.parametrize("path", ["", "/edit", "/leave"])
async def test_another_schools_student_is_not_there(rounds: RoundWorld, path: str) -> None:
    async with adviser(rounds.world, SCHOOL_B) as ben, adviser(rounds.world) as ann:
        address = f"/students/{await student_id(rounds.world, '1001')}{path}"
        assert (await ben.open(address)).status_code == 404
        assert "Erin" not in ben.page.text
        if path:
            await ann.open(address)
            await ben.open("/students/new")
            token = ben.form()[1].split('name="csrf_token" value="')[1].split('"')[0]
            answer = await ben.http.post(address, data={**new_student(), "csrf_token": token})
            assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/students", "/students/new", "/students/not-an-id"])
async def test_pages_of_advisers_are_not_there_for_the_hub(rounds: RoundWorld, path: str) -> None:
    staff_id = (await rounds.hub.get("/me")).json()["staff_id"]
    async with Visitor(rounds.world.app) as visitor:
        await visitor.sign_in(staff_id)
        assert (await visitor.open(path)).status_code == 404
