"""An employer registers by itself: form, mail, link, verification; nothing is said of who is known already."""

import asyncio
import contextlib
import re
from uuid import UUID

import asyncpg
import pytest

from hub_notifier.view import ApplicationView, NoticesShown
from hub_registry.attempts.model import Count
from hub_schemas.ids import new_id
from tests.integration.registry.world import SCHOOL_A
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.asking import asked_for, link_of, notifier_asks
from tests.integration.registry_web.hub_pages import coordinator, day, other_hub, person
from tests.support.visitor import Visitor

PAGE = "/join/a-hub"
APPLIED = {
    "name": "Heron <b>Robotics</b>",
    "sector": "Engineering",
    "postcode": "l1 8jx",
    "contact_name": "Sam O'Neill",
    "contact_email": "Sam@heron.example",
}


async def _apply(visitor: Visitor, **changes: str) -> str:
    await visitor.open(PAGE)
    await visitor.send({**APPLIED, **changes})
    return visitor.text()


async def _confirmed(rounds: RoundWorld, visitor: Visitor, **changes: str) -> UUID:
    """Apply and confirm; gives the employer's id."""
    await _apply(visitor, **changes)
    await visitor.open(await link_of(rounds, (await asked_for(rounds))[-1]["request_id"]))
    await visitor.send()
    assert "Your address is confirmed" in visitor.text(), visitor.text()
    [row] = await rounds.fetch("SELECT employer_id FROM application ORDER BY confirmed_at DESC NULLS LAST LIMIT 1")
    found: UUID = row["employer_id"]
    return found


async def test_nothing_is_registered_before_the_address_is_confirmed(rounds: RoundWorld) -> None:
    before = await rounds.fetch("SELECT count(*) FROM employer")
    async with Visitor(rounds.world.app) as visitor:
        assert "Look into your mailbox" in await _apply(visitor)
        [asked] = await asked_for(rounds)
        assert asked["about"] == "application"
        assert await rounds.fetch("SELECT count(*) FROM employer") == before
        link = await link_of(rounds, asked["request_id"])
        await visitor.open(link)
        assert "Heron <b>Robotics</b>" in visitor.text().replace("&lt;", "<")
        assert "<b>Robotics" not in visitor.page.text
        assert await rounds.fetch("SELECT count(*) FROM employer") == before
        await visitor.send()
        assert "Your address is confirmed" in visitor.text()
    [row] = await rounds.fetch("SELECT * FROM employer WHERE employer_ref LIKE 'JOIN-%'")
    assert (row["name"], row["postcode"], row["verified_at"]) == (APPLIED["name"], "L1 8JX", None)
    [person] = await rounds.fetch("SELECT * FROM staff WHERE employer_id = $1", row["employer_id"])
    assert (person["role"], person["active"], person["email"]) == ("employer", False, APPLIED["contact_email"])
    assert {"employer_id": str(row["employer_id"])} in await rounds.facts("EmployerRegistered")


async def test_the_mail_has_nothing_that_was_typed_and_its_secret_is_nowhere_else(rounds: RoundWorld) -> None:
    async with Visitor(rounds.world.app) as visitor:
        await _apply(visitor)
    [asked] = await asked_for(rounds)
    answer = await notifier_asks(rounds, asked["request_id"])
    for typed in ("Heron", "Sam O", "Engineering", "8JX"):
        assert typed not in answer.text
    notice = answer.json()["notices"][0]
    assert notice["address"] == {"name": "", "email": APPLIED["contact_email"]}
    assert NoticesShown.model_validate(answer.json()).notices[0].kind == "person"
    assert ApplicationView.model_validate(notice["view"]).hub_name == "A hub"
    secret = notice["view"]["link"].rpartition("/")[2]
    kept = await rounds.fetch("SELECT row_to_json(a)::text AS kept FROM application a")
    staged = await rounds.fetch("SELECT convert_from(payload, 'UTF8') AS kept FROM outbox")
    assert not any(secret in one["kept"] for one in (*kept, *staged))


