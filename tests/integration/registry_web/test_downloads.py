"""Downloads: every table a person may see, no more of it than they may see, and nothing that calculates."""

import csv
import io
from typing import Any

import httpx
import pytest

from hub_registry.access.principal import Role
from hub_registry.downloads.tables import TABLES
from hub_registry.web.tables import as_csv
from tests.integration.registry.world import SCHOOL_A, SCHOOL_B, World, csv_of, student
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.advisers import adviser
from tests.support.visitor import Visitor


async def _entered(world: World) -> tuple[httpx.AsyncClient, dict[str, dict[str, Any]]]:
    """Two schools with a student each and an employer with a slot; gives an adviser, and belongings by role."""
    await world.with_schools()
    _, employer_id = await world.with_slots()
    for school, mis_id in ((SCHOOL_A, "1001"), (SCHOOL_B, "1002")):
        adviser = await world.staff("adviser", school_id=school)
        await world.upload(adviser, f"/schools/{school}/students/import", csv_of(student(mis_id, first_name="=1+1")))
    return adviser, {"adviser": {"school_id": SCHOOL_A}, "employer": {"employer_id": employer_id}, "hub": {}}


async def _rows(visitor: Visitor, name: str) -> list[dict[str, str]]:
    answer = await visitor.http.get(f"/downloads/{name}.csv")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize(("role", "schools"), [("adviser", {SCHOOL_A}), ("hub", {SCHOOL_A, SCHOOL_B})])
async def test_students_are_downloaded_by_those_who_may_see_them(world: World, role: str, schools: set[str]) -> None:
    _, belongs = await _entered(world)
    somebody = await world.staff(role, **belongs[role])
    async with Visitor(world.app) as visitor:
        await visitor.sign_in((await somebody.get("/me")).json()["staff_id"])
        rows = await _rows(visitor, "students")
        assert {row["school_id"] for row in rows} == schools
        assert {row["first_name"] for row in rows} == {"'=1+1"}
        assert await world.count("student_view") == len(rows)


@pytest.mark.parametrize("role", ["adviser", "employer", "hub"])
async def test_every_table_listed_can_be_downloaded_both_ways(world: World, role: str) -> None:
    _, belongs = await _entered(world)
    somebody = await world.staff(role, **belongs[role])
    async with Visitor(world.app) as visitor:
        await visitor.sign_in((await somebody.get("/me")).json()["staff_id"])
        page = await visitor.open("/downloads")
        for table in TABLES[Role(role)]:
            assert f'href="/downloads/{table.name}.csv"' in page.text
            await _rows(visitor, table.name)
            assert isinstance((await visitor.http.get(f"/downloads/{table.name}.json")).json(), list)
        assert (await visitor.http.get("/downloads/token.csv")).status_code == 404
        assert (await visitor.http.get("/downloads/slots.exe")).status_code == 404


async def test_employer_downloads_neither_students_nor_others_slots(world: World) -> None:
    _, belongs = await _entered(world)
    somebody = await world.staff("employer", **belongs["employer"])
    async with world.owner() as conn:
        await conn.execute("UPDATE employer SET name = 'Own'")
    async with Visitor(world.app) as visitor:
        await visitor.sign_in((await somebody.get("/me")).json()["staff_id"])
        assert (await visitor.http.get("/downloads/students.csv")).status_code == 404
        assert {row["employer"] for row in await _rows(visitor, "slots")} == {"Own"}


async def test_file_for_compass_has_what_the_schools_own_students_are_down_for(rounds: RoundWorld) -> None:
    await rounds.published()
    async with rounds.world.owner() as conn:
        await conn.execute("UPDATE student SET first_name = '=1+1' WHERE mis_id = '2001'")
        await conn.execute("UPDATE slot SET kind = 'talk' WHERE slot_ref = 'S-GAMES'")
    for school in (SCHOOL_A, SCHOOL_B):
        placed = await rounds.fetch(
            "SELECT s.upn, l.slot_ref FROM placement JOIN student s USING (student_id) JOIN slot l USING (slot_id) "
            "WHERE s.school_id = $1",
            school,
        )
        seen = await rounds.world.count("student_view")
        async with adviser(rounds.world, school) as visitor:
            rows = await _rows(visitor, "compass")
        assert {(row["UPN"], row["Reference"]) for row in rows} == {(row["upn"], row["slot_ref"]) for row in placed}
        assert placed
        assert await rounds.world.count("student_view") == seen + len(rows)
        for row in rows:
            talk = row["Reference"] == "S-GAMES"
            assert (row["Activity type"], row["Gatsby benchmark"]) == (
                ("Employer talk", "5") if talk else ("Work experience", "6")
            )
            assert (row["Start date"], row["End date"], row["Status"]) == ("28/06/2027", "02/07/2027", "Planned")
            assert row["Organisation"] == "Tern Tide Games Studio (invented)"
            assert "student_id" not in row
            assert row["Forename"][0] != "="


async def test_withdrawn_slots_are_left_out_for_compass_and_named_among_placements(rounds: RoundWorld) -> None:
    await rounds.published_with_games_withdrawn()
    async with adviser(rounds.world) as visitor:
        assert [(row["Reference"], row["Status"]) for row in await _rows(visitor, "compass")] == [("S-WEB", "Planned")]
        placed = await _rows(visitor, "placements")
    assert {(row["mis_id"], row["slot_ref"], row["slot_state"]) for row in placed} == {
        ("1001", "S-GAMES", "withdrawn"),
        ("1001", "S-WEB", "published"),
        ("1002", "S-GAMES", "withdrawn"),
    }


@pytest.mark.parametrize("role", ["employer", "hub"])
async def test_file_for_compass_is_for_the_schools_own_staff_only(world: World, role: str) -> None:
    _, belongs = await _entered(world)
    somebody = await world.staff(role, **belongs[role])
    async with Visitor(world.app) as visitor:
        await visitor.sign_in((await somebody.get("/me")).json()["staff_id"])
        assert "compass" not in (await visitor.open("/downloads")).text
        assert (await visitor.http.get("/downloads/compass.csv")).status_code == 404
        assert (await visitor.http.get("/downloads/compass.json")).status_code == 404


@pytest.mark.parametrize("cell", ["=1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_cell_that_would_calculate_is_text(cell: str) -> None:
    rows = list(csv.reader(io.StringIO(as_csv(["a"], [{"a": cell}]).decode("utf-8-sig"), newline="")))
    assert rows[1] == [f"'{cell}"]


def test_numbers_stay_numbers() -> None:
    assert as_csv(["a", "b", "c"], [{"a": -5, "b": None, "c": True}]).endswith(b"-5,,yes\r\n")
