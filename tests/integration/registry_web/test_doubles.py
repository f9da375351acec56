"""Double employers: shown, merged with all that is theirs, parted again, or said to be two."""

from uuid import UUID

from hub_schemas.ids import new_id
from tests.integration.registry.world import EMPLOYER, SCHOOL_A, SLOT, csv_of, student
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.hub_pages import coordinator, person, refused_to_others

DOUBLE = {**EMPLOYER, "employer_ref": "E-TERN-2", "name": "TERN TIDE Games Studio Ltd", "contact_name": "Someone"}
THEIRS = {**SLOT, "slot_ref": "S-ART", "employer_ref": "E-TERN-2", "title": "A week drawing"}


async def with_double(rounds: RoundWorld) -> str:
    """Enter the employer once more, with a slot, a person, and students who must not go there; gives its id."""
    await rounds.world.upload(rounds.hub, "/employers/import", csv_of(DOUBLE))
    await rounds.ok(rounds.hub.post("/employers/verifications", json={"all": True}))
    await rounds.world.upload(rounds.hub, f"/programmes/{rounds.programme}/slots/import", csv_of(THEIRS))
    rows = (student("1001", excluded_employers="E-TERN-2"), student("1003", excluded_employers="E-TERN;E-TERN-2"))
    await rounds.world.upload(rounds.hub, f"/schools/{SCHOOL_A}/students/import", csv_of(*rows))
    found = await rounds.fetch("SELECT employer_id FROM employer WHERE employer_ref = 'E-TERN-2'")
    employer_id: UUID = found[0]["employer_id"]
    staff_id = await person(rounds.world, "employer", employer_id=employer_id)
    await rounds.execute(
        "INSERT INTO slot_draft (draft_id, hub_id, employer_id, made_by, typed) VALUES ($1, $2, $3, $4, '{}')",
        new_id(),
        rounds.world.hub_id,
        employer_id,
        staff_id,
    )
    return str(employer_id)


async def state(rounds: RoundWorld) -> list[object]:
    """All that a merge may move."""
    return [
        await rounds.fetch("SELECT slot_ref, employer_id FROM slot ORDER BY slot_ref"),
        await rounds.fetch("SELECT staff_id, employer_id, active FROM staff ORDER BY staff_id"),
        await rounds.fetch(
            "SELECT mis_id, array(SELECT unnest(excluded_employers) ORDER BY 1) FROM student ORDER BY 1"
        ),
        await rounds.fetch("SELECT employer_ref, merged_into FROM employer ORDER BY 1"),
        await rounds.fetch("SELECT draft_id, employer_id FROM slot_draft ORDER BY 1"),
    ]


async def test_double_is_shown_merged_and_parted_again_as_it_was(rounds: RoundWorld) -> None:
    double = await with_double(rounds)
    before = await state(rounds)
    first, second = sorted([rounds.employer_id, double])
    async with coordinator(rounds.world) as visitor:
        before = await state(rounds)
        await visitor.open("/")
        assert "1 pair of employers looks like one entered twice" in visitor.text()
        await visitor.open("/doubles")
        assert "the same name, the same postcode, the same e-mail address" in visitor.text()
        await visitor.open(f"/doubles/{first}/{second}")
        assert "120 points" in visitor.text()
        assert (await visitor.send({}, action="/merge")).status_code == 422
        form = visitor.page
        await visitor.send({"keep": rounds.employer_id}, action="/merge")
        assert "The two employers are one now." in visitor.text()
        assert "1 slot, 1 person, exclusions of 2 students" in visitor.text()
        slots = await rounds.fetch("SELECT DISTINCT employer_id::text FROM slot")
        assert [row[0] for row in slots] == [rounds.employer_id]
        drafts = await rounds.fetch("SELECT employer_id::text FROM slot_draft")
        assert [row[0] for row in drafts] == [rounds.employer_id]
        for query, refs in (("", ["E-TERN"]), ("?merged=true", ["E-TERN", "E-TERN-2"])):
            listed = (await rounds.ok(rounds.hub.get(f"/employers{query}")))["items"]
            assert sorted(one["employer_ref"] for one in listed) == refs
        assert {one["merged_into"] for one in listed} == {None, rounds.employer_id}
        excluded = await rounds.fetch("SELECT excluded_employers FROM student WHERE mis_id IN ('1001', '1003')")
        assert [row[0] for row in excluded] == [["E-TERN"], ["E-TERN"]]
        visitor.page = form
        await visitor.send({"keep": rounds.employer_id}, action="/merge")
        assert await rounds.world.count("employer_merge") == 1
        await visitor.open("/doubles")
        await visitor.send(action="/undo")
        assert "The merge was undone" in visitor.text()
    assert await state(rounds) == before
    assert len(await rounds.facts("EmployersMerged")) == len(await rounds.facts("EmployersParted")) == 1
    moved = [fact["employer_id"] for fact in await rounds.facts("SlotChanged")]
    assert moved == [rounds.employer_id, double]


