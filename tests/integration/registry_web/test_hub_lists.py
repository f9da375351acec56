"""Schools with their progress, pins, and files by page."""

import re
from uuid import UUID

from hub_registry.inputs import looking
from tests.integration.registry.world import EMPLOYER, SCHOOL_A, SCHOOL_B, csv_of, student
from tests.integration.registry_rounds.builder import RoundWorld, preferences
from tests.integration.registry_web.hub_pages import coordinator, refused_to_others


async def test_schools_show_how_far_they_are_and_can_be_filtered(rounds: RoundWorld) -> None:
    await rounds.open()
    path = f"/rounds/{rounds.round_id}/schools/{SCHOOL_A}/preferences/import"
    await rounds.world.upload(rounds.hub, path, preferences(("1001", 1, "S-GAMES")))
    async with coordinator(rounds.world) as visitor:
        await visitor.open("/schools")
        assert "All schools: 2 schools" in visitor.text()
        await visitor.open("/schools?show=missing")
        assert "Not submitted yet: 1 school" in visitor.text()
        assert f"School {SCHOOL_B}" in visitor.text()
        await visitor.open(f"/schools?show=submitted&words={SCHOOL_A}")
        assert "Submitted: 1 school" in visitor.text()


async def test_schools_with_students_who_have_no_choice_that_can_work_are_found(rounds: RoundWorld) -> None:
    await rounds.world.upload(
        rounds.hub, f"/schools/{SCHOOL_B}/students/import", csv_of(student("2001", access_needs="hoist"))
    )
    await rounds.open()
    await rounds.submit()
    async with coordinator(rounds.world) as visitor:
        await visitor.open("/schools?show=troubled")
        assert "no choice that can work: 1 school" in visitor.text()
        assert f"School {SCHOOL_B}" in visitor.text()


async def test_look_at_the_whole_round_is_kept_says_of_when_it_is_and_is_anew_only_after_a_change(
    rounds: RoundWorld,
) -> None:
    await rounds.open()
    await rounds.submit()
    async with coordinator(rounds.world) as visitor:
        await visitor.open("/schools?show=troubled")
        assert "As things stood" in visitor.text()
        assert "There is none." in visitor.text()
        first = looking._LOOKS[UUID(rounds.round_id)]
        needy = csv_of(student("2001", access_needs="hoist"))
        await rounds.world.upload(rounds.hub, f"/schools/{SCHOOL_B}/students/import", needy)
        for address in ("/schools?show=troubled", f"/rounds/{rounds.round_id}/missing"):
            await visitor.open(address)
            assert f"School {SCHOOL_B} 1" not in visitor.text()
            assert looking._LOOKS[UUID(rounds.round_id)] is first
        again = re.findall(r'href="([^"]*look=again)"', visitor.page.text)
        assert again == [f"/rounds/{rounds.round_id}/missing?look=again"]
        await visitor.open(again[0])
        assert f"School {SCHOOL_B} 1" in visitor.text()
        await visitor.open("/schools?show=troubled")
        assert "no choice that can work: 1 school" in visitor.text()
        second = looking._LOOKS[UUID(rounds.round_id)]
        await visitor.open(again[0])
        third = looking._LOOKS[UUID(rounds.round_id)]
    # Nothing had changed between the last two: the same look, later.
    assert third.missing is second.missing is not first.missing
    assert third.at > second.at


async def test_student_is_pinned_and_unpinned_and_the_view_is_noted(rounds: RoundWorld) -> None:
    here = f"/rounds/{rounds.round_id}/pins"
    async with coordinator(rounds.world) as visitor:
        await visitor.open(here)
        assert "students can be pinned from its opening on" in visitor.text()
        await rounds.open()
        await visitor.open(here)
        page = await visitor.send({"school_id": SCHOOL_A, "mis_id": "nobody", "slot_ref": "S-NONE"}, action="/pins")
        assert page.status_code == 422
        assert all(f'href="#{name}"' in page.text for name in ("mis_id", "slot_ref"))
        await visitor.send({"school_id": SCHOOL_A, "mis_id": "1002", "slot_ref": "S-WEB"}, action="/pins")
        assert "Zoë Lunt (1002)" in visitor.text()
        assert len(await rounds.fetch("SELECT FROM student_view WHERE page = 'pins'")) >= 1
        await visitor.send(action="/remove")
        assert "Nobody is pinned." in visitor.text()


