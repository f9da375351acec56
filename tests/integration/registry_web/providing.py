"""A registry with an OpenID provider, members of staff who have an account there, and their way there and back."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest

from hub_chassis.database import Database
from hub_registry.access.principal import Role
from hub_registry.main import build_app
from hub_registry.settings import Settings
from hub_registry.staff.service import add_staff
from hub_schemas.ids import HubId
from tests.integration.registry.world import SCHOOL_A, World
from tests.integration.registry_web.people import SITE
from tests.support.databases import FreshDatabase
from tests.support.openid.provider import CLIENT, SECRET
from tests.support.openid.running import LittleProvider, little_provider
from tests.support.visitor import Visitor

JO = {"sub": "subject-of-jo", "email": "jo@x.example", "email_verified": True}
ADA = {"sub": "subject-of-ada", "email": "ada@hub.example", "email_verified": True}


@pytest.fixture(scope="module")
def provider() -> Iterator[LittleProvider]:
    """Give the module's tests a provider."""
    with little_provider() as running:
        yield running


@pytest.fixture
async def provided(registry_database: FreshDatabase, provider: LittleProvider) -> AsyncIterator[World]:
    """Give the test a registry that trusts the provider, with two schools, and Jo who is an adviser of one."""
    async with registered(registry_database, provider) as world:
        await world.with_schools()
        await staff(world, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
        provider.will(user=JO)
        yield world


@asynccontextmanager
async def registered(database: FreshDatabase, provider: LittleProvider, **more: Any) -> AsyncIterator[World]:
    """Run the app as in production."""
    given: dict[str, Any] = {
        "database_url": database.url,
        "internal_token": "a-real-secret",
        "public_url": SITE,
        "key_wait_s": 0.5,
        "pool_size": 4,
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
    }
    app = build_app(Settings(**given | more))
    async with app.router.lifespan_context(app), World.of(app, database) as world:
        yield world


async def staff(world: World, role: Role, email: str, *, name: str = "Jo Lunt", **where: Any) -> UUID:
    """Add a member of staff, as a coordinator would."""
    database: Database = world.app.state.databases["app"]
    hub_id = HubId(where.pop("hub_id", world.hub_id))
    async with database.transaction(hub_id=hub_id, scope={"hub.role": "hub"}) as tx:
        added = await add_staff(tx, role=role, name=name, email=email, **where)
    return UUID(str(added["staff_id"]))


async def lead(visitor: Visitor, *, next_page: str = "/") -> str:
    """Follow the button; gives the provider's address that the browser is sent to."""
    there = await visitor.http.get("/sign-in/provider", params={"next": next_page}, follow_redirects=False)
    assert there.status_code == 303, there.text
    return there.headers["location"]


async def answer_of(address: str) -> str:
    """Go to the provider; gives where it sends the browser back to."""
    async with httpx.AsyncClient() as browser:
        back = await browser.get(address)
    assert back.status_code == 302, back.text
    return back.headers["location"]


async def sign_in_there(visitor: Visitor, *, next_page: str = "/") -> httpx.Response:
    """Go there and come back."""
    return await visitor.open(await answer_of(await lead(visitor, next_page=next_page)))


async def rows(world: World, query: str) -> list[dict[str, Any]]:
    """Read what was written, past row-level security."""
    async with world.owner() as conn:
        return [dict(row) for row in await conn.fetch(query)]
