"""An employer's slots by page: list, change, copy, repeat, files, withdraw."""

from uuid import uuid4

import pytest

from tests.integration.registry.world import SLOT, csv_of
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.advisers import adviser
from tests.integration.registry_web.hosts import another_employer, host, slot_id_of
from tests.integration.registry_web.hub_pages import coordinator, person
from tests.support.visitor import Visitor

FORM = {
    "title": "A week making games",
    "sector": "Digital and media",
    "kind": "placement",
    "mode": "in_person",
    "postcode": "L1 8JX",
    "first_date-day": "28",
    "first_date-month": "6",
    "first_date-year": "2027",
    "last_date-day": "2",
    "last_date-month": "7",
    "last_date-year": "2027",
    "capacity": "4",
    "year_groups": ["10", "11"],
    "reserved": "1",
}


async def test_home_and_list_say_how_far_along_slots_are(rounds: RoundWorld) -> None:
    async with host(rounds.world, rounds.employer_id) as visitor:
        await visitor.open("/")
        assert "Valid until 31 December 2037" in visitor.text()
        assert "A week making games 28 June to 2 July 2027 Offered 4 – –" in visitor.text()
        await rounds.open()
        await rounds.submit()
        await visitor.open("/slots")
        assert "A week making games 28 June to 2 July 2027 Offered 4 fewer than 5 –" in visitor.text()


async def test_slots_of_an_employer_that_is_not_verified_are_not_offered_yet(rounds: RoundWorld) -> None:
    await rounds.execute("UPDATE employer SET verified_at = NULL, verified_by = NULL")
    async with host(rounds.world, rounds.employer_id) as visitor:
        await visitor.open("/")
        assert "Until then your slots are not offered" in visitor.text()
        await visitor.open("/slots")
        assert "Not offered yet" in visitor.text()
        assert " Offered " not in visitor.text()


async def test_change_is_written_with_its_event_and_a_stale_one_shows_both(rounds: RoundWorld) -> None:
    slot_id = await slot_id_of(rounds, "S-GAMES")
    async with (
        host(rounds.world, rounds.employer_id) as visitor,
        host(rounds.world, rounds.employer_id) as other,
    ):
        await visitor.open(f"/slots/{slot_id}/edit")
        await other.open(f"/slots/{slot_id}/edit")
        await other.send({**FORM, "title": "Theirs"})
        assert "The slot was changed." in other.text()
        assert (await rounds.facts("SlotChanged"))[-1]["slot_id"] == str(slot_id)
        page = await visitor.send({**FORM, "title": "Mine"})
        assert page.status_code == 409
        assert "Theirs" in visitor.text()
        assert 'value="Mine"' in page.text
        await visitor.send({**FORM, "title": "Mine"})
        assert "The slot was changed." in visitor.text()
        [row] = await rounds.fetch("SELECT title, access_provided FROM slot WHERE slot_id = $1", slot_id)
        assert (row["title"], row["access_provided"]) == ("Mine", [])
        await visitor.open(f"/slots/{slot_id}/edit")
        page = await visitor.send({**FORM, "first_date-year": "2026", "capacity": ""})
        assert (page.status_code, 'href="#capacity"' in page.text) == (422, True)


async def test_copy_moves_days_with_the_programme_and_is_a_draft(rounds: RoundWorld) -> None:
    slot_id = await slot_id_of(rounds, "S-GAMES")
    made = await rounds.ok(
        rounds.hub.post(
            "/programmes",
            json={
                "name": "Next summer",
                "school_year": "2027/28",
                "year_groups": [10, 11],
                "first_date": "2028-05-30",
                "last_date": "2028-07-31",
            },
        ),
        201,
    )
    async with host(rounds.world, rounds.employer_id) as visitor:
        await visitor.open(f"/slots/{slot_id}/copy")
        page = await visitor.send({"programme_id": str(uuid4())})
        assert (page.status_code, 'href="#programme_id"' in page.text) == (422, True)
        await visitor.send({"programme_id": made["programme_id"]})
        assert "This is a copy in draft" in visitor.text()
        [row] = await rounds.fetch("SELECT draft_id FROM slot_draft")
        await visitor.open(f"/slots/drafts/{row['draft_id']}/check")
        assert "26 to 30 June 2028" in visitor.text()  # Monday to Friday, as in 2027
        await visitor.send()
        assert "The slot was published." in visitor.text()