async def test_file_is_looked_at_before_it_is_taken_and_taken_once(rounds: RoundWorld) -> None:
    rows = csv_of(
        {**EMPLOYER, "name": "Tern & Tide"}, {**EMPLOYER, "employer_ref": "E-NEW", "name": "=cmd|' /C calc'!A0"}
    )
    async with coordinator(rounds.world) as visitor:
        await visitor.open("/imports/new?kind=employers")
        await visitor.send({}, files={"file": ("employers.csv", rows, "text/csv")})
        assert visitor.page.status_code == 200
        assert "Nothing has been changed yet." in visitor.text()
        assert "→ Tern & Tide" in visitor.text()
        assert await rounds.world.count("employer") == 1
        form = visitor.page
        await visitor.send(action=form.url.path)
        assert "Your file is in" in visitor.text()
        assert "1 added 1 changed" in visitor.text()
        assert 'href="/imports/' in visitor.page.text
        visitor.page = form
        await visitor.send(action=form.url.path)
        assert await rounds.world.count("employer") == 2
        assert await rounds.world.count("import_receipt WHERE kind = 'employers'") == 2
        await visitor.open("/imports")
        assert "Receipts, newest first" in visitor.text()


async def test_errors_of_a_file_are_listed_by_row_and_column_and_nothing_is_taken(rounds: RoundWorld) -> None:
    rows = csv_of({**EMPLOYER, "employer_ref": "E-2", "contact_email": "<b>no</b>", "risk_band": "huge"})
    async with coordinator(rounds.world) as visitor:
        await visitor.open("/imports/new?kind=employers")
        page = await visitor.send({}, files={"file": ("employers.csv", rows, "text/csv")})
        assert "2 errors; nothing was taken" in visitor.text()
        assert "/imports/new?kind=employers" in page.text
        assert "contact_email" in visitor.text()
        assert "<b>no</b>" not in page.text
        assert await rounds.world.count("employer") == 1


async def test_form_without_a_file_or_a_school_says_so(rounds: RoundWorld) -> None:
    async with coordinator(rounds.world) as visitor:
        await visitor.open("/imports/new?kind=students")
        page = await visitor.send({"school_id": ""}, files={"file": ("", b"", "text/csv")})
        assert page.status_code == 422
        assert all(f'href="#{name}"' in page.text for name in ("school_id", "file"))


async def test_students_and_slots_come_in_where_they_belong(rounds: RoundWorld) -> None:
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"/imports/new?kind=students&school_id={SCHOOL_B}")
        rows = csv_of(student("2002", first_name="Ada"))
        await visitor.send({"school_id": SCHOOL_B}, files={"file": ("s.csv", rows, "text/csv")})
        assert "Students of a school, " in visitor.text()
        assert f"/imports/new?kind=students&amp;school_id={SCHOOL_B}" in visitor.page.text
        await visitor.send(action=visitor.page.url.path)
        assert "1 added" in visitor.text()
        assert len(await rounds.fetch("SELECT FROM student WHERE school_id = $1", SCHOOL_B)) == 2


async def test_file_that_waits_is_its_senders_alone(rounds: RoundWorld) -> None:
    async with coordinator(rounds.world) as visitor, coordinator(rounds.world) as other:
        await visitor.open("/imports/new?kind=employers")
        await visitor.send({}, files={"file": ("employers.csv", csv_of(EMPLOYER), "text/csv")})
        assert (await other.open(visitor.page.url.path)).status_code == 404


async def test_lists_are_the_coordinators_of_their_hub(rounds: RoundWorld) -> None:
    await refused_to_others(rounds, f"/rounds/{rounds.round_id}/pins", f"/schools?round_id={rounds.round_id}")