async def test_the_hub_verifies_and_the_person_is_invited_and_signs_in(rounds: RoundWorld) -> None:
    async with Visitor(rounds.world.app) as visitor:
        employer_id = await _confirmed(rounds, visitor)
    async with coordinator(rounds.world) as hub:
        await hub.open("/employers/joining")
        assert "waits for you" in hub.text()
        await hub.open("/employers")
        assert "Heron" in hub.text()
        await hub.open(f"/employers/{employer_id}")
        assert "It registered by itself: Sam O'Neill confirmed the e-mail address" in hub.text().replace("&#39;", "'")
        await hub.send({"risk_band": "low", **day("until", "2027-06-01")}, action="/verify")
        assert "The employer was verified" in hub.text()
        await hub.open("/employers/joining")
        assert "Nobody waits" in hub.text()
    asked = (await asked_for(rounds))[-1]
    assert asked["about"] == "invitation"
    async with Visitor(rounds.world.app) as visitor:
        await visitor.open(await link_of(rounds, asked["request_id"]))
        await visitor.send({"password": "a long enough pass phrase"})
        assert visitor.page.url.path == "/"
        assert "Heron" in visitor.text()
    async with coordinator(rounds.world) as hub:  # verified once more: nobody is invited a second time
        await hub.open(f"/employers/{employer_id}")
        await hub.send({"risk_band": "low", **day("until", "2027-06-02")}, action="/verify")
    assert len(await asked_for(rounds)) == 2


async def test_many_at_once_and_the_api_let_people_in_too(rounds: RoundWorld) -> None:
    async with Visitor(rounds.world.app) as visitor:
        first = await _confirmed(rounds, visitor)
        second = await _confirmed(rounds, visitor, contact_email="other@heron.example")
    async with coordinator(rounds.world) as hub:
        await hub.open(f"/employers/verify?employer={first}")
        await hub.send({"employer": str(first), **day("until", "2027-06-01")}, action="/verify")
        assert "1 employer was verified" in hub.text()
    await rounds.ok(rounds.hub.post("/employers/verifications", json={"all": True}))
    rows = await rounds.fetch("SELECT active FROM staff WHERE employer_id = ANY ($1)", [first, second])
    assert [row["active"] for row in rows] == [True, True]
    assert [one["about"] for one in await asked_for(rounds)].count("invitation") == 2


async def test_a_form_sent_twice_and_a_link_clicked_twice_are_one_employer(rounds: RoundWorld) -> None:
    async with Visitor(rounds.world.app) as visitor:
        form = await visitor.open(PAGE)
        for _ in range(2):
            visitor.page = form
            await visitor.send(APPLIED)
            assert "Look into your mailbox" in visitor.text()
        [asked] = await asked_for(rounds)
        page = await visitor.open(await link_of(rounds, asked["request_id"]))
        for _ in range(2):
            visitor.page = page
            await visitor.send()
            assert "Your address is confirmed" in visitor.text()
    assert len(await rounds.fetch("SELECT FROM employer WHERE employer_ref LIKE 'JOIN-%'")) == 1
    assert len(await rounds.fetch("SELECT FROM staff WHERE NOT active")) == 1
    assert (await notifier_asks(rounds, asked["request_id"])).status_code == 409


async def test_a_known_address_and_an_unknown_one_are_answered_alike(rounds: RoundWorld) -> None:
    await rounds.execute(
        "INSERT INTO staff (staff_id, hub_id, role, name, email, employer_id) VALUES ($1, $2, 'employer', 'K', $3, $4)",
        new_id(),
        rounds.world.hub_id,
        "known@heron.example",
        UUID(rounds.employer_id),
    )
    shown = []
    async with Visitor(rounds.world.app) as visitor:
        for email in ("known@heron.example", "unknown@heron.example"):
            await _apply(visitor, contact_email=email)
            answer = await notifier_asks(rounds, (await asked_for(rounds))[-1]["request_id"])
            view = answer.json()["notices"][0]["view"]
            shown.append((visitor.text(), visitor.page.status_code, set(view)))
    assert shown[0] == shown[1]


async def test_an_address_gets_three_mails_a_day_and_nothing_tells(rounds: RoundWorld) -> None:
    async with Visitor(rounds.world.app) as visitor:
        texts = [await _apply(visitor, name=f"Heron {number}") for number in range(5)]
        assert set(texts) == {texts[0]}
        assert "Look into your mailbox" in await _apply(visitor, contact_email="SAM@heron.example")
    assert len(await asked_for(rounds)) == 3


