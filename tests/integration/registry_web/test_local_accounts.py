"""Accounts of this site: invitation, password, one-time codes, and what somebody does who wants in without them."""

import asyncio
import json
import re
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner

from hub_registry.access.principal import Role
from hub_registry.cli.main import app
from tests.integration.registry.world import SCHOOL_A, SCHOOL_B, World
from tests.integration.registry_web.people import (
    PASSWORD,
    code,
    invited,
    outside,
    set_up,
    sign_in,
    wait_for_next_code,
)


async def test_coordinator_sets_up_password_and_codes_by_the_link_and_signs_in_with_both(earnest: World) -> None:
    ada = await invited(earnest, Role.HUB, "Ada@hub.example")
    async with outside(earnest.app) as visitor, outside(earnest.app) as later:
        secret = await set_up(visitor, ada.link, codes=True)
        assert "Your recovery codes" in visitor.text()
        assert (await visitor.open("/")).url.path == "/"
        await sign_in(later, "ada@HUB.example")
        assert later.page.url.path == "/sign-in/code"
        await later.send({"code": code(secret, steps_on=1)}, action="/sign-in/code")
        assert (later.page.url.path, "Ada Lunt" in later.text()) == ("/", True)
        session = await earnest_sessions(earnest)
        assert {(row["how"], row["second_factor"]) for row in session} == {("password", True)}


async def earnest_sessions(world: World) -> list[dict[str, object]]:
    async with world.owner() as conn:
        return [dict(row) for row in await conn.fetch("SELECT * FROM session ORDER BY created_at")]


async def test_coordinator_is_not_let_in_without_codes(earnest: World) -> None:
    ada = await invited(earnest, Role.HUB, "ada@hub.example")
    async with outside(earnest.app) as visitor:
        await visitor.open(ada.link)
        await visitor.send({"password": PASSWORD})
        assert visitor.page.status_code == 422
        assert "six figures" in visitor.text()
        await visitor.send({"password": PASSWORD, "code": "000000"})
        assert "not the code" in visitor.text()
        assert not await earnest_sessions(earnest)
        await set_up(visitor, ada.link, codes=True)  # the link is still good


async def test_hub_role_given_to_an_account_without_codes_takes_an_invitation_first(earnest: World) -> None:
    adviser = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as visitor, outside(earnest.app) as again:
        await set_up(visitor, adviser.link, codes=False)
        await invited(earnest, Role.HUB, "jo@x.example")
        await sign_in(again, "jo@x.example")
        assert again.page.url.path == "/sign-in/choose"
        choices = dict(re.findall(r'name="staff_id" value="([^"]+)">\s*<button[^>]*>\s*([^<]+?)\s*<', again.page.text))
        hub = next(staff_id for staff_id, words in choices.items() if "coordinator" in words)
        await again.send({"staff_id": hub}, action="/sign-in/choose")
        assert (again.page.status_code, "invitation" in again.text()) == (403, True)
        assert (await again.open("/")).url.path == "/sign-in"


@pytest.mark.parametrize(
    "password", ["short", "password1234", "aaaaaaaaaaaaaaaa", "abcdefghijkl", "adalunt2026!", "Liverpool2027"]
)
async def test_password_that_is_short_or_common_is_refused(earnest: World, password: str) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as visitor:
        await visitor.open(jo.link)
        await visitor.send({"password": password})
        assert visitor.page.status_code == 422
        assert 'id="password-error"' in visitor.page.text
        assert password not in visitor.page.text


async def test_link_is_good_once_whoever_comes_second(earnest: World) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as visitor, outside(earnest.app) as thief:
        await visitor.open(jo.link)
        await thief.open(jo.link)
        both = await asyncio.gather(
            visitor.send({"password": PASSWORD}), thief.send({"password": "another fine long one"})
        )
        assert sorted(page.status_code for page in both) == [200, 404]
        assert (await thief.open(jo.link)).status_code == 404
        assert "not good any more" in thief.text()


@pytest.mark.parametrize(
    "end",
    [
        "UPDATE invitation SET expires_at = now() - interval '1 second'",
        "UPDATE invitation SET revoked_at = now()",
        "UPDATE staff SET active = false",
    ],
)
async def test_link_that_is_old_or_replaced_or_of_somebody_gone_is_refused(earnest: World, end: str) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as visitor:
        await visitor.open(jo.link)
        async with earnest.owner() as conn:
            await conn.execute(end)
        await visitor.send({"password": PASSWORD})
        assert visitor.page.status_code == 404
        assert (await visitor.open(jo.link)).status_code == 404


async def test_newer_invitation_replaces_the_older(earnest: World) -> None:
    old = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    new = await invited(earnest, Role.ADVISER, "jo@x.example", staff_id=old.staff_id)
    async with outside(earnest.app) as visitor:
        assert (await visitor.open(old.link)).status_code == 404
        assert (await visitor.open(new.link)).status_code == 200


