"""What a provider, or somebody in its name, may not bring into the site: nobody is signed in, nothing is told."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from hub_registry.access.principal import Role
from tests.integration.registry.world import World
from tests.integration.registry_web.people import outside
from tests.integration.registry_web.providing import (
    JO,
    answer_of,
    lead,
    provided,
    provider,
    rows,
    sign_in_there,
    staff,
)
from tests.support.openid.running import LittleProvider
from tests.support.visitor import Visitor

__all__ = ["provided", "provider"]

FAULTS = {
    "nonce": "did not pass this site's checks",
    "no nonce": "did not pass this site's checks",
    "audience": "did not pass this site's checks",
    "audience among others": "did not pass this site's checks",
    "issuer": "did not pass this site's checks",
    "no iss": "did not pass this site's checks",
    "expired": "did not pass this site's checks",
    "no exp": "did not pass this site's checks",
    "from the future": "did not pass this site's checks",
    "at_hash": "did not pass this site's checks",
    "no sub": "did not pass this site's checks",
    "long name": "names nobody",
    "alg none": "did not pass this site's checks",
    "alg by secret": "did not pass this site's checks",
    "alg by public key": "did not pass this site's checks",
    "signature": "did not pass this site's checks",
    "other issuer": "names another provider",
    "no issuer": "names another provider",
    "cancelled": "was cancelled",
    "broken": "could not finish",
    "client unknown": "in a way that this site can't use",
    "token away": "can't be reached now",
}


async def nobody_is_in(world: World, visitor: Visitor) -> None:
    assert await rows(world, "SELECT * FROM session") == []
    assert await rows(world, "SELECT * FROM account") == []
    assert await rows(world, "SELECT * FROM identity") == []
    page = visitor.page
    assert page.status_code in (403, 503)
    assert "Go back to sign in" in page.text
    for secret in ("alert(1)", "eyJ", "nonce", "invalid_", "signature", JO["sub"]):
        assert str(secret) not in visitor.text()
    assert (await visitor.open("/")).url.path == "/sign-in"


@pytest.mark.parametrize("fault", FAULTS)
async def test_answer_with_a_fault_lets_nobody_in(provided: World, provider: LittleProvider, fault: str) -> None:
    provider.will(fault)
    async with outside(provided.app) as visitor:
        await sign_in_there(visitor)
        assert FAULTS[fault] in visitor.text()
        await nobody_is_in(provided, visitor)
        provider.will()
        assert (await sign_in_there(visitor)).url.path == "/"  # and the same person comes in when it is right


async def test_key_that_the_provider_does_not_publish_is_not_taken(provided: World, provider: LittleProvider) -> None:
    provider.will("unpublished", rotate="RS256")
    async with outside(provided.app) as visitor:
        await sign_in_there(visitor)
        assert "in a way that this site can't use" in visitor.text()
        await nobody_is_in(provided, visitor)
    provider.will(rotate="RS256")


@pytest.mark.parametrize("verified", [False, "true", 1, None])
async def test_address_that_is_not_verified_is_nobodys(
    provided: World, provider: LittleProvider, verified: Any
) -> None:
    provider.will(user=JO | {"email_verified": verified})
    async with outside(provided.app) as visitor:
        await sign_in_there(visitor)
        assert "checked and yours" in visitor.text()
        await nobody_is_in(provided, visitor)


async def test_userinfo_of_somebody_else_is_not_taken(provided: World, provider: LittleProvider) -> None:
    provider.will("mail elsewhere", "other userinfo")
    async with outside(provided.app) as visitor:
        await sign_in_there(visitor)
        await nobody_is_in(provided, visitor)


async def test_stranger_gets_no_account(provided: World, provider: LittleProvider) -> None:
    provider.will(user=JO | {"sub": "s", "email": "stranger@x.example"})
    async with outside(provided.app) as visitor:
        await sign_in_there(visitor)
        assert "no active member of staff here has this address" in visitor.text()
        await nobody_is_in(provided, visitor)


async def test_member_of_staff_who_left_does_not_come_in(provided: World, provider: LittleProvider) -> None:
    async with outside(provided.app) as visitor:
        await sign_in_there(visitor)
        async with provided.owner() as conn:
            await conn.execute("UPDATE staff SET active = false WHERE email = 'jo@x.example'")
        await sign_in_there(visitor)
        assert visitor.page.status_code == 403
        assert (await visitor.open("/")).url.path == "/sign-in"


async def test_second_person_with_the_address_of_the_first_is_refused(
    provided: World, provider: LittleProvider
) -> None:
    async with outside(provided.app) as visitor, outside(provided.app) as thief:
        await sign_in_there(visitor)
        provider.will(user=JO | {"sub": "another"})
        await sign_in_there(thief)
        assert (thief.page.status_code, "belongs to another sign-in" in thief.text()) == (403, True)
        assert (await thief.open("/")).url.path == "/sign-in"
    assert [row["subject"] for row in await rows(provided, "SELECT subject FROM identity")] == [JO["sub"]]


async def test_answer_is_good_once(provided: World, provider: LittleProvider) -> None:
    async with outside(provided.app) as visitor, outside(provided.app) as thief:
        back = await answer_of(await lead(visitor))
        thief.http.cookies.update(visitor.http.cookies)
        both = await asyncio.gather(visitor.open(back), thief.open(back))
        assert sorted(page.status_code for page in both) == [200, 403]
        assert (await thief.open(back)).status_code == 403
    assert len(await rows(provided, "SELECT * FROM session")) == 1


async def test_answer_is_for_the_browser_that_asked(provided: World, provider: LittleProvider) -> None:
    async with outside(provided.app) as visitor, outside(provided.app) as victim:
        mine = await answer_of(await lead(visitor))
        assert (await victim.open(mine)).status_code == 403  # a browser that asked nothing
        theirs = await lead(victim)
        assert (await victim.open(mine)).status_code == 403  # the state of another question
        state = parse_qs(urlsplit(theirs).query)["state"][0]
        stolen = parse_qs(urlsplit(mine).query)["code"][0]
        swapped = urlencode({"state": state, "code": stolen, "iss": provider.issuer})
        page = await victim.open(f"/sign-in/provider/back?{swapped}")  # a code that was given to somebody else
        assert (page.status_code, "took back what it had said" in victim.text()) == (403, True)
        await nobody_is_in(provided, victim)


async def test_forged_answer_uses_nothing_up(provided: World, provider: LittleProvider) -> None:
    async with outside(provided.app) as visitor:
        back = await answer_of(await lead(visitor))
        assert (await visitor.open("/sign-in/provider/back?state=guess&code=x")).status_code == 403
        assert (await visitor.open("/sign-in/provider/back?error=access_denied")).status_code == 403
        assert (await visitor.open(back)).url.path == "/"


async def test_answer_after_ten_minutes_is_too_late(provided: World, provider: LittleProvider) -> None:
    async with outside(provided.app) as visitor:
        back = await answer_of(await lead(visitor))
        async with provided.owner() as conn:
            await conn.execute("UPDATE visit SET expires_at = now() - interval '1 second'")
        await visitor.open(back)
        assert "Begin again" in visitor.text()
        await nobody_is_in(provided, visitor)


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
        {"jwks_uri": None},
    ],
)
async def test_provider_that_is_not_what_the_settings_say_is_not_asked(
    provided: World, provider: LittleProvider, about: dict[str, Any]
) -> None:
    provider.will(about=about)
    async with outside(provided.app) as visitor:
        await visitor.open("/sign-in/provider")
        assert visitor.page.status_code == 503
        await nobody_is_in(provided, visitor)


async def test_provider_that_is_away_leaves_passwords_to_sign_in_with(
    provided: World, provider: LittleProvider
) -> None:
    provider.will("away")
    async with outside(provided.app) as visitor:
        await visitor.open("/sign-in/provider")
        assert (visitor.page.status_code, "can't be reached now" in visitor.text()) == (503, True)
        assert 'name="password"' in (await visitor.open("/sign-in")).text


async def test_being_led_there_again_and_again_has_to_wait(provided: World, provider: LittleProvider) -> None:
    await staff(provided, Role.HUB, "ada@hub.example")
    async with outside(provided.app, address="203.0.113.5") as visitor, outside(provided.app) as elsewhere:
        for _ in range(101):
            await lead(visitor)
        async with provided.owner() as conn:
            await conn.execute("UPDATE attempt SET free_at = free_at + interval '1 hour' WHERE free_at > last_at")
        assert (await visitor.open("/sign-in/provider")).status_code == 429
        assert (await sign_in_there(elsewhere)).url.path == "/"


async def test_without_a_provider_there_is_no_button_and_no_page(earnest: World) -> None:
    async with outside(earnest.app) as visitor:
        assert "/sign-in/provider" not in (await visitor.open("/sign-in")).text
        for address in ("/sign-in/provider", "/sign-in/provider/back?state=x&code=y"):
            assert (await visitor.open(address)).status_code == 404
