"""Many who sign in at the same moment wait for one answer of the provider, good or bad."""

import asyncio
from typing import Any

import httpx
import pytest

from hub_registry.errors import ProviderAway
from hub_registry.providers.client import Provider
from hub_registry.providers.model import Registration
from tests.unit.registry.test_provider_rules import DOCUMENT, ISSUER

ME = Registration(ISSUER, "hub", "s3cret", "https://hub.example")


async def at_once(answers: list[httpx.Response], *, people: int) -> tuple[list[Any], int]:
    """What each of so many people gets, and how often the provider was asked."""
    asked = 0

    async def answer(_: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.01)
        return answers[min(asked, len(answers)) - 1]

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        provider = Provider(ME, http)
        found: list[Any] = await asyncio.gather(*(provider.metadata() for _ in range(people)), return_exceptions=True)
        found.append(await asyncio.gather(provider.metadata(), return_exceptions=True))
    return found, asked


async def test_all_get_one_answer_and_it_is_kept() -> None:
    found, asked = await at_once([httpx.Response(200, json=DOCUMENT)], people=20)
    assert asked == 1
    assert {one.token_endpoint for one in [*found[:20], *found[20]]} == {DOCUMENT["token_endpoint"]}


async def test_nobody_waits_for_the_provider_to_fail_once_more_and_the_next_one_asks_anew() -> None:
    found, asked = await at_once([httpx.Response(503), httpx.Response(200, json=DOCUMENT)], people=20)
    assert [type(one) for one in found[:20]] == [ProviderAway] * 20
    assert asked == 2
    assert found[20][0].issuer == ISSUER


async def test_who_gives_up_waiting_takes_nothing_from_the_others() -> None:
    async def answer(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.05)
        return httpx.Response(200, json=DOCUMENT)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        provider = Provider(ME, http)
        waiting = asyncio.create_task(provider.metadata())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await provider.metadata()
        assert (await waiting).issuer == ISSUER
