"""Signing in by an OpenID provider that runs as a process of its own."""

import re
from urllib.parse import parse_qs, urlsplit

from hub_registry.access.principal import Role
from hub_schemas.ids import new_id
from tests.integration.registry.world import SCHOOL_B, World
from tests.integration.registry_web.people import code, invited, outside, set_up, wait_for_next_code
from tests.integration.registry_web.providing import (
    ADA,
    JO,
    lead,
    provided,
    provider,
    registered,
    rows,
    sign_in_there,
    staff,
)
from tests.support.databases import FreshDatabase
from tests.support.openid.running import LittleProvider

__all__ = ["provided", "provider"]


async def test_member_of_staff_comes_in_by_verified_address_and_from_then_on_by_name(
    provided: World, provider: LittleProvider
) -> None:
    async with outside(provided.app) as visitor, outside(provided.app) as later:
        assert "Sign in with your organisation" in (await visitor.open("/sign-in")).text
        page = await sign_in_there(visitor, next_page="/students?page=2")
        assert (page.status_code, page.url.raw_path) == (200, b"/students?page=2")
        provider.will(user={"sub": JO["sub"], "email": "new@elsewhere.example", "email_verified": False})
        assert "Jo Lunt" in (await sign_in_there(later)).text
    found = await rows(provided, "SELECT how, second_factor FROM session")
    assert found == [{"how": "provider", "second_factor": False}] * 2
    assert [row["subject"] for row in await rows(provided, "SELECT subject FROM identity")] == [JO["sub"]]


async def test_first_time_is_in_the_record(provided: World, provider: LittleProvider) -> None:
    async with outside(provided.app) as visitor:
        await sign_in_there(visitor)
    found = await rows(
        provided,
        "SELECT a.action, a.subject_kind, a.after, s.name FROM audit a JOIN staff s USING (staff_id) "
        "WHERE subject_kind IN ('identity', 'account') ORDER BY audit_id",
    )
    assert [(row["subject_kind"], row["action"], row["name"]) for row in found] == [
        ("account", "created", "Jo Lunt"),
        ("identity", "created", "Jo Lunt"),
    ]
    assert found[1]["after"] == {"issuer": provider.issuer, "subject": JO["sub"]}


async def test_address_that_only_the_userinfo_has_counts_too(provided: World, provider: LittleProvider) -> None:
    provider.will("mail elsewhere")
    async with outside(provided.app) as visitor:
        assert "Jo Lunt" in (await sign_in_there(visitor)).text


async def test_clock_a_little_behind_is_no_reason_to_refuse(provided: World, provider: LittleProvider) -> None:
    provider.will("clock behind")
    async with outside(provided.app) as visitor:
        assert (await sign_in_there(visitor)).url.path == "/"


async def test_secret_goes_into_the_form_where_the_provider_wants_it_there(
    provided: World, provider: LittleProvider
) -> None:
    provider.will(about={"token_endpoint_auth_methods_supported": ["client_secret_post"]})
    async with outside(provided.app) as visitor:
        assert (await sign_in_there(visitor)).url.path == "/"


async def test_keys_that_the_provider_changed_are_fetched_anew(provided: World, provider: LittleProvider) -> None:
    async with outside(provided.app) as visitor:
        for algorithm in ("RS256", "ES256", "RS256"):
            await sign_in_there(visitor)
            assert visitor.page.url.path == "/"
            provider.will(rotate=algorithm)


async def test_coordinator_sets_up_codes_on_the_way_and_shows_one_the_next_time(
    provided: World, provider: LittleProvider
) -> None:
    await staff(provided, Role.HUB, "ada@hub.example", name="Ada Coordinator")
    provider.will(user=ADA)
    async with outside(provided.app) as visitor, outside(provided.app) as later:
        await sign_in_there(visitor)
        assert visitor.page.url.path == "/sign-in/codes"
        secret = re.sub(r"\s", "", re.findall(r"[A-Z2-7]{4}(?:\s?[A-Z2-7]{4}){7}", visitor.page.text)[0])
        assert (await visitor.open("/")).url.path == "/sign-in"  # not in yet
        await visitor.open("/sign-in/codes")
        await visitor.send({"code": "000000"}, action="/sign-in/codes")
        assert visitor.page.status_code == 422
        await visitor.send({"code": code(secret)}, action="/sign-in/codes")
        await visitor.send(action="/sign-in/on")
        assert "Ada Coordinator" in visitor.page.text
        await sign_in_there(later)
        assert later.page.url.path == "/sign-in/code"
        await wait_for_next_code(provided)
        await later.send({"code": code(secret)}, action="/sign-in/code")
        assert later.page.url.path == "/"
    found = await rows(provided, "SELECT how, second_factor FROM session")
    assert found == [{"how": "provider", "second_factor": True}] * 2


