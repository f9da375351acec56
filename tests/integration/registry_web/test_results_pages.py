"""A school's results: only once published, only its own, with the reasons; letters."""

import pytest

from hub_schemas.ids import new_id
from tests.integration.registry.world import SCHOOL_B
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.advisers import adviser, student_id


async def test_nothing_of_a_result_is_seen_before_it_is_published(rounds: RoundWorld) -> None:
    await rounds.solved()
    async with adviser(rounds.world) as ann:
        await ann.open("/results")
        assert "No results are out yet" in ann.text()
        for path in ("", "/letters", f"/students/{await student_id(rounds.world, '1001')}"):
            assert (await ann.open(f"/results/{rounds.round_id}{path}")).status_code == 404


async def test_published_results_say_where_when_how_far_and_why(rounds: RoundWorld) -> None:
    await rounds.published()
    await rounds.execute("UPDATE slot SET title = '<b>Games</b>' WHERE slot_ref = 'S-GAMES'")
    async with adviser(rounds.world) as ann:
        await ann.open("/")
        assert "See the results of Summer" in ann.text()
        await ann.open("/results")
        assert ann.page.url.path == f"/results/{rounds.round_id}"
        assert "2 of your 3 students have a placement" in ann.text()
        assert "Lunt, Erin <b>Games</b>, Tern Tide Games Studio (invented) 28 June to 2 July 2027" in ann.text()
        assert "<b>Games" not in ann.page.text
        assert "Not placed: no slot was ranked." in ann.text()
        await ann.open(f"/results/{rounds.round_id}?placed=no")
        assert "1 student" in ann.text()
        await ann.open(f"/results/{rounds.round_id}?q=zo")
        assert "Lunt, Zoë" in ann.text()
        assert "Lunt, Erin" not in ann.text()
        await ann.open(f"/results/{rounds.round_id}/students/{await student_id(rounds.world, '1001')}")
        assert "Journey 41 minutes by public transport, one way" in ann.text()
        assert "First choice, 41 min by public transport (estimate)." in ann.text()
    seen = await rounds.fetch("SELECT DISTINCT page FROM student_view ORDER BY page")
    assert [row["page"] for row in seen] == ["results"]


async def test_why_not_better_is_told_with_the_slots_title(rounds: RoundWorld) -> None:
    await rounds.execute("UPDATE student SET max_travel_minutes = 30 WHERE mis_id = '1001'")
    await rounds.execute("UPDATE slot SET mode = 'virtual' WHERE slot_ref = 'S-WEB'")
    await rounds.published()
    async with adviser(rounds.world) as ann:
        await ann.open(f"/results/{rounds.round_id}/students/{await student_id(rounds.world, '1001')}")
        assert "Choice 2" in ann.text()
        assert "1st A week making games Not possible: 41 min by public transport (estimate), limit 30." in ann.text(), (
            ann.text()
        )


async def test_letters_have_a_sheet_for_each_student(rounds: RoundWorld) -> None:
    await rounds.published()
    async with adviser(rounds.world) as ann:
        await ann.open(f"/results/{rounds.round_id}/letters")
        assert ann.page.text.count('class="hub-letter hub-page-break"') == 3
        assert "To the parent or carer of Zoë Lunt, Year 10" in ann.text()
        assert "We could not place Erin in this round" in ann.text()
        await ann.open(f"/results/{rounds.round_id}/letters?placed=no")
        assert ann.page.text.count('class="hub-letter hub-page-break"') == 1
    assert await rounds.world.count("student_view WHERE page = 'letters'") == 4


async def test_who_has_only_withdrawn_places_is_said_to_have_none(rounds: RoundWorld) -> None:
    await rounds.published_with_games_withdrawn()
    async with adviser(rounds.world) as ann:
        await ann.open(f"/results/{rounds.round_id}/letters?q=1002")  # had the withdrawn place only
        assert "Zoë's placement was withdrawn" in ann.text()
        assert "We will be in touch about what comes next." in ann.text()
        for untrue in ("has a placement", "no placement yet", "First choice", "Why"):
            assert untrue not in ann.text(), untrue
        await ann.open(f"/results/{rounds.round_id}/letters?q=1001")  # has another place, which stands
        assert "Erin has a placement" in ann.text()
        assert "was withdrawn" not in ann.text()
        await ann.open(f"/results/{rounds.round_id}")
        assert "1 of your 3 students has a placement" in ann.text()
        await ann.open(f"/results/{rounds.round_id}?placed=yes")
        assert "1 student" in ann.text()
        assert "Zoë" not in ann.text()
        await ann.open(f"/results/{rounds.round_id}?placed=no")
        assert "2 students" in ann.text()
        assert "Lunt, Zoë" in ann.text()
        await ann.open(f"/results/{rounds.round_id}/students/{await student_id(rounds.world, '1002')}")
        assert "The employer has withdrawn this since the results came out. The hub has been told." in ann.text()
        assert "looks for" not in ann.text()


@pytest.mark.parametrize("path", ["", "/letters"])
async def test_another_school_sees_its_own_results_alone(rounds: RoundWorld, path: str) -> None:
    await rounds.published()
    async with adviser(rounds.world, SCHOOL_B) as ben:
        page = await ben.open(f"/results/{rounds.round_id}{path}")
        assert page.status_code == 200
        assert "Zoë" not in page.text
        one = await ben.open(f"/results/{rounds.round_id}/students/{await student_id(rounds.world, '1001')}")
        assert one.status_code == 404
        assert (await ben.open(f"/results/{new_id()}{path}")).status_code == 404
