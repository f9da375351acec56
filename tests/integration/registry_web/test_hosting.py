"""Who is coming, by page: published rounds only, and no more of a student than a host needs."""

from uuid import UUID

from hub_schemas.ids import new_id
from tests.integration.registry.world import SCHOOL_A, SCHOOL_B
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.hosts import another_employer, host, slot_id_of
from tests.integration.registry_web.hub_pages import day, person


async def _adviser(rounds: RoundWorld, school_id: str, name: str, *, active: bool = True) -> None:
    await rounds.execute(
        "INSERT INTO staff (staff_id, hub_id, role, name, email, school_id, active) "
        "VALUES ($1, $2, 'adviser', $3, $4, $5, $6)",
        new_id(),
        rounds.world.hub_id,
        name,
        f"{name.lower()}@school.example",
        school_id,
        active,
    )


async def test_nobody_is_shown_before_publication(rounds: RoundWorld) -> None:
    await _adviser(rounds, SCHOOL_A, "Amal")
    await rounds.approved()
    slot_id = await slot_id_of(rounds, "S-GAMES")
    async with host(rounds.world, rounds.employer_id) as visitor:
        await visitor.open("/coming")
        assert "Nobody yet" in visitor.text()
        await visitor.open(f"/coming/{slot_id}")
        assert "Erin" not in visitor.page.text
        assert "Amal" not in visitor.page.text


async def test_host_sees_first_name_year_needs_school_and_whom_to_write_to(rounds: RoundWorld) -> None:
    await _adviser(rounds, SCHOOL_A, "Amal")
    await _adviser(rounds, SCHOOL_A, "Gone", active=False)
    await rounds.published()
    slot_id = await slot_id_of(rounds, "S-GAMES")
    async with host(rounds.world, rounds.employer_id) as visitor:
        await visitor.open("/coming")
        assert "A week making games" in visitor.text()
        await visitor.open(f"/coming/{slot_id}")
        assert "Zoë Year 10" in visitor.text()
        assert "Step-free" in visitor.text()
        assert "Amal amal@school.example" in visitor.text()
        assert "Gone" not in visitor.page.text
        for hidden in ("Lunt", "L13 3BA", "2011", "K9995", "rank", "1002"):
            assert hidden not in visitor.page.text, hidden
        seen = await rounds.fetch("SELECT DISTINCT student_id FROM student_view WHERE page = 'coming'")
        placed = await rounds.fetch("SELECT DISTINCT student_id FROM placement WHERE slot_id = $1", slot_id)
        assert {row["student_id"] for row in seen} == {row["student_id"] for row in placed}
        await visitor.open("/coming/days/2027-06-30")
        assert "Sheet for Wednesday 30 June 2027" in visitor.text()
        assert "Zoë" in visitor.text()
        assert "Amal" in visitor.text()
        await visitor.open("/coming/days/2027-07-03")
        assert "Nobody is coming on this day" in visitor.text()
        await visitor.open("/")
        assert "Students coming 3 students" in visitor.text()


async def test_contacts_are_of_schools_whose_students_come_and_nobody_elses(rounds: RoundWorld) -> None:
    await _adviser(rounds, SCHOOL_A, "Amal")
    await _adviser(rounds, SCHOOL_B, "Bo")
    await rounds.published()
    other = await another_employer(rounds.world)
    async with rounds.seen_by("employer", employer_id=rounds.employer_id) as conn:
        names = {row["name"] for row in await conn.fetch("SELECT name FROM hosted_contacts()")}
        assert names >= {"Amal", "Bo"}
    await rounds.execute("DELETE FROM placement WHERE school_id = $1", SCHOOL_B)
    async with rounds.seen_by("employer", employer_id=rounds.employer_id) as conn:
        names = {row["name"] for row in await conn.fetch("SELECT name FROM hosted_contacts()")}
        assert ("Amal" in names, "Bo" in names) == (True, False)
    for role, scope in (("employer", {"employer_id": str(other)}), ("adviser", {"school_id": SCHOOL_A}), ("hub", {})):
        async with rounds.seen_by(role, **scope) as conn:
            assert await conn.fetch("SELECT * FROM hosted_contacts()") == [], role
            assert await conn.fetch("SELECT * FROM slots_asked()") == [], role


async def test_who_comes_to_another_employer_is_not_there(rounds: RoundWorld) -> None:
    await rounds.published()
    slot_id = await slot_id_of(rounds, "S-GAMES")
    async with host(rounds.world, await another_employer(rounds.world)) as stranger:
        assert (await stranger.open(f"/coming/{slot_id}")).status_code == 404
        for address in ("/coming", "/coming/days/2027-06-30"):
            await stranger.open(address)
            assert "Zoë" not in stranger.page.text