async def test_repeat_publishes_a_slot_for_each_week_or_none(rounds: RoundWorld) -> None:
    slot_id = await slot_id_of(rounds, "S-GAMES")
    async with host(rounds.world, rounds.employer_id) as visitor:
        before = await rounds.world.count("slot")
        await visitor.open(f"/slots/{slot_id}/repeat")
        page = await visitor.send({"weeks": "6"})
        assert page.status_code == 422
        assert "Week 5 would take 2 August 2027" in visitor.text()
        assert await rounds.world.count("slot") == before
        facts = len(await rounds.facts("SlotPublished"))
        await visitor.send({"weeks": "3"})
        assert "3 more slots were published." in visitor.text()
        rows = await rounds.fetch("SELECT dates FROM slot WHERE title = $1 ORDER BY first_date", SLOT["title"])
        assert [row["dates"] for row in rows] == [
            "2027-06-28/2027-07-02",
            "2027-07-05/2027-07-09",
            "2027-07-12/2027-07-16",
            "2027-07-19/2027-07-23",
        ]
        assert len(await rounds.facts("SlotPublished")) - facts == 3
        for weeks in ("0", "21", "many", "²"):
            await visitor.open(f"/slots/{slot_id}/repeat")
            assert (await visitor.send({"weeks": weeks})).status_code == 422, weeks


async def test_file_is_checked_then_taken(rounds: RoundWorld) -> None:
    rows = csv_of({**SLOT, "slot_ref": "S-NEW", "title": "=cmd"}, {**SLOT, "capacity": "7"})
    async with host(rounds.world, rounds.employer_id) as visitor:
        before = await rounds.world.count("slot")
        await visitor.open("/slots/upload")
        await visitor.send(
            {"programme_id": rounds.programme}, action="/slots/upload", files={"file": ("slots.csv", rows)}
        )
        assert "1 added 1 changed" in visitor.text()
        assert "capacity: 4 → 7" in visitor.text()
        assert await rounds.world.count("slot") == before
        await visitor.send(action=visitor.page.url.path)
        assert "Your file is in" in visitor.text()
        assert await rounds.world.count("slot") == before + 1


async def test_errors_of_a_file_are_told_by_row_and_column(rounds: RoundWorld) -> None:
    other = await another_employer(rounds.world, employer_ref="E-OTHER")
    wrong = csv_of(
        {**SLOT, "capacity": "<b>many</b>"},
        {**SLOT, "slot_ref": "S-X", "employer_ref": "E-OTHER"},
    )
    async with host(rounds.world, rounds.employer_id) as visitor:
        before = await rounds.world.count("slot")
        await visitor.open("/slots/upload")
        page = await visitor.send(
            {"programme_id": rounds.programme}, action="/slots/upload", files={"file": ("s.csv", wrong)}
        )
        assert "There is a problem with your file" in visitor.text()
        assert "2 capacity" in visitor.text()
        assert "<b>many</b>" not in page.text
        for fields, files in (({"programme_id": rounds.programme}, {"file": ("s.csv", b"")}), ({}, None)):
            await visitor.open("/slots/upload")
            page = await visitor.send(fields, action="/slots/upload", files=files or {"file": ("s.csv", wrong)})
            assert page.status_code == 422
        alone = csv_of({**SLOT, "slot_ref": "S-X", "employer_ref": "E-OTHER"})
        await visitor.open("/slots/upload")
        await visitor.send({"programme_id": rounds.programme}, action="/slots/upload", files={"file": ("s.csv", alone)})
        assert "there is no employer E-OTHER" in visitor.text()
        assert await rounds.world.count("slot") == before
        # A reference that another employer uses can't be seen, and is refused all the same.
        async with host(rounds.world, other) as stranger:
            own = csv_of({**SLOT, "slot_ref": "S-GAMES", "employer_ref": "E-OTHER"})
            await stranger.open("/slots/upload")
            await stranger.send(
                {"programme_id": rounds.programme}, action="/slots/upload", files={"file": ("s.csv", own)}
            )
            await stranger.send(action=stranger.page.url.path)
            assert "Your file could not be taken" in stranger.text()
            assert "reference" in stranger.text()


async def test_withdrawing_shows_whom_it_affects_first_and_takes_a_reason(rounds: RoundWorld) -> None:
    slot_id = await slot_id_of(rounds, "S-GAMES")
    await rounds.published()
    async with host(rounds.world, rounds.employer_id) as visitor:
        await visitor.open(f"/slots/{slot_id}/withdraw")
        [row] = await rounds.fetch("SELECT count(*) FROM placement WHERE slot_id = $1", slot_id)
        assert f"{row['count']} students are placed here" in visitor.text()
        assert "in a change run" in visitor.text()
        page = await visitor.send({"reason": "because"})
        assert (page.status_code, 'href="#reason"' in page.text) == (422, True)
        form = visitor.page
        await visitor.send({"reason": "staffing"})
        assert "The slot was withdrawn." in visitor.text()
        assert "We don't have the people" in visitor.text()
        assert (await rounds.facts("SlotWithdrawn"))[-1]["reason"] == "staffing"
        visitor.page = form
        await visitor.send({"reason": "staffing"})
        assert len(await rounds.facts("SlotWithdrawn")) == 1
        for end in ("edit", "withdraw"):
            page = await visitor.open(f"/slots/{slot_id}/{end}")
            assert page.status_code == 409, end


