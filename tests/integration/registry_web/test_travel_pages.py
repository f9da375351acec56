"""An adviser who knows better overrides an estimated travel time."""

from uuid import UUID

from tests.integration.registry.world import SCHOOL_B
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.advisers import adviser, student_id
from tests.integration.registry_web.hub_pages import coordinator
from tests.integration.registry_web.test_choices_pages import slot_id

ENTERED = {"mode": "public_transport", "minutes": "22", "reason": "The 86 bus runs from door to door"}


async def address(rounds: RoundWorld) -> str:
    """Where the time from a student to a slot is doubted."""
    slot: UUID = await slot_id(rounds, "S-GAMES")
    return f"/students/{await student_id(rounds.world, '1001')}/slots/{slot}/travel"


async def test_time_stands_for_every_school_is_shown_as_such_and_is_frozen(rounds: RoundWorld) -> None:
    await rounds.open()
    await rounds.submit()
    await rounds.execute("UPDATE student SET max_travel_minutes = 30")
    async with adviser(rounds.world) as ann, adviser(rounds.world, SCHOOL_B) as ben:
        await ann.open(f"/students/{await student_id(rounds.world, '1001')}/slots?show=all")
        assert "No : 41 min by public transport (estimate), limit 30" in ann.text()
        await ann.open(await address(rounds))
        assert "public transport: estimated 41 minutes" in ann.text()
        await ann.send(ENTERED)
        assert "The travel time is kept, with your reason." in ann.page.text
        assert "Yes, 22 min by public transport time set by an adviser, the estimate was 41 min" in ann.text()
        await ben.open(f"/students/{await student_id(rounds.world, '2001')}/slots?show=all")
        assert "time set by an adviser, the estimate was 41 min" in ben.text()
        assert "86 bus" not in ben.page.text
    await rounds.ok(rounds.hub.post(f"/rounds/{rounds.round_id}/close"))
    assert (await rounds.files())["travel.csv"].decode().splitlines() == [
        "origin_postcode,destination_postcode,mode,minutes",
        "L13 3BA,L1 8JX,car,19",
        "L13 3BA,L1 8JX,cycle,29",
        "L13 3BA,L1 8JX,public_transport,22",
        "L13 3BA,L1 8JX,walk,79",
    ]
    entry = (await rounds.fetch("SELECT * FROM audit WHERE subject_kind = 'travel_override'"))[0]
    assert (entry["action"], entry["staff_id"] is not None) == ("created", True)
    run_id = await rounds.run()
    await rounds.solved(run_id)
    placed = await rounds.fetch(
        "SELECT minutes FROM placement p JOIN student s USING (student_id) WHERE mis_id = '1001'"
    )
    assert placed[0]["minutes"] == 22
    await rounds.execute("UPDATE travel_override SET reason = '<b>86</b> bus'")
    async with coordinator(rounds.world) as ada:
        await ada.open(f"/runs/{run_id}/students/{await student_id(rounds.world, '1001')}")
        assert "The travel time was set by an adviser, the estimate was 41 min." in ada.text()
        await ada.open(f"/runs/{run_id}/approve")
        assert "Travel times set by advisers 1, in the place of estimates" in ada.text()
        assert "22 min, the estimate was 41." in ada.text()
        assert "&lt;b&gt;86&lt;/b&gt; bus" in ada.page.text
    for person in (rounds.hub, rounds.second):
        await rounds.ok(person.post(f"/runs/{run_id}/approvals", json={"comment": "looked at it"}))
    await rounds.ok(rounds.hub.post(f"/runs/{run_id}/publication"))
    async with adviser(rounds.world) as ann:
        for end in ("", f"/students/{await student_id(rounds.world, '1001')}", "/letters"):
            await ann.open(f"/results/{rounds.round_id}{end}")
            said = "22 minutes by public transport, one way (set by an adviser, the estimate was 41 min)"
            assert said in ann.text(), end
        # A time that is set after the result is not said of it.
        await rounds.execute("UPDATE travel_override SET minutes = 25")
        await ann.open(f"/results/{rounds.round_id}")
        assert "set by an adviser" not in ann.text()


