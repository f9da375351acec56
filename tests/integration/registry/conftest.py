"""A registry on a database of its own, and people to call it as."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from hub_chassis.migrations import upgrade
from hub_registry.main import build_app
from hub_registry.settings import ROLES, Settings
from tests.integration.registry.world import World
from tests.support.databases import FreshDatabase
from tests.support.fixtures import MakeDatabase


async def _migrate(database: FreshDatabase) -> None:
    await asyncio.to_thread(upgrade, database.owner_url, package="hub_registry", login="hub", roles=ROLES)


@pytest.fixture
async def registry_database(make_database: MakeDatabase) -> FreshDatabase:
    """Give the test a migrated registry database."""
    return await make_database("registry", _migrate)


@pytest.fixture
async def world(registry_database: FreshDatabase) -> AsyncIterator[World]:
    """Give the test a running app, a hub and its coordinator."""
    settings = Settings(
        database_url=registry_database.url,
        demo=True,
        import_limit_bytes=200_000,
        body_limit_bytes=20_000,
        key_wait_s=0.5,
        pool_size=4,
    )
    app = build_app(settings)
    async with app.router.lifespan_context(app), World.of(app, registry_database) as world:
        yield world