async def test_who_sends_without_end_waits(rounds: RoundWorld) -> None:
    async with Visitor(rounds.world.app, address="192.0.2.9") as visitor:
        for number in range(22):
            await _apply(visitor, contact_email=f"a{number}@heron.example")
        assert visitor.page.status_code == 429
        assert "Too many tries: wait" in visitor.text()
    async with Visitor(rounds.world.app, address="192.0.2.10") as another:
        assert "Look into your mailbox" in await _apply(another)


async def test_three_mails_a_day_hold_for_forms_sent_at_once(rounds: RoundWorld) -> None:
    async with contextlib.AsyncExitStack() as closing:
        visitors = [await closing.enter_async_context(Visitor(rounds.world.app)) for _ in range(6)]
        await asyncio.gather(*(_apply(one) for one in visitors))
    assert len(await asked_for(rounds)) == 3


async def test_forms_that_fail_the_checks_count_too(rounds: RoundWorld) -> None:
    async with Visitor(rounds.world.app, address="192.0.2.11") as visitor:
        for _ in range(22):
            await _apply(visitor, postcode="AB10 1AB")
        assert visitor.page.status_code == 429


async def test_forms_that_fail_the_checks_make_nobody_else_wait(rounds: RoundWorld) -> None:
    hub = Count.of("join hub", str(rounds.world.hub_id), free=300)
    await rounds.execute("INSERT INTO attempt (key_sha256, failures) VALUES ($1, 310)", hub.key)  # the next one waits
    for last in range(3):
        async with Visitor(rounds.world.app, address=f"192.0.2.{20 + last}") as visitor:
            await _apply(visitor, postcode="AB10 1AB")
            assert visitor.page.status_code == 422
            await _apply(visitor, website="https://spam.example")
            assert visitor.page.url.path == f"{PAGE}/sent"
    for last, words in ((30, "Look into your mailbox"), (31, "Too many tries: wait")):
        async with Visitor(rounds.world.app, address=f"192.0.2.{last}") as visitor:
            assert words in await _apply(visitor)
    assert len(await asked_for(rounds)) == 1


async def test_a_program_that_fills_in_everything_is_answered_and_forgotten(rounds: RoundWorld) -> None:
    async with Visitor(rounds.world.app) as visitor:
        assert "Look into your mailbox" in await _apply(visitor, website="https://spam.example")
    assert await asked_for(rounds) == []
    assert await rounds.fetch("SELECT FROM application") == []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", " ", "the employer's name"),
        ("name", "x" * 201, "at most 200"),
        ("sector", "", "the sector"),
        ("postcode", "Liverpool", "is not a postcode"),
        ("postcode", "AB10 1AB", "no such postcode in the region"),
        ("contact_name", "Sam\x07", "control character"),
        ("contact_email", "no address", "is not an e-mail address"),
        ("contact_email", "a@b.example\r\nBcc: everyone@else.example", "is not an e-mail address"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    rounds: RoundWorld, field: str, value: str, words: str
) -> None:
    async with Visitor(rounds.world.app) as visitor:
        await _apply(visitor, **{field: value})
        assert visitor.page.status_code == 422
        assert "There is a problem" in visitor.text()
        assert words in visitor.text().replace("&#39;", "'"), visitor.text()
        assert f'href="#{field}"' in visitor.page.text
        kept = "sector" if field == "name" else "name"
        assert re.search(rf'id="{kept}"[^>]*value="{"Engineering" if kept == "sector" else "Heron"}', visitor.page.text)
    assert await rounds.fetch("SELECT FROM application") == []


async def test_links_that_are_wrong_too_old_or_of_another_hub_are_not_good(rounds: RoundWorld) -> None:
    await rounds.execute("INSERT INTO hub (hub_id, slug, name) VALUES ($1, 'other', 'Other')", new_id())
    async with Visitor(rounds.world.app) as visitor:
        await _apply(visitor)
        link = await link_of(rounds, (await asked_for(rounds))[-1]["request_id"])
        for wrong in (
            link[:-1] + ("A" if link[-1] != "A" else "B"),
            link.replace("a-hub", "other"),
            f"{PAGE}/confirm/x",
        ):
            assert (await visitor.open(wrong)).status_code == 404, wrong
        page = await visitor.open(link)
        await rounds.execute("UPDATE application SET expires_at = now()")
        assert (await visitor.open(link)).status_code == 404
        visitor.page = page
        assert (await visitor.send()).status_code == 404
    assert await rounds.fetch("SELECT FROM employer WHERE employer_ref LIKE 'JOIN-%'") == []