async def test_new_slots_of_a_merged_reference_go_to_the_one_that_was_kept(rounds: RoundWorld) -> None:
    double = await with_double(rounds)
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"/doubles/{rounds.employer_id}/{double}")
        await visitor.send({"keep": rounds.employer_id}, action="/merge")
    await rounds.world.upload(
        rounds.hub, f"/programmes/{rounds.programme}/slots/import", csv_of({**THEIRS, "slot_ref": "S-LATE"})
    )
    found = await rounds.fetch("SELECT employer_id::text FROM slot WHERE slot_ref = 'S-LATE'")
    assert found[0][0] == rounds.employer_id


async def test_merge_that_would_change_who_hosts_what_is_frozen_is_refused_by_name(rounds: RoundWorld) -> None:
    double = await with_double(rounds)
    await rounds.close()
    async with coordinator(rounds.world) as visitor:
        before = await state(rounds)
        await visitor.open(f"/doubles/{rounds.employer_id}/{double}")
        page = await visitor.send({"keep": rounds.employer_id}, action="/merge")
        assert page.status_code == 409
        assert "stand in what was frozen for Summer" in visitor.text()
    assert await state(rounds) == before


async def test_undoing_what_was_frozen_since_is_refused(rounds: RoundWorld) -> None:
    double = await with_double(rounds)
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"/doubles/{rounds.employer_id}/{double}")
        await visitor.send({"keep": rounds.employer_id}, action="/merge")
        await rounds.close()
        await visitor.open("/doubles")
        assert (await visitor.send(action="/undo")).status_code == 409
        assert "Summer" in visitor.text()


async def test_pair_said_to_be_two_is_not_shown_again(rounds: RoundWorld) -> None:
    double = await with_double(rounds)
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"/doubles/{double}/{rounds.employer_id}")
        await visitor.send({}, action="/not-doubles")
        assert "No pair looks like one employer." in visitor.text()


async def test_merge_on_top_of_somebody_elses_change_is_refused(rounds: RoundWorld) -> None:
    double = await with_double(rounds)
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"/doubles/{rounds.employer_id}/{double}")
        await rounds.ok(rounds.hub.patch(f"/employers/{double}", json={"name": "Another employer altogether"}))
        page = await visitor.send({"keep": rounds.employer_id}, action="/merge")
        assert page.status_code == 409
        assert "Another employer altogether" in visitor.text()
    assert await rounds.world.count("employer_merge") == 0


async def test_doubles_are_the_coordinators_of_their_hub(rounds: RoundWorld) -> None:
    double = await with_double(rounds)
    await refused_to_others(rounds, f"/doubles/{rounds.employer_id}/{double}")
    async with coordinator(rounds.world) as visitor:
        assert (await visitor.open(f"/doubles/{rounds.employer_id}/{new_id()}")).status_code == 404
