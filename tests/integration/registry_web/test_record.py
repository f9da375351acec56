"""The record: who saw and changed what, for the hub alone."""

import csv
import io

import pytest

from tests.integration.registry.world import SCHOOL_A, World, csv_of, student
from tests.integration.registry_web.test_signing_in import coordinator
from tests.support.visitor import Visitor


async def _with_students(world: World) -> str:
    """A school whose adviser entered two students and looked at one; gives that one's id."""
    await world.with_schools()
    adviser = await world.staff("adviser", school_id=SCHOOL_A)
    rows = [student("1001"), student("1002", first_name="=cmd|' /C calc'!A0", last_name="<script>alert(1)</script>")]
    await world.upload(adviser, f"/schools/{SCHOOL_A}/students/import", csv_of(*rows))
    listed = (await adviser.get("/students")).json()["items"]
    found = str(next(one["student_id"] for one in listed if one["mis_id"] == "1002"))
    await adviser.patch(f"/students/{found}", json={"max_travel_minutes": 45})
    return found


async def test_record_shows_views_and_changes_with_before_and_after(world: World) -> None:
    student_id = await _with_students(world)
    async with Visitor(world.app) as visitor:
        await visitor.sign_in(await coordinator(world))
        await visitor.open("/audit?what=1002")
        words = visitor.text()
        assert "max travel minutes: blank → 45" in words
        assert words.count(f"Seen student {student_id}") == 1
        assert "Created student" in words


async def test_record_is_searched_by_person_action_and_day(world: World) -> None:
    await _with_students(world)
    async with Visitor(world.app) as visitor:
        await visitor.sign_in(await coordinator(world))
        await visitor.open("/audit?action=seen&kind=student")
        assert visitor.text().count("Seen student") == 2
        await visitor.open("/audit?who=nobody-of-this-name")
        assert "Nothing in the record is like that." in visitor.text()
        await visitor.open("/audit?until=2001-01-01")
        assert "Nothing in the record is like that." in visitor.text()
        page = await visitor.open("/audit?since=yesterday")
        assert (page.status_code, "Enter a date, such as 2027-06-11" in visitor.text()) == (422, True)


async def test_record_goes_on_page_by_page_without_losing_a_line(world: World) -> None:
    await world.with_schools()
    adviser = await world.staff("adviser", school_id=SCHOOL_A)
    rows = [student(f"{1000 + number}") for number in range(60)]
    await world.upload(adviser, f"/schools/{SCHOOL_A}/students/import", csv_of(*rows))
    async with Visitor(world.app) as visitor:
        await visitor.sign_in(await coordinator(world))
        await visitor.open("/audit?kind=student")
        first = visitor.text().count("Created student")
        older = visitor.page.text.split('href="/audit?')[1].split('"')[0].replace("&amp;", "&")
        await visitor.open(f"/audit?{older}")
        assert first + visitor.text().count("Created student") == 60


async def test_downloads_of_the_record_calculate_nothing_in_a_spreadsheet(world: World) -> None:
    student_id = await _with_students(world)
    async with world.owner() as conn:
        await conn.execute("UPDATE staff SET name = '=1+1'")
    async with Visitor(world.app) as visitor:
        await visitor.sign_in(await coordinator(world))
        answer = await visitor.http.get("/audit.csv?action=changed&kind=student")
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert [(row["who"], row["subject_id"]) for row in rows] == [("'=1+1", student_id)]
        answer = await visitor.http.get("/audit.json?action=changed&kind=student")
        assert answer.json()[0]["after"] == {"max_travel_minutes": 45}


@pytest.mark.parametrize("address", ["/audit", "/audit.csv", "/audit.json", "/audit.exe"])
async def test_record_is_not_there_for_others(world: World, address: str) -> None:
    await world.with_schools()
    adviser = await world.staff("adviser", school_id=SCHOOL_A)
    async with Visitor(world.app) as visitor:
        await visitor.sign_in((await adviser.get("/me")).json()["staff_id"])
        assert (await visitor.open(address)).status_code == 404


@pytest.mark.parametrize("address", ["/accessibility", "/privacy", "/data-sources"])
async def test_statements_are_for_anybody(world: World, address: str) -> None:
    async with Visitor(world.app) as visitor:
        assert (await visitor.open(address)).status_code == 200
