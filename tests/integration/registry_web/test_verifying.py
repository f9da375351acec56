"""Employers checked by page: one, many, turned away, looked at again."""

import asyncpg
import pytest

from tests.integration.registry.world import EMPLOYER, World, csv_of
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.hub_pages import coordinator, day, refused_to_others

OTHERS = (
    {**EMPLOYER, "employer_ref": "E-GULL", "name": "Gull <script>alert(1)</script> Bakery", "risk_band": "higher"},
    {**EMPLOYER, "employer_ref": "E-COOT", "name": "Coot Works", "insurance_valid_until": "2020-01-01"},
)


async def with_others(rounds: RoundWorld) -> dict[str, str]:
    """Register two more; gives the ids by reference."""
    await rounds.world.upload(rounds.hub, "/employers/import", csv_of(*OTHERS))
    items = (await rounds.ok(rounds.hub.get("/employers")))["items"]
    return {one["employer_ref"]: one["employer_id"] for one in items}


async def test_queue_shows_what_was_declared_with_hostile_names_escaped(rounds: RoundWorld) -> None:
    await with_others(rounds)
    async with coordinator(rounds.world) as visitor:
        page = await visitor.open("/employers")
        assert "Waiting for you: 2 employers" in visitor.text()
        assert "1 January 2020 (has run out)" in visitor.text()
        assert "<script>alert" not in page.text
        await visitor.open("/employers?show=all&words=coot")
        assert "All: 1 employer" in visitor.text()
        await visitor.open("/")
        assert "2 employers wait for verification" in visitor.text()


async def test_employer_is_verified_with_band_and_end(rounds: RoundWorld) -> None:
    ids = await with_others(rounds)
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"/employers/{ids['E-GULL']}")
        page = await visitor.send({"risk_band": "low", **day("until", "2099-01-01")}, action="/verify")
        assert (page.status_code, 'href="#until"' in page.text) == (422, True)
        await visitor.send({"risk_band": "less_familiar", **day("until", "2027-08-31")}, action="/verify")
        assert "The employer was verified." in visitor.text()
    row = (await rounds.fetch("SELECT * FROM employer WHERE employer_ref = 'E-GULL'"))[0]
    assert (row["risk_band"], str(row["verified_until"]), row["verified_by"] is None) == (
        "less_familiar",
        "2027-08-31",
        False,
    )
    assert ids["E-GULL"] in [fact["employer_id"] for fact in await rounds.facts("EmployerVerified")]
    changes = await rounds.fetch("SELECT staff_id FROM audit WHERE subject_kind = 'employer' AND action = 'changed'")
    assert changes[-1]["staff_id"] == row["verified_by"]


async def test_employer_is_turned_away_for_a_reason_and_waits_no_more(rounds: RoundWorld) -> None:
    ids = await with_others(rounds)
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"/employers/{ids['E-COOT']}")
        assert (await visitor.send({}, action="/turn-away")).status_code == 422
        await visitor.send({"reason": "no_insurance"}, action="/turn-away")
        assert "The employer was turned away." in visitor.text()
        assert "No message is sent by itself." in visitor.text()
        assert f'href="mailto:{EMPLOYER["contact_email"]}"' in visitor.page.text
        assert "We can’t take it up at present. There is no employers' liability insurance." in visitor.text()
        await visitor.open("/employers?show=turned_away")
        assert "There is no employers' liability insurance" in visitor.text()
    told = [(fact["employer_id"], fact["reason"]) for fact in await rounds.facts("EmployerTurnedAway")]
    assert told == [(ids["E-COOT"], "no_insurance")]


async def test_many_are_verified_after_a_preview_and_only_once(rounds: RoundWorld) -> None:
    ids = await with_others(rounds)
    before = len(await rounds.facts("EmployerVerified"))
    async with coordinator(rounds.world) as visitor:
        chosen = "&".join(f"employer={one}" for one in (*ids.values(), "nonsense"))
        await visitor.open(f"/employers/verify?{chosen}")
        assert "Verify 2 employers" in visitor.text()
        assert "1 employer was verified already and is left out" in visitor.text()
        assert "has run out: its slots stay out of rounds" in visitor.text()
        form = visitor.page
        fields = {"employer": [ids["E-GULL"], ids["E-COOT"]], **day("until", "2027-08-31")}
        await visitor.send(fields)
        assert "2 employers were verified." in visitor.text()
        visitor.page = form
        await visitor.send(fields)
        assert len(await rounds.facts("EmployerVerified")) == before + 2


async def test_somebody_elses_verdict_meanwhile_is_shown_not_overwritten(rounds: RoundWorld) -> None:
    ids = await with_others(rounds)
    async with coordinator(rounds.world) as visitor, coordinator(rounds.world) as other:
        await visitor.open(f"/employers/{ids['E-COOT']}")
        await other.open(f"/employers/{ids['E-COOT']}")
        await other.send({"reason": "not_suitable"}, action="/turn-away")
        page = await visitor.send({"risk_band": "low", **day("until", "2027-08-31")}, action="/verify")
        assert page.status_code == 409
        assert "The work is not suitable for students" in visitor.text()


async def test_check_that_ends_before_a_slot_keeps_it_out_of_the_round(rounds: RoundWorld) -> None:
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"/employers/{rounds.employer_id}")
        await visitor.send({"risk_band": "low", **day("until", "2027-06-30")}, action="/verify")
        await visitor.open(f"/rounds/{rounds.round_id}/missing")
        assert "the hub's check ends before its last day" in visitor.text()
    missing = await rounds.ok(rounds.hub.get(f"/rounds/{rounds.round_id}/missing"))
    assert {one["reason"] for one in missing["slots_kept_out"]} == {"verification_ends_before"}


async def test_employer_can_not_take_back_that_it_was_turned_away(world: World) -> None:
    _, employer_id = await world.with_slots()
    async with world.owner() as conn:
        await conn.execute("UPDATE employer SET turned_away_at = now(), turned_away_reason = 'other'")
    employer = await world.staff("employer", employer_id=employer_id)
    scope = {"hub_id": str(world.hub_id), "role": "employer", "employer_id": employer_id}
    async with world.as_role("hub_registry_app", **scope) as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only the hub"):
            await conn.execute("UPDATE employer SET turned_away_at = NULL, turned_away_reason = NULL")
    answer = await employer.patch(f"/employers/{employer_id}", json={"insurance_valid_until": "2038-01-01"})
    assert answer.status_code == 200
    async with world.owner() as conn:
        assert await conn.fetchval("SELECT turned_away_at FROM employer") is None


async def test_employers_are_the_coordinators_of_their_hub(rounds: RoundWorld) -> None:
    await refused_to_others(rounds, f"/employers/{rounds.employer_id}")