async def test_code_is_not_taken_twice(earnest: World) -> None:
    ada = await invited(earnest, Role.HUB, "ada@hub.example")
    async with outside(earnest.app) as visitor, outside(earnest.app) as thief:
        secret = await set_up(visitor, ada.link, codes=True)
        shown = code(secret, steps_on=1)
        for one in (visitor, thief):
            await sign_in(one, ada.email)
        both = await asyncio.gather(
            visitor.send({"code": shown}, action="/sign-in/code"), thief.send({"code": shown}, action="/sign-in/code")
        )
        assert sorted(page.status_code for page in both) == [200, 422]
        await sign_in(thief, ada.email)
        await thief.send({"code": code(secret)}, action="/sign-in/code")  # the one before, not shown to anybody yet
        assert thief.page.status_code == 422


async def test_recovery_code_is_good_once(earnest: World) -> None:
    ada = await invited(earnest, Role.HUB, "ada@hub.example")
    async with outside(earnest.app) as visitor:
        await set_up(visitor, ada.link, codes=True)
        codes = re.findall(r"<li>((?:[a-z2-7]{4}-){3}[a-z2-7]{4})</li>", visitor.page.text)
        assert len(set(codes)) == 10
        for expected in ("/", "/sign-in/code"):
            await sign_in(visitor, ada.email)
            await visitor.send({"code": codes[0].upper().replace("-", " ")}, action="/sign-in/code")
            assert visitor.page.url.path == expected


async def test_new_invitation_alone_does_not_open_an_account_that_has_codes(earnest: World) -> None:
    ada = await invited(earnest, Role.HUB, "ada@hub.example")
    async with outside(earnest.app) as visitor, outside(earnest.app) as thief:
        secret = await set_up(visitor, ada.link, codes=True)
        again = await invited(earnest, Role.HUB, ada.email, staff_id=ada.staff_id)
        await thief.open(again.link)
        await thief.send({"password": "another fine long one", "code": "123456"})
        assert thief.page.status_code == 422
        await visitor.open(again.link)
        await visitor.send({"password": "another fine long one", "code": code(secret, steps_on=1)})
        assert visitor.page.url.path == "/"


async def test_new_password_ends_every_session(earnest: World) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as old, outside(earnest.app) as new:
        await set_up(old, jo.link, codes=False)
        again = await invited(earnest, Role.ADVISER, jo.email, staff_id=jo.staff_id)
        await set_up(new, again.link, password="another fine long one", codes=False)  # noqa: S106
        assert (await old.open("/")).url.path == "/sign-in"
        assert (await new.open("/")).url.path == "/"


async def test_new_codes_are_set_up_by_an_invitation_that_says_so(earnest: World) -> None:
    ada = await invited(earnest, Role.HUB, "ada@hub.example")
    async with outside(earnest.app) as visitor:
        lost = await set_up(visitor, ada.link, codes=True)
        again = await invited(earnest, Role.HUB, ada.email, staff_id=ada.staff_id, new_codes=True)
        secret = await set_up(visitor, again.link, codes=True)
        assert secret != lost
        await wait_for_next_code(earnest)
        await sign_in(visitor, ada.email)
        await visitor.send({"code": code(lost)}, action="/sign-in/code")
        assert visitor.page.status_code == 422


async def test_person_of_two_schools_chooses_which(earnest: World) -> None:
    first = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    await invited(earnest, Role.ADVISER, "JO@x.example", school_id=SCHOOL_B)
    async with outside(earnest.app) as visitor:
        await set_up(visitor, first.link, codes=False)
        await sign_in(visitor, "jo@x.example", next_page="/?tab=1")
        assert visitor.page.url.path == "/sign-in/choose"
        for school in (SCHOOL_A, SCHOOL_B):
            assert f"School {school}" in visitor.text()
        staff = await invited(earnest, Role.ADVISER, "z@x.example", school_id=SCHOOL_B)
        await visitor.send({"staff_id": str(staff.staff_id)}, action="/sign-in/choose")  # somebody else's
        assert visitor.page.url.path == "/sign-in/choose"
        await visitor.send({"staff_id": str(first.staff_id)}, action="/sign-in/choose")
        assert visitor.page.url.raw_path == b"/?tab=1"


async def test_password_of_another_hub_does_not_open_this_one(earnest: World) -> None:
    other_hub = await second_hub(earnest)
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    theirs = await invited(earnest, Role.OPERATOR, "jo@x.example", hub_id=other_hub)
    async with outside(earnest.app) as visitor, outside(earnest.app) as other:
        await set_up(visitor, jo.link, codes=False)
        await set_up(other, theirs.link, password="what the other hub made", codes=False)  # noqa: S106
        await sign_in(other, "jo@x.example", "what the other hub made")
        assert other.page.url.path == "/"
        sessions = await earnest_sessions(earnest)
        assert sessions[-1]["hub_id"] == other_hub


