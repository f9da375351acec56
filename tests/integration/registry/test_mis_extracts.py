"""Extracts of schools' information systems, as they come: usual headings are taken and told, nothing is guessed."""

import pytest

from tests.integration.registry.world import SCHOOL_A, SCHOOL_B, World, found

PATH = f"/schools/{SCHOOL_A}/students/import"

EXTRACTS = {
    "arbor": (
        "Arbor Student ID,UPN,Legal First Name,Legal Last Name,Date of Birth,Year Group,Legal Sex,Postcode,SEN Status,"
        "Eligible for Free School Meals,Registration Form\n"
        '4071,K999599911001,Erin,Lunt,03 Nov 2011,Year 10,Female,L13 3BA,"Education, Health and Care Plan",Yes,10B\n'
    ),
    "bromcom": (
        "Admission Number,UPN,Legal Forename,Legal Surname,DOB,Year Group,Sex,Post Code,SEN Code,FSM,Tutor Group\n"
        "4071,K999599911001,Erin,Lunt,03/11/2011,10,F,L13 3BA,E,Y,10B\n"
    ),
    "sims": (
        "Adno,UPN,Forename,Surname,DOB,Year taught in,Gender,Post code,SEN status,FSM eligibility,Reg Group\n"
        "4071,K999599911001,Erin,Lunt,03/11/2011 00:00:00,Year 10,F,L13 3BA,E,T,10B\n"
    ),
    "scholarpack": (
        "Pupil ID,UPN,First Name,Surname,Date of Birth,NC Year,Gender,Home Postcode,SEN Provision,FSM,URN,DfE Number\n"
        f"4071,K999599911001,Erin,Lunt,2011-11-03,10,F,L13 3BA,E,yes,{SCHOOL_A},3414051\n"
    ),
}
STORED = {
    "mis_id": "4071", "upn": "K999599911001", "first_name": "Erin", "last_name": "Lunt", "date_of_birth": "2011-11-03",
    "year_group": 10, "home_postcode": "L13 3BA", "send_status": "E", "free_school_meals": True,
    "travel_modes": ["walk", "public_transport"],
}  # fmt: skip


@pytest.mark.parametrize("system", EXTRACTS)
async def test_extract_is_taken_as_it_is_and_the_receipt_says_what_for_what(world: World, system: str) -> None:
    await world.with_schools()
    receipt = await world.upload(world.hub, PATH, EXTRACTS[system].encode())
    assert (receipt["created"], receipt["updated"]) == (1, 0)
    [listed] = (await world.hub.get("/students")).json()["items"]
    stored = (await world.hub.get(f"/students/{listed['student_id']}")).json()
    assert {name: stored[name] for name in STORED} == STORED
    notices = " ".join(receipt["notices"])
    assert "headings of another system were taken: " in notices
    assert " for mis_id" in notices
    assert "1 new student is entered with walk;public_transport" in notices
    assert (await world.upload(world.hub, PATH, EXTRACTS[system].encode()))["unchanged"] == 1


async def test_extract_changes_nothing_that_it_has_no_column_for(world: World) -> None:
    await world.with_schools()
    extract = EXTRACTS["bromcom"]
    cycling = extract.replace("Tutor Group", "travel_modes,consent").replace(",10B", ",cycle,yes")
    await world.upload(world.hub, PATH, cycling.encode())
    receipt = await world.upload(world.hub, PATH, extract.replace(",10,", ",11,").encode())
    [listed] = (await world.hub.get("/students")).json()["items"]
    stored = (await world.hub.get(f"/students/{listed['student_id']}")).json()
    assert (stored["year_group"], stored["travel_modes"], stored["consent"]) == (11, ["cycle"], "yes")
    assert "travel_modes" not in " ".join(receipt["notices"])


async def test_receipt_counts_several_students_with_assumed_ways_to_travel_in_the_plural(world: World) -> None:
    await world.with_schools()
    two = EXTRACTS["bromcom"] + "4072,K999599911002,Ann,Ode,04/11/2011,10,F,L13 3BA,N,N,10B\n"
    receipt = await world.upload(world.hub, PATH, two.encode())
    assert "2 new students are entered with walk;public_transport" in " ".join(receipt["notices"])


async def test_our_own_ids_are_never_taken_for_the_schools(world: World) -> None:
    await world.with_schools()
    ours = EXTRACTS["bromcom"].replace("Admission Number", "student_id")
    answer = await world.hub.post(PATH, content=ours.encode(), headers={"Content-Type": "text/csv"})
    assert (1, "student_id", "refused_column") in found(answer)
    assert await world.count("student") == 0
    theirs = EXTRACTS["bromcom"].replace("Admission Number", "Student ID")
    assert (await world.upload(world.hub, PATH, theirs.encode()))["created"] == 1


async def test_address_of_the_schools_office_is_not_taken_for_a_students(world: World) -> None:
    await world.with_schools()
    for heading in ("School Email", "School Email Address"):
        office = EXTRACTS["bromcom"].replace("Tutor Group", heading).replace(",10B", ",office@school.example")
        receipt = await world.upload(world.hub, PATH, office.encode())
        assert any(f"ignored: {heading}" in notice for notice in receipt["notices"])
        [listed] = (await world.hub.get("/students")).json()["items"]
        assert listed["email"] == ""


async def test_two_headings_that_could_be_the_same_column_are_refused_by_name(world: World) -> None:
    await world.with_schools()
    both = EXTRACTS["sims"].replace("Forename,", "Forename,Preferred Forename,").replace("Erin,", "Erin,Ez,")
    answer = await world.hub.post(PATH, content=both.encode(), headers={"Content-Type": "text/csv"})
    assert found(answer) == [(1, "first_name", "ambiguous_column")]
    assert "'Forename' and 'Preferred Forename'" in answer.json()["errors"][0]["message"]
    assert await world.count("student") == 0


async def test_our_own_name_settles_which_of_two_headings_counts(world: World) -> None:
    await world.with_schools()
    both = EXTRACTS["sims"].replace("Forename,", "Forename,first_name,").replace("Erin,", "Erin,Ez,")
    receipt = await world.upload(world.hub, PATH, both.encode())
    assert (await world.hub.get("/students")).json()["items"][0]["first_name"] == "Ez"
    assert any("ignored: Forename" in notice for notice in receipt["notices"])


async def test_file_of_another_school_is_refused(world: World) -> None:
    await world.with_schools()
    other = EXTRACTS["scholarpack"].replace(SCHOOL_A, SCHOOL_B)
    answer = await world.hub.post(PATH, content=other.encode(), headers={"Content-Type": "text/csv"})
    assert found(answer) == [(2, "school_urn", "other_school")]
    assert await world.count("student") == 0


@pytest.mark.parametrize("cell", ["Medical", "1", "Support plan"])
async def test_code_that_could_mean_something_else_is_refused(world: World, cell: str) -> None:
    await world.with_schools()
    odd = EXTRACTS["bromcom"].replace(",E,Y,", f",{cell},Y,")
    answer = await world.hub.post(PATH, content=odd.encode(), headers={"Content-Type": "text/csv"})
    assert found(answer) == [(2, "send_status", "bad_value")]