async def test_time_that_keeps_a_student_out_is_called_an_advisers(rounds: RoundWorld) -> None:
    await rounds.execute("UPDATE slot SET mode = 'virtual' WHERE slot_ref = 'S-WEB'")
    await rounds.open()
    async with adviser(rounds.world) as ann:
        await ann.open(await address(rounds))
        await ann.send({**ENTERED, "minutes": "95"})
        await rounds.execute("UPDATE student SET travel_modes = '{public_transport}' WHERE mis_id = '1001'")
        await rounds.submit()
        await rounds.ok(rounds.hub.post(f"/rounds/{rounds.round_id}/close"))
        await rounds.published(await rounds.run())
        await ann.open(f"/results/{rounds.round_id}/students/{await student_id(rounds.world, '1001')}")
        told = "Not possible: 95 min by public transport, limit 60. An adviser set the travel time: 95 min by public"
        assert f"{told} transport (the estimate was 41)." in ann.text(), ann.text()


async def test_own_time_is_changed_and_taken_back_with_a_record(rounds: RoundWorld) -> None:
    await rounds.open()
    async with adviser(rounds.world) as ann:
        for minutes in ("22", "25"):
            await ann.open(await address(rounds))
            await ann.send({**ENTERED, "minutes": minutes})
        await ann.open(await address(rounds))
        assert "25 minutes public transport, where the estimate was 41. Reason: The 86 bus" in ann.text()
        await ann.send({"do": "back"})
        assert "The estimate stands again." in ann.page.text
        assert "41 min by public transport (estimate)" in ann.text()
    entries = await rounds.fetch("SELECT action FROM audit WHERE subject_kind = 'travel_override' ORDER BY audit_id")
    assert [row["action"] for row in entries] == ["created", "changed", "removed"]


async def test_wrong_fields_are_told(rounds: RoundWorld) -> None:
    await rounds.open()
    async with adviser(rounds.world) as ann:
        await ann.open(await address(rounds))
        await ann.send({"mode": "car", "minutes": "0", "reason": " "})
        assert ann.page.status_code == 422
        for told in ("Choose a way this student can travel", "from 1 to 600", "Say why"):
            assert told in ann.page.text, told
    assert await rounds.world.count("travel_override") == 0


async def test_what_is_no_estimate_cannot_be_overridden(rounds: RoundWorld) -> None:
    await rounds.open()
    async with adviser(rounds.world) as ann:
        doubted = await address(rounds)
        for broken in (
            "UPDATE slot SET mode = 'virtual'",
            "UPDATE slot SET mode = 'in_person'; UPDATE student SET home_postcode = 'L99 9ZZ'",
            "UPDATE student SET home_postcode = ''; UPDATE round SET policy = policy || '{\"travel\": \"file\"}'",
        ):
            await rounds.execute(broken)
            assert (await ann.open(doubted)).status_code == 409, broken


async def test_after_the_deadline_times_stay(rounds: RoundWorld) -> None:
    await rounds.open()
    async with adviser(rounds.world) as ann:
        await ann.open(await address(rounds))
        await rounds.execute("UPDATE round SET closes_at = now() - interval '1 minute', opens_at = NULL")
        await ann.send(ENTERED)
        assert ann.page.status_code == 409
    assert await rounds.world.count("travel_override") == 0


async def test_another_schools_student_has_no_such_page_and_its_reasons_are_hidden(rounds: RoundWorld) -> None:
    await rounds.open()
    async with adviser(rounds.world) as ann, adviser(rounds.world, SCHOOL_B) as ben:
        await ann.open(await address(rounds))
        await ann.send(ENTERED)
        assert (await ben.open(await address(rounds))).status_code == 404
    async with rounds.seen_by("adviser", school_id=SCHOOL_B) as conn:
        assert await conn.fetch("SELECT * FROM travel_override") == []
    async with rounds.seen_by("employer", employer_id=rounds.employer_id) as conn:
        assert await conn.fetch("SELECT * FROM overridden_journeys()") == []
