"""A registry with schools, students, slots and a draft round, and visitors of its pages."""

from collections.abc import AsyncIterator

import pytest

from hub_registry.main import build_app
from hub_registry.settings import Settings
from tests.integration.registry.conftest import registry_database, world  # noqa: F401
from tests.integration.registry.world import World
from tests.integration.registry_rounds.conftest import demo, rounds  # noqa: F401
from tests.support.databases import FreshDatabase


@pytest.fixture
async def earnest(registry_database: FreshDatabase) -> AsyncIterator[World]:  # noqa: F811
    """Give the test a running app as in production, with two schools."""
    settings = Settings(
        database_url=registry_database.url,
        demo=False,
        internal_token="a-real-secret",  # noqa: S106
        public_url="https://registry",
        key_wait_s=0.5,
        pool_size=4,
    )
    app = build_app(settings)
    async with app.router.lifespan_context(app), World.of(app, registry_database) as world:  # noqa: F811
        await world.with_schools()
        yield world