async def test_who_was_placed_in_a_withdrawn_slot_is_not_shown_to_its_employer_any_more(rounds: RoundWorld) -> None:
    await rounds.published()
    await rounds.execute("UPDATE slot SET state = 'withdrawn', withdrawn_reason = 'other' WHERE slot_ref = 'S-GAMES'")
    games, web = [await slot_id_of(rounds, ref) for ref in ("S-GAMES", "S-WEB")]
    async with host(rounds.world, rounds.employer_id) as visitor:
        await visitor.open("/coming")
        assert "A week making web pages" in visitor.text()
        assert "A week making games" not in visitor.text()
        assert "30 June 2027 1" in visitor.text()  # the day has one student, not three
        await visitor.open("/coming/days/2027-06-30")
        assert "A week making web pages" in visitor.text()
        assert "Zoë" not in visitor.text()
        await visitor.open(f"/coming/{games}")
        assert "Nobody: this slot was withdrawn." in visitor.text()
        assert "Zoë" not in visitor.text()
        await visitor.open(f"/slots/{games}")
        assert "Students coming Nobody: it was withdrawn" in visitor.text()
        await visitor.open("/")
        assert "Students coming 1 student" in visitor.text()
        coming = await visitor.http.get("/downloads/coming.json")
        assert [row["slot_ref"] for row in coming.json()] == ["S-WEB"]
    employer = await rounds.world.staff("employer", employer_id=rounds.employer_id)
    hosted = (await rounds.ok(employer.get(f"/rounds/{rounds.round_id}/placements")))["items"]
    assert {one["slot_id"] for one in hosted} == {str(web)}


OWN = {
    "name": "Tern Tide",
    "sector": "Digital and media",
    "postcode": "L1 8JX",
    "contact_name": "Priya <script>",
    "contact_email": "p@tern.example",
    **day("insurance_valid_until", "2037-12-31"),
}


async def test_own_details_are_changed_and_new_insurance_is_looked_at_anew(rounds: RoundWorld) -> None:
    async with host(rounds.world, rounds.employer_id) as visitor:
        await visitor.open("/employer")
        await visitor.send(OWN)
        assert "Your details were changed." in visitor.text()
        assert "<script>" not in visitor.page.text.partition("<main")[2].partition("</main>")[0]
        [row] = await rounds.fetch("SELECT verified_at FROM employer WHERE employer_id = $1", UUID(rounds.employer_id))
        assert row["verified_at"] is not None
        await visitor.send({**OWN, **day("insurance_valid_until", "2038-12-31")})
        assert "The hub looks at your new insurance first." in visitor.text()
        [row] = await rounds.fetch("SELECT verified_at FROM employer WHERE employer_id = $1", UUID(rounds.employer_id))
        assert row["verified_at"] is None
        page = await visitor.send({**OWN, **day("insurance_valid_until", "2020-12-31"), "contact_email": "nobody"})
        assert page.status_code == 422
        assert 'href="#contact_email"' in page.text
        page = await visitor.send({**OWN, **day("insurance_valid_until", "2020-12-31")})
        assert (page.status_code, 'href="#insurance_valid_until"' in page.text) == (422, True)


async def test_own_details_that_a_colleague_changed_meanwhile_show_both(rounds: RoundWorld) -> None:
    async with (
        host(rounds.world, rounds.employer_id) as visitor,
        host(rounds.world, rounds.employer_id) as colleague,
    ):
        await visitor.open("/employer")
        await colleague.open("/employer")
        await colleague.send({**OWN, "contact_name": "Theirs"})
        page = await visitor.send({**OWN, "contact_name": "Mine"})
        assert page.status_code == 409
        assert "Theirs" in visitor.text()
        await visitor.send({**OWN, "contact_name": "Mine"})
        assert "Your details were changed." in visitor.text()


async def test_people_listed_are_the_employers_own(rounds: RoundWorld) -> None:
    other = await another_employer(rounds.world)
    await person(rounds.world, "employer", employer_id=other)
    async with host(rounds.world, rounds.employer_id) as visitor:
        await visitor.open("/employer")
        assert visitor.page.text.count("@staff.example") == 1
    async with rounds.seen_by("employer", employer_id=rounds.employer_id) as conn:
        rows = await conn.fetch("SELECT role, employer_id FROM staff")
        assert {(row["role"], str(row["employer_id"])) for row in rows} == {("employer", rounds.employer_id)}