async def test_second_factor_of_the_provider_counts_where_the_settings_say_so(
    registry_database: FreshDatabase, provider: LittleProvider
) -> None:
    async with registered(registry_database, provider, oidc_acr="gold silver", oidc_amr="otp hwk") as world:
        await staff(world, Role.HUB, "ada@hub.example")
        for shown, comes_in in (
            ({"acr": "silver"}, True),
            ({"amr": ["pwd", "otp"]}, True),
            ({"acr": "bronze", "amr": ["pwd"]}, False),
            ({"acr": "gold silver"}, False),
        ):
            provider.will(user=ADA | shown)
            async with outside(world.app) as visitor:
                page = await sign_in_there(visitor)
                assert page.url.path == ("/" if comes_in else "/sign-in/codes"), shown
        assert provider.will()["acr_values"] == "gold silver"


async def test_codes_of_this_site_are_asked_for_however_somebody_comes_in(
    provided: World, provider: LittleProvider
) -> None:
    ada = await invited(provided, Role.HUB, "ada@hub.example")
    provider.will(user=ADA)
    async with outside(provided.app) as visitor, outside(provided.app) as later:
        await set_up(visitor, ada.link, codes=True)
        assert (await sign_in_there(later)).url.path == "/sign-in/code"


async def test_person_of_two_schools_chooses_which(provided: World, provider: LittleProvider) -> None:
    second = await staff(provided, Role.ADVISER, "JO@x.example", school_id=SCHOOL_B)
    async with outside(provided.app) as visitor:
        assert (await sign_in_there(visitor)).url.path == "/sign-in/choose"
        await visitor.send({"staff_id": str(second)}, action="/sign-in/choose")
        assert visitor.page.url.path == "/"


async def test_person_whose_address_a_coordinator_changed_is_known_by_the_new_one(
    provided: World, provider: LittleProvider
) -> None:
    async with outside(provided.app) as visitor:
        await sign_in_there(visitor)
        async with provided.owner() as conn:
            await conn.execute("UPDATE staff SET email = 'jo.lunt@x.example' WHERE email = 'jo@x.example'")
        assert (await sign_in_there(visitor)).status_code == 403
        provider.will(user=JO | {"email": "jo.lunt@x.example"})
        assert (await sign_in_there(visitor)).url.path == "/"


async def test_person_of_one_hub_takes_no_second_account_of_it_by_address(
    provided: World, provider: LittleProvider
) -> None:
    await staff(provided, Role.HUB, "ada@hub.example")
    async with outside(provided.app) as visitor:
        await sign_in_there(visitor)
        provider.will(user=JO | {"email": "ada@hub.example"})
        assert "Jo Lunt" in (await sign_in_there(visitor)).text
    assert [row["email"] for row in await rows(provided, "SELECT email FROM account")] == ["jo@x.example"]


async def test_coordinator_parts_an_account_from_a_sign_in_that_was_made_anew(
    provided: World, provider: LittleProvider
) -> None:
    ada = await invited(provided, Role.HUB, "ada@hub.example")
    jo = (await rows(provided, "SELECT staff_id FROM staff WHERE email = 'jo@x.example'"))[0]["staff_id"]
    async with outside(provided.app) as jos, outside(provided.app) as visitor, outside(provided.app) as stranger:
        await sign_in_there(jos)
        await set_up(visitor, ada.link, codes=True)
        provider.will(user=JO | {"sub": "made anew"})
        assert "belongs to another sign-in" in (await sign_in_there(stranger)).text
        await visitor.open(f"/staff/{jo}")
        await visitor.send(action="/provider/part")
        assert "known by their address again" in visitor.text()
        assert (await jos.open("/")).url.path == "/sign-in"
        assert (await sign_in_there(stranger)).url.path == "/"
    removed = await rows(provided, "SELECT before FROM audit WHERE subject_kind = 'identity' AND action = 'removed'")
    assert [row["before"]["subject"] for row in removed] == [JO["sub"]]