async def test_a_hub_that_closes_the_page_has_none(rounds: RoundWorld) -> None:
    async with Visitor(rounds.world.app) as visitor, coordinator(rounds.world) as hub:
        await _apply(visitor)
        [asked] = await asked_for(rounds)
        link = await link_of(rounds, asked["request_id"])
        form = await visitor.open(PAGE)
        await hub.open("/employers/joining")
        assert "/join/a-hub" in hub.text()
        await hub.send({"takes": "no"}, action="/joining")
        assert "The page is closed" in hub.text()
        for address in (PAGE, f"{PAGE}/sent", link, "/join/no-such-hub"):
            assert (await visitor.open(address)).status_code == 404, address
        visitor.page = form
        assert (await visitor.send(APPLIED)).status_code == 404
        assert (await notifier_asks(rounds, asked["request_id"])).status_code == 409
        await hub.open("/employers/joining")
        await hub.send({"takes": "yes"}, action="/joining")
        assert (await visitor.open(PAGE)).status_code == 200


async def test_another_site_sends_no_form_and_others_do_not_see_the_hubs_page(rounds: RoundWorld) -> None:
    async with Visitor(rounds.world.app) as visitor:
        await visitor.open(PAGE)
        await visitor.send(APPLIED, headers={"Origin": "https://elsewhere.example"})
        assert visitor.page.status_code == 403
        await visitor.open(PAGE)
        visitor.http.cookies.clear()
        assert (await visitor.send(APPLIED)).status_code == 403
    assert await rounds.fetch("SELECT FROM application") == []
    for role, of in (("adviser", {"school_id": SCHOOL_A}), ("employer", {"employer_id": UUID(rounds.employer_id)})):
        async with Visitor(rounds.world.app) as visitor:
            await visitor.sign_in(await person(rounds.world, role, **of))
            assert (await visitor.open("/employers/joining")).status_code == 404


async def test_a_coordinator_of_another_hub_sees_that_hubs_own(rounds: RoundWorld) -> None:
    async with Visitor(rounds.world.app) as visitor:
        await _confirmed(rounds, visitor)
    elsewhere = await other_hub(rounds.world)
    async with coordinator(rounds.world, hub_id=elsewhere) as hub:
        await hub.open("/employers/joining")
        assert f"/join/h-{elsewhere}" in hub.text()
        assert "Nobody waits" in hub.text()
        await hub.send({"takes": "no"}, action="/joining")
    async with Visitor(rounds.world.app) as visitor:
        assert (await visitor.open(PAGE)).status_code == 200


async def test_the_door_adds_nobody_who_is_verified_or_can_sign_in(rounds: RoundWorld) -> None:
    statements = (
        "INSERT INTO employer (employer_id, hub_id, employer_ref, name, sector, verified_at) "
        "VALUES (gen_random_uuid(), $1, 'X', 'X', 'X', now())",
        "INSERT INTO staff (staff_id, hub_id, role, name, email, active) "
        "VALUES (gen_random_uuid(), $1, 'hub', 'X', 'x@x.example', false)",
        "INSERT INTO staff (staff_id, hub_id, role, name, email, employer_id, active) "
        f"VALUES (gen_random_uuid(), $1, 'employer', 'X', 'x@x.example', '{rounds.employer_id}', true)",
        "INSERT INTO notice_request (request_id, hub_id, about, subject_id) "
        "VALUES (gen_random_uuid(), $1, 'invitation', gen_random_uuid())",
    )
    conn = await asyncpg.connect(rounds.world.database.url, server_settings={"role": "hub_registry_door"})
    try:
        for statement in statements:
            transaction = conn.transaction()
            await transaction.start()
            await conn.execute("SELECT set_config('hub.hub_id', $1, true)", str(rounds.world.hub_id))
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute(statement, rounds.world.hub_id)
            await transaction.rollback()
    finally:
        await conn.close()
