"""Rounds by page: made, changed, opened, closed, cancelled, frozen anew."""

from uuid import UUID

import pytest

from tests.integration.registry.world import SCHOOL_A
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.hub_pages import coordinator, day, other_hub, person, refused_to_others
from tests.support.visitor import Visitor

TIMES = {**day("closes_at", "2037-06-11"), "closes_at-time": "5pm"}


async def test_round_is_made_with_its_deadline_in_london_time(rounds: RoundWorld) -> None:
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"/programmes/{rounds.programme}/rounds/new")
        await visitor.send({"name": "Late summer", **TIMES})
        assert "Late summer is a draft now." in visitor.text()
        assert "Thursday 11 June 2037 at 5:00pm" in visitor.text()
        made = await rounds.fetch("SELECT closes_at FROM round WHERE name = 'Late summer'")
        assert made[0]["closes_at"].isoformat() == "2037-06-11T16:00:00+00:00"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 300}, "name"),
        ({"closes_at-day": "31", "closes_at-month": "6"}, "closes_at"),
        ({"closes_at-time": "25:00"}, "closes_at-time"),
        ({**day("opens_at", "2037-06-12"), "opens_at-time": "9am"}, "closes_at"),
    ],
)
async def test_what_is_wrong_with_a_round_stands_at_its_field(
    rounds: RoundWorld, wrong: dict[str, str], field: str
) -> None:
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"/programmes/{rounds.programme}/rounds/new")
        page = await visitor.send({"name": "Late summer", **TIMES, **wrong})
        assert (page.status_code, f'href="#{field}"' in page.text, f'id="{field}"' in page.text) == (422, True, True)
        assert await rounds.world.count("round") == 1


async def test_draft_is_changed_and_a_change_on_top_of_another_shows_both(rounds: RoundWorld) -> None:
    here = f"/rounds/{rounds.round_id}"
    async with coordinator(rounds.world) as visitor, coordinator(rounds.world) as other:
        await visitor.open(f"{here}/edit")
        await other.open(f"{here}/edit")
        await other.send({"name": "Theirs", **TIMES})
        assert "The round was changed." in other.text()
        page = await visitor.send({"name": "Mine", **TIMES, "closes_at-time": "16:30"})
        assert page.status_code == 409
        assert "Thursday 11 June 2037 at 5:00pm" in visitor.text()
        assert "Thursday 11 June 2037 at 4:30pm" in visitor.text()
        await visitor.send({"name": "Mine", **TIMES, "closes_at-time": "16:30"})
        assert "The round was changed." in visitor.text()


async def test_round_goes_from_draft_to_closed_and_says_first_what_is_missing(rounds: RoundWorld) -> None:
    here = f"/rounds/{rounds.round_id}"
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"{here}/open")
        await visitor.send()
        assert "The round is open" in visitor.text()
        assert "2 schools have not submitted yet" in visitor.text()
        await visitor.open(f"{here}/close")
        assert "4 students without preferences" in visitor.text()
        assert "School 104715" in visitor.text()
        await rounds.submit()
        await visitor.open(here)
        assert "Every school has submitted" in visitor.text()
        await visitor.open(f"{here}/close")
        await visitor.send()
        assert "The round is closed" in visitor.text()
        assert "Runs and results" in visitor.text()
        assert await rounds.state() == "closed"
        assert [fact["round_id"] for fact in await rounds.facts("RoundClosed")] == [rounds.round_id]


async def test_opening_a_second_round_of_a_programme_is_refused_in_words(rounds: RoundWorld) -> None:
    await rounds.open()
    second = await rounds.new_round()
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"/rounds/{second}/open")
        page = await visitor.send()
        assert page.status_code == 409
        assert "The programme has another round that is open" in visitor.text()
        assert await rounds.facts("RoundOpened") != []
        assert len(await rounds.facts("RoundOpened")) == 1


async def test_round_is_cancelled_with_a_reason_only(rounds: RoundWorld) -> None:
    here = f"/rounds/{rounds.round_id}"
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"{here}/cancel")
        assert (await visitor.send({"reason": "because"})).status_code == 422
        await visitor.send({"reason": "dates_changed"})
        assert "Cancelled: The days no longer suit" in visitor.text()
        assert [fact["reason"] for fact in await rounds.facts("RoundCancelled")] == ["dates_changed"]
        await visitor.open(f"{here}/cancel")
        assert (await visitor.send({"reason": "other"})).status_code == 409


async def test_input_is_frozen_anew_when_something_changed_and_not_when_nothing_did(rounds: RoundWorld) -> None:
    await rounds.close()
    here = f"/rounds/{rounds.round_id}"
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"{here}/freeze")
        page = await visitor.send()
        assert page.status_code == 409
        assert "Nothing has changed" in visitor.text()
        slot = (await rounds.hub.get("/slots", params={"slot_ref": "S-WEB"})).json()["items"][0]["slot_id"]
        await rounds.ok(rounds.hub.post(f"/slots/{slot}/withdrawal", json={"reason": "staffing"}))
        await visitor.open(f"{here}/freeze")
        await visitor.send()
        assert "The input was frozen anew" in visitor.text()
        assert len(await rounds.facts("InputRevised")) == 1


async def test_rounds_are_the_coordinators_of_their_hub(rounds: RoundWorld) -> None:
    here = f"/rounds/{rounds.round_id}"
    pages = ("edit", "policy", "missing", "open", "close", "cancel", "freeze")
    await refused_to_others(rounds, *(f"{here}/{one}" for one in pages))


async def test_link_of_a_mail_brings_advisers_and_employers_home_and_nobody_of_another_hub(rounds: RoundWorld) -> None:
    here = f"/rounds/{rounds.round_id}"
    adviser = await person(rounds.world, "adviser", school_id=SCHOOL_A)
    employer = await person(rounds.world, "employer", employer_id=UUID(rounds.employer_id))
    stranger = await person(rounds.world, "hub", hub_id=await other_hub(rounds.world))
    for staff_id, status, path in ((adviser, 200, "/"), (employer, 200, "/"), (stranger, 404, here)):
        async with Visitor(rounds.world.app) as visitor:
            await visitor.sign_in(staff_id)
            page = await visitor.open(here)
            assert (page.status_code, page.url.path) == (status, path)


async def test_link_of_a_publication_brings_an_adviser_to_the_results_an_employer_to_who_is_coming(
    rounds: RoundWorld,
) -> None:
    await rounds.published()
    adviser = await person(rounds.world, "adviser", school_id=SCHOOL_A)
    employer = await person(rounds.world, "employer", employer_id=UUID(rounds.employer_id))
    for staff_id, path in ((adviser, f"/results/{rounds.round_id}"), (employer, "/coming")):
        async with Visitor(rounds.world.app) as visitor:
            await visitor.sign_in(staff_id)
            page = await visitor.open(f"/rounds/{rounds.round_id}")
            assert (page.status_code, page.url.path) == (200, path)


async def test_home_says_what_to_do_next(rounds: RoundWorld) -> None:
    async with coordinator(rounds.world) as visitor:
        await visitor.open("/")
        assert "Open Summer" in visitor.text()
        await rounds.open()
        await visitor.open("/")
        assert "Summer: 2 schools have not submitted" in visitor.text()
        assert "0 of 2" in visitor.text()
        assert "(in 9 days)" in visitor.text()