async def test_coordinator_of_another_hub_parts_nobody(provided: World, provider: LittleProvider) -> None:
    other = new_id()
    async with provided.owner() as conn:
        await conn.execute("INSERT INTO hub (hub_id, slug, name) VALUES ($1, 'other', 'Other')", other)
    eve = await invited(provided, Role.HUB, "eve@other.example", hub_id=other)
    jo = (await rows(provided, "SELECT staff_id FROM staff WHERE email = 'jo@x.example'"))[0]["staff_id"]
    async with outside(provided.app) as jos, outside(provided.app) as visitor:
        await sign_in_there(jos)
        await set_up(visitor, eve.link, codes=True)
        await visitor.open(f"/staff/{eve.staff_id}")
        _, body = visitor.form("/sessions/end")
        hidden = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', body))
        answer = await visitor.http.post(f"/staff/{jo}/provider/part", data=hidden)
        assert answer.status_code == 404
        assert (await jos.open("/")).url.path == "/"
    async with provided.as_role("hub_registry_app", hub_id=str(other), role="hub") as conn:
        assert await conn.fetchval("SELECT count(account_id) FROM identity") == 0
    async with provided.as_role("hub_registry_app", hub_id=str(provided.hub_id), role="hub") as conn:
        assert await conn.fetchval("SELECT count(account_id) FROM identity") == 1


async def test_signing_out_offers_to_sign_out_at_the_provider_too(provided: World, provider: LittleProvider) -> None:
    async with outside(provided.app) as visitor:
        await sign_in_there(visitor)
        await visitor.send(action="/sign-out")
        assert (visitor.page.url.path, "You have signed out." in visitor.text()) == ("/sign-in/out", True)
        assert "eyJ" not in visitor.page.text
        there = await visitor.http.get("/sign-in/out/provider", follow_redirects=False)
        asked = parse_qs(urlsplit(there.headers["location"]).query)
        assert there.headers["location"].startswith(f"{provider.issuer}/end?")
        assert asked["post_logout_redirect_uri"] == ["https://registry/sign-in"]
        assert asked["id_token_hint"][0].count(".") == 2
        assert (await visitor.open("/")).url.path == "/sign-in"
    assert await rows(provided, "SELECT * FROM provider_session") == []


async def test_signing_out_just_signs_out_where_the_provider_offers_no_more(
    provided: World, provider: LittleProvider
) -> None:
    provider.will(about={"end_session_endpoint": None})
    async with outside(provided.app) as visitor:
        await sign_in_there(visitor)
        await visitor.send(action="/sign-out")
        assert visitor.page.url.path == "/sign-in"
        for address in ("/sign-in/out", "/sign-in/out/provider"):
            assert (await visitor.open(address)).url.path == "/sign-in"


async def test_address_after_signing_in_is_only_ever_one_of_ours(provided: World, provider: LittleProvider) -> None:
    for address in ("https://evil.example/", "//evil.example", "/\\evil.example", "/sign-out", "javascript:alert(1)"):
        async with outside(provided.app) as visitor:
            page = await sign_in_there(visitor, next_page=address)
            assert (page.url.host, page.url.path) == ("registry", "/"), address


async def test_question_has_a_state_a_nonce_and_a_challenge_of_its_own_each_time(
    provided: World, provider: LittleProvider
) -> None:
    async with outside(provided.app) as visitor:
        asked = [parse_qs(urlsplit(await lead(visitor)).query) for _ in range(2)]
        cookie = next(one for one in visitor.http.cookies.jar if one.name == "__Host-hub_visit")
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert len(asked[0][name][0]) >= 43
    assert asked[0]["code_challenge_method"] == ["S256"]
    assert asked[0]["redirect_uri"] == ["https://registry/sign-in/provider/back"]
    assert (cookie.secure, cookie.domain_specified, cookie.path) == (True, False, "/")


async def test_session_that_changed_over_can_still_sign_out_there(provided: World, provider: LittleProvider) -> None:
    second = await staff(provided, Role.ADVISER, "jo@x.example", school_id=SCHOOL_B)
    first = await rows(provided, "SELECT staff_id FROM staff WHERE email = 'jo@x.example' ORDER BY staff_id")
    async with outside(provided.app) as visitor:
        await sign_in_there(visitor)
        await visitor.send({"staff_id": str(first[0]["staff_id"])}, action="/sign-in/choose")
        await visitor.open("/account")
        await visitor.send({"staff_id": str(second)}, action="/account/change-over")
        assert visitor.page.url.path == "/"
        await visitor.send(action="/sign-out")
        assert visitor.page.url.path == "/sign-in/out"
