"""People of the hub at the pages of a round's runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from tests.integration.registry_rounds.builder import RoundWorld
from tests.support.visitor import Visitor


async def staff_id(client: httpx.AsyncClient) -> str:
    """Who a caller of the API is."""
    return str((await client.get("/me")).json()["staff_id"])


@asynccontextmanager
async def signed_in(rounds: RoundWorld, client: httpx.AsyncClient | None = None) -> AsyncIterator[Visitor]:
    """A visitor who is that person; the round's first coordinator unless another is given."""
    async with Visitor(rounds.world.app) as visitor:
        await visitor.sign_in(await staff_id(client or rounds.hub))
        yield visitor
