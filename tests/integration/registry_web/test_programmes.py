"""Programmes by page."""

from tests.integration.registry.world import World
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.hub_pages import coordinator, day, refused_to_others

FIELDS = {
    "name": "Autumn <b>placements</b>",
    "school_year": "2027/28",
    **day("first_date", "2027-09-06"),
    **day("last_date", "2027-12-17"),
    "year_groups": ["10", "12"],
    "default_max_travel_minutes": "45",
    "points_free_school_meals": "120",
    "points_sen_support": "90",
    "points_ehc_plan": "210",
}


async def test_programme_is_set_up_listed_and_shown_with_its_name_escaped(world: World) -> None:
    async with coordinator(world) as visitor:
        await visitor.open("/programmes/new")
        await visitor.send(FIELDS)
        assert visitor.page.status_code == 200
        assert "was set up." in visitor.text()
        assert "45 minutes one way" in visitor.text()
        assert "Years" not in visitor.text() or "10, 12" in visitor.text()
        assert "Free school meals: 120 points" in visitor.text()
        await visitor.open("/programmes")
        assert "Autumn &lt;b&gt;placements&lt;/b&gt;" in visitor.page.text


async def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(world: World) -> None:
    async with coordinator(world) as visitor:
        await visitor.open("/programmes/new")
        wrong = {**FIELDS, **day("last_date", "2027-02-30"), "school_year": "next", "points_ehc_plan": "5000"}
        page = await visitor.send(wrong)
        assert page.status_code == 422
        for name in ("last_date", "school_year", "points_ehc_plan"):
            assert f'href="#{name}"' in page.text, name
            assert f'id="{name}"' in page.text, name
        assert 'value="30"' in page.text
        assert await world.count("programme") == 0


async def test_sending_twice_makes_one_programme_and_a_taken_name_is_refused(world: World) -> None:
    async with coordinator(world) as visitor:
        await visitor.open("/programmes/new")
        form = visitor.page
        await visitor.send(FIELDS)
        visitor.page = form
        await visitor.send(FIELDS)
        assert visitor.page.status_code == 200
        assert await world.count("programme") == 1
        await visitor.open("/programmes/new")
        page = await visitor.send(FIELDS)
        assert (page.status_code, 'href="#name"' in page.text) == (422, True)
        assert await world.count("programme") == 1


async def test_change_on_top_of_somebody_elses_shows_both_and_can_be_sent_again(rounds: RoundWorld) -> None:
    async with coordinator(rounds.world) as visitor, coordinator(rounds.world) as other:
        await visitor.open(f"/programmes/{rounds.programme}/edit")
        await other.open(f"/programmes/{rounds.programme}/edit")
        fields = {
            **FIELDS,
            "school_year": "2026/27",
            **day("first_date", "2027-06-01"),
            **day("last_date", "2027-07-31"),
        }
        await other.send({**fields, "name": "Theirs"})
        assert other.page.status_code == 200
        page = await visitor.send({**fields, "name": "Mine"})
        assert page.status_code == 409
        assert "Theirs" in visitor.text()
        assert 'value="Mine"' in page.text
        await visitor.send({**fields, "name": "Mine"})
        assert "The programme was changed." in visitor.text()
        assert (await rounds.ok(rounds.hub.get(f"/programmes/{rounds.programme}")))["name"] == "Mine"


async def test_programmes_are_the_coordinators_of_their_hub(rounds: RoundWorld) -> None:
    here = f"/programmes/{rounds.programme}"
    await refused_to_others(rounds, here, f"{here}/edit", f"{here}/rounds/new")