async def test_withdrawn_places_are_told_to_the_hub_with_the_reason_and_to_the_school(rounds: RoundWorld) -> None:
    slot_id = await slot_id_of(rounds, "S-GAMES")
    await rounds.published()
    await rounds.execute("UPDATE slot SET title = '<b>Games</b>' WHERE slot_ref = 'S-GAMES'")
    [row] = await rounds.fetch("SELECT count(*) FROM placement WHERE slot_id = $1", slot_id)
    async with host(rounds.world, rounds.employer_id) as visitor, coordinator(rounds.world) as hub:
        assert "withdrawn since" not in (await hub.open("/")).text
        await visitor.open(f"/slots/{slot_id}/withdraw")
        await visitor.send({"reason": "staffing"})
        await hub.open("/")
        assert f"{row['count']} students are placed where the employer has withdrawn since" in hub.text()
        await hub.open(f"/rounds/{rounds.round_id}/runs/change")
        assert f"(S-GAMES) We don't have the people to look after students {row['count']}" in hub.text()
        assert "<b>Games" not in hub.page.text
    async with adviser(rounds.world) as ann:
        await ann.open(f"/results/{rounds.round_id}")
        assert "withdrawn by the employer since" in ann.text()
        await ann.open(f"/results/{rounds.round_id}/letters")
        assert "The employer has since withdrawn this." in ann.text()


async def test_the_hub_is_told_of_each_student_in_withdrawn_slots_once_however_many_the_slots(
    rounds: RoundWorld,
) -> None:
    await rounds.published()
    await rounds.execute("UPDATE slot SET state = 'withdrawn', withdrawn_reason = 'other'")
    await rounds.execute(
        "INSERT INTO slot SELECT (jsonb_populate_record(l, jsonb_build_object("
        "'slot_id', gen_random_uuid(), 'slot_ref', 'S-A' || number))).* "
        "FROM slot l, generate_series(1, 210) number WHERE l.slot_ref = 'S-GAMES'"
    )
    await rounds.execute(
        "INSERT INTO placement SELECT p.run_id, p.hub_id, p.round_id, p.student_id, p.school_id, l.slot_id, "
        "p.employer_id, p.rank, p.minutes, p.mode_used FROM placement p JOIN student s USING (student_id), slot l "
        "WHERE s.mis_id = '1001' AND l.slot_ref LIKE 'S-A%'"
    )
    async with coordinator(rounds.world) as hub:
        await hub.open("/")
        assert "Summer: 3 students are placed where the employer has withdrawn since" in hub.text()


@pytest.mark.parametrize(
    "over",
    [
        "UPDATE slot SET first_date = current_date - 8, last_date = current_date - 1",
        "UPDATE round SET state = 'settled'",
    ],
)
async def test_the_hub_is_told_of_withdrawn_slots_only_while_something_can_be_done(
    rounds: RoundWorld, over: str
) -> None:
    await rounds.published()
    await rounds.execute("UPDATE slot SET state = 'withdrawn', withdrawn_reason = 'other'")
    async with coordinator(rounds.world) as hub:
        assert "has withdrawn since" in (await hub.open("/")).text
        assert "Withdrawn since" in (await hub.open(f"/rounds/{rounds.round_id}/runs/change")).text
        await rounds.execute(over)
        assert "has withdrawn since" not in (await hub.open("/")).text
        assert "Withdrawn since" not in (await hub.open(f"/rounds/{rounds.round_id}/runs/change")).text


async def test_before_publication_withdrawing_tells_a_band(rounds: RoundWorld) -> None:
    slot_id = await slot_id_of(rounds, "S-GAMES")
    await rounds.open()
    await rounds.submit()
    async with host(rounds.world, rounds.employer_id) as visitor:
        await visitor.open(f"/slots/{slot_id}/withdraw")
        assert "not published yet: fewer than 5." in visitor.text()


@pytest.mark.parametrize("end", ["", "/edit", "/copy", "/repeat", "/withdraw"])
async def test_slot_of_another_employer_is_not_there(rounds: RoundWorld, end: str) -> None:
    slot_id = await slot_id_of(rounds, "S-GAMES")
    other = await another_employer(rounds.world)
    async with host(rounds.world, other) as stranger, Visitor(rounds.world.app) as coordinator:
        assert (await stranger.open(f"/slots/{slot_id}{end}")).status_code == 404
        await stranger.open("/slots/new")
        answer = await stranger.http.post(
            f"/slots/{slot_id}{end or '/edit'}",
            data={**FORM, "csrf_token": _token(stranger), "weeks": "1", "reason": "error"},
        )
        assert answer.status_code == 404
        await coordinator.sign_in(await person(rounds.world, "hub"))
        assert (await coordinator.open(f"/slots/{slot_id}{end}")).status_code == 404
        assert (await coordinator.open("/slots")).status_code == 404


def _token(visitor: Visitor) -> str:
    return visitor.page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
