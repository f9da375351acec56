"""Publishing a slot in steps, by page."""

from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.hosts import MANY, WHAT, WHEN, another_employer, host
from tests.integration.registry_web.hub_pages import day
from tests.support.visitor import Visitor


async def _through(visitor: Visitor, rounds: RoundWorld) -> None:
    await visitor.open("/slots/new")
    await visitor.send({**WHAT, "programme_id": rounds.programme, "then": "next"})
    assert "step 2 of 4" in visitor.text()
    await visitor.send({**WHEN, "then": "next"})
    assert "step 3 of 4" in visitor.text()
    await visitor.send({**MANY, "then": "next"})
    assert "step 4 of 4" in visitor.text()


async def test_slot_is_published_in_four_steps_with_its_event(rounds: RoundWorld) -> None:
    async with host(rounds.world, rounds.employer_id) as visitor:
        before = len(await rounds.facts("SlotPublished"))
        await _through(visitor, rounds)
        assert "7 to 11 June 2027, 14 to 15 June 2027" in visitor.text()
        assert "A week &lt;i&gt;making&lt;/i&gt; maps" in visitor.page.text
        check = visitor.page
        await visitor.send()
        assert "The slot was published." in visitor.text()
        [row] = await rounds.fetch("SELECT * FROM slot WHERE title LIKE 'A week <i>%'")
        assert (row["dates"], row["postcode"]) == ("2027-06-07/2027-06-11;2027-06-14/2027-06-15", "L1 8JX")
        assert (row["capacity"], row["year_groups"]) == (3, [10])
        assert row["access_provided"] == ["step_free", "prayer_room"]
        facts = await rounds.facts("SlotPublished")
        assert (len(facts) - before, facts[-1]["slot_id"]) == (1, str(row["slot_id"]))
        assert await rounds.world.count("slot_draft") == 0
        visitor.page = check
        await visitor.send()  # a double click
        assert len(await rounds.fetch("SELECT 1 FROM slot WHERE title LIKE 'A week <i>%'")) == 1


async def test_unfinished_step_is_kept_and_gone_on_with(rounds: RoundWorld) -> None:
    async with host(rounds.world, rounds.employer_id) as visitor:
        await visitor.open("/slots/new")
        await visitor.send({"title": "Half a thought", "then": "later"})
        assert "kept in draft" in visitor.text()
        assert "Half a thought" in visitor.text()
        [row] = await rounds.fetch("SELECT draft_id FROM slot_draft")
        page = await visitor.open(f"/slots/drafts/{row['draft_id']}/check")
        assert "Publish this slot" not in page.text
        assert page.status_code == 200
        assert "Choose what kind of slot it is" in visitor.text()
        page = await visitor.send()
        assert page.status_code == 422
        await visitor.open(f"/slots/drafts/{row['draft_id']}/what")
        assert 'value="Half a thought"' in visitor.page.text
        await visitor.open(f"/slots/drafts/{row['draft_id']}/delete")
        await visitor.send()
        assert await rounds.world.count("slot_draft") == 0
        page = await visitor.open(f"/slots/drafts/{row['draft_id']}/check")
        assert (page.status_code, "it was published or deleted" in visitor.text()) == (404, True)


async def test_what_is_wrong_stands_at_its_field_in_each_step(rounds: RoundWorld) -> None:
    async with host(rounds.world, rounds.employer_id) as visitor:
        await visitor.open("/slots/new")
        page = await visitor.send({"mode": "in_person", "then": "next"})
        assert page.status_code == 422
        for name in ("programme_id", "title", "sector", "kind"):
            assert f'href="#{name}"' in page.text, name
            assert f'id="{name}"' in page.text, name
        await visitor.send({**WHAT, "programme_id": rounds.programme, "then": "next"})
        wrong = {**WHEN, **day("last_date", "2027-06-01"), "more_days": "whenever <script>"}
        page = await visitor.send({**wrong, "then": "next"})
        assert page.status_code == 422
        assert 'href="#last_date"' in page.text
        assert 'href="#more_days"' in page.text
        assert "<script>" not in page.text.partition("<main")[2].partition("</main>")[0]
        await visitor.send({**WHEN, "then": "next"})
        page = await visitor.send({**MANY, "capacity": "lots", "reserved": "-1", "then": "next"})
        assert page.status_code == 422
        for name in ("capacity", "reserved"):
            assert f'href="#{name}"' in page.text, name


async def test_days_outside_the_programme_and_young_placements_are_refused_at_the_check(rounds: RoundWorld) -> None:
    async with host(rounds.world, rounds.employer_id) as visitor:
        await _through(visitor, rounds)
        check = visitor.page
        await rounds.execute("""UPDATE slot_draft SET typed = typed || '{"first_date-year": "2026"}'""")
        page = await visitor.send()
        assert page.status_code == 422
        await rounds.execute(
            """UPDATE slot_draft SET typed = typed
               || '{"first_date-year": "2028", "last_date-year": "2028", "more_days": ""}'"""
        )
        visitor.page = check
        await visitor.send()
        assert "lies outside the programme" in visitor.text()
        await rounds.execute(
            """UPDATE slot_draft SET typed = typed
               || '{"first_date-year": "2027", "last_date-year": "2027", "year_groups": ["8"]}'"""
        )
        visitor.page = check
        await visitor.send()
        assert "Year 8 may not go on a placement" in visitor.text()
        assert await rounds.fetch("SELECT 1 FROM slot WHERE title LIKE 'A week <i>%'") == []


async def test_draft_of_another_employer_is_not_there(rounds: RoundWorld) -> None:
    other = await another_employer(rounds.world)
    async with host(rounds.world, rounds.employer_id) as visitor, host(rounds.world, other) as stranger:
        await visitor.open("/slots/new")
        await visitor.send({**WHAT, "programme_id": rounds.programme, "then": "later"})
        [row] = await rounds.fetch("SELECT draft_id FROM slot_draft")
        for step in ("what", "when", "many", "check", "delete"):
            page = await stranger.open(f"/slots/drafts/{row['draft_id']}/{step}")
            assert page.status_code == 404, step
        await stranger.open("/slots")
        assert "making" not in stranger.text()