async def second_hub(world: World) -> UUID:
    async with world.owner() as conn:
        made: UUID = await conn.fetchval(
            "INSERT INTO hub (hub_id, slug, name) VALUES (gen_random_uuid(), 'b-hub', 'B hub') RETURNING hub_id"
        )
    return made


async def test_unknown_address_and_wrong_password_are_answered_alike(earnest: World) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as visitor, outside(earnest.app, address="192.0.2.8") as stranger:
        await set_up(visitor, jo.link, codes=False)
        pages = []
        for email in ("jo@x.example", "nobody@x.example"):
            await sign_in(stranger, email, "not the password at all")
            bare = re.sub(r"(value|csrf_token\" value)=\"[^\"]*\"", "", stranger.page.text)
            pages.append((stranger.page.status_code, bare))
        assert pages[0] == pages[1]


async def test_session_cookie_is_bound_to_this_host_and_new_at_every_sign_in(earnest: World) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as visitor:
        await set_up(visitor, jo.link, codes=False)
        await visitor.http.get("/")
        first = visitor.http.cookies["__Host-hub_session"]
        visitor.http.follow_redirects = False
        await sign_in(visitor, jo.email)
        set_now = visitor.page.headers.get_list("set-cookie")
        session = next(one for one in set_now if one.startswith("__Host-hub_session="))
        assert all(part in session for part in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"))
        assert "Domain" not in session
        assert visitor.http.cookies["__Host-hub_session"] != first
        visitor.http.cookies.set("__Host-hub_session", first, domain="registry.local")
        assert (await visitor.open("/")).status_code == 303  # the session before has ended


async def test_session_and_visit_planted_by_somebody_else_are_worth_nothing(earnest: World) -> None:
    ada = await invited(earnest, Role.HUB, "ada@hub.example")
    async with outside(earnest.app) as visitor, outside(earnest.app) as thief:
        await set_up(visitor, ada.link, codes=True)
        visitor.http.cookies.clear()
        await thief.open("/sign-in")
        planted = thief.http.cookies["__Host-hub_visit"]
        visitor.http.cookies.set("__Host-hub_visit", planted, domain="registry.local", path="/")
        visitor.http.cookies.set("__Host-hub_session", planted, domain="registry.local", path="/")
        await sign_in(visitor, ada.email)
        assert visitor.page.url.path == "/sign-in/code"
        assert (await thief.open("/sign-in/code")).url.path == "/sign-in"
        assert (await thief.open("/")).url.path == "/sign-in"


async def test_form_of_another_browser_signs_nobody_in(earnest: World) -> None:
    """Login CSRF: a page elsewhere that sends its owner's password from the victim's browser."""
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as thief, outside(earnest.app) as victim:
        await set_up(thief, jo.link, codes=False)
        thief.http.cookies.clear()
        await thief.open("/sign-in")
        token = re.search(r'name="csrf_token" value="([^"]+)"', thief.page.text)
        assert token
        fields = {"email": jo.email, "password": PASSWORD, "next": "/"}
        for sent in ({}, {"csrf_token": token[1]}, {"csrf_token": ""}):
            assert (await victim.http.post("/sign-in", data={**fields, **sent})).status_code == 403
        await victim.open("/sign-in")
        assert (await victim.http.post("/sign-in", data={**fields, "csrf_token": token[1]})).status_code == 403
        assert (await victim.open("/")).url.path == "/sign-in"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/a\r\nX: y",
    ],
)
async def test_signing_in_leads_nowhere_else(earnest: World, elsewhere: str) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as visitor:
        await set_up(visitor, jo.link, codes=False)
        await visitor.open("/sign-in")
        visitor.http.follow_redirects = False
        await visitor.send({"email": jo.email, "password": PASSWORD, "next": elsewhere}, action="/sign-in")
        assert (visitor.page.status_code, visitor.page.headers["location"]) == (303, "/")


async def test_first_coordinator_comes_in_by_a_link_of_the_hub_command(
    earnest: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_DATABASE_URL", earnest.database.url)
    monkeypatch.setenv("HUB_INTERNAL_TOKEN", "a-real-secret")
    monkeypatch.setenv("HUB_PUBLIC_URL", "https://registry/")
    added = "staff add --hub a-hub --role hub --name Ada --email ada@hub.example"
    assert (await run_hub(*added.split())).exit_code == 0
    made = await run_hub("--json", "staff", "invite", "--staff", "ada@hub.example")
    link = json.loads(made.stdout)["link"]
    assert link.startswith("https://registry/invitation/hub_")
    async with outside(earnest.app) as visitor:
        await set_up(visitor, link, codes=True)
        assert (await visitor.open("/")).url.path == "/"
    unknown = await run_hub("staff", "invite", "--staff", "nobody@hub.example")
    assert (unknown.exit_code, "nobody has the address" in unknown.stderr) == (1, True)


async def run_hub(*words: str) -> Any:
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, list(words)))
