"""Who guesses passwords or codes waits longer and longer, and makes nobody else wait for ever."""

import asyncio
from datetime import timedelta

from hub_registry.access.principal import Role
from tests.integration.registry.world import SCHOOL_A, World
from tests.integration.registry_web.people import code, invited, outside, set_up, sign_in


async def time_passes(world: World, by: timedelta) -> None:
    async with world.owner() as conn:
        await conn.execute("UPDATE attempt SET free_at = free_at - $1::interval", by)


async def stay(world: World) -> None:
    """Let waits last, however slow this machine is."""
    async with world.owner() as conn:
        await conn.execute("UPDATE attempt SET free_at = free_at + interval '1 hour' WHERE free_at > last_at")


async def longest_wait(world: World) -> float:
    async with world.owner() as conn:
        seconds: float = await conn.fetchval("SELECT max(extract(epoch FROM free_at - last_at))::float8 FROM attempt")
    return seconds


async def test_wait_grows_and_even_the_right_password_waits_for_who_guessed(earnest: World) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as mine, outside(earnest.app, address="203.0.113.5") as stranger:
        await set_up(mine, jo.link, codes=False)
        for _ in range(6):
            await sign_in(stranger, jo.email, "a guess that is wrong")
            assert stranger.page.status_code == 422
        assert await longest_wait(earnest) == 1
        for wait_s in (2, 4, 8, 16):
            await time_passes(earnest, timedelta(seconds=wait_s))
            await sign_in(stranger, jo.email, "a guess that is wrong")
            assert stranger.page.status_code == 422
            assert await longest_wait(earnest) == wait_s
        await stay(earnest)
        await sign_in(stranger, jo.email)
        assert stranger.page.status_code == 429
        assert "wait 61 minutes, then try again" in stranger.text()
        await time_passes(earnest, timedelta(minutes=61))
        await sign_in(stranger, jo.email)
        assert stranger.page.url.path == "/"


async def test_browser_that_its_person_signed_in_from_does_not_wait_for_strangers(earnest: World) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as mine, outside(earnest.app) as stranger:  # even from the same address
        await set_up(mine, jo.link, codes=False)
        for _ in range(6):
            await sign_in(stranger, jo.email, "a guess that is wrong")
        await stay(earnest)
        await sign_in(stranger, jo.email)
        assert stranger.page.status_code == 429
        await sign_in(mine, jo.email)
        assert mine.page.url.path == "/"


async def test_person_elsewhere_waits_a_minute_at_most_however_many_strangers_guess(earnest: World) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as mine, outside(earnest.app, address="203.0.113.9") as elsewhere:
        await set_up(mine, jo.link, codes=False)
        for number in range(40):
            await time_passes(earnest, timedelta(minutes=2))
            async with outside(earnest.app, address=f"198.51.100.{number}") as stranger:
                await sign_in(stranger, jo.email, "a guess that is wrong")
        await sign_in(elsewhere, jo.email)
        assert elsewhere.page.status_code == 429
        await time_passes(earnest, timedelta(minutes=1))
        await sign_in(elsewhere, jo.email)
        assert elsewhere.page.url.path == "/"


async def test_many_guesses_at_once_do_not_get_past_the_limit(earnest: World) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as mine, outside(earnest.app, address="203.0.113.5") as stranger:
        await set_up(mine, jo.link, codes=False)
        await stranger.open("/sign-in")
        token = stranger.page.text.split('name="csrf_token" value="')[1].split('"')[0]
        fields = {"email": jo.email, "password": "a guess that is wrong", "csrf_token": token, "next": "/"}
        answers = await asyncio.gather(*(stranger.http.post("/sign-in", data=fields) for _ in range(20)))
        assert {one.status_code for one in answers} == {422, 429}
        assert (
            sum(one.status_code == 422 for one in answers) <= 9
        )  # six, and more only while a slow machine lets waits end


async def test_address_that_nobody_has_is_counted_like_one_that_somebody_has(earnest: World) -> None:
    async with outside(earnest.app) as stranger:
        for _ in range(6):
            await sign_in(stranger, "nobody@x.example", "a guess that is wrong")
        await stay(earnest)
        await sign_in(stranger, "nobody@x.example", "a guess that is wrong")
        assert stranger.page.status_code == 429


async def test_codes_are_guessed_no_faster_by_beginning_anew(earnest: World) -> None:
    ada = await invited(earnest, Role.HUB, "ada@hub.example")
    async with outside(earnest.app) as mine, outside(earnest.app, address="203.0.113.5") as thief:
        secret = await set_up(mine, ada.link, codes=True)
        for _ in range(6):
            await sign_in(thief, ada.email)
            await thief.send({"code": "000000"}, action="/sign-in/code")
            assert thief.page.status_code == 422
        await stay(earnest)
        await sign_in(thief, ada.email)
        await thief.send({"code": code(secret, steps_on=1)}, action="/sign-in/code")
        assert thief.page.status_code == 429
